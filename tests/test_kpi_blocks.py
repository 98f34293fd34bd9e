"""No rows that one may sum up but not read are told of in small numbers: not by one answer, not by many subtracted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from salesrules.engines.duckdb import DuckDB
from salesrules.run import withheld
from salesrules.run.blocks import Cut, Kinds, in_blocks
from salesrules.workspace import Workspace
from tests.hard_worlds import ALL, grant, posts, sums_only
from tests.small_packs import SHAPE, small_world, write
from tests.truth import may, value, walk
from tests.views import Views

Vector = list[Fraction]
TOO_FEW = "TOO FEW"


def spans(basis: dict[int, Vector], vector: Vector) -> Vector:
    """What is left of a vector when all that the basis has of it is taken away; nothing if it lies in its span."""
    left = list(vector)
    for place, known in basis.items():
        if left[place]:
            factor = left[place]
            left = [a - factor * b for a, b in zip(left, known, strict=True)]
    return left


def add(basis: dict[int, Vector], vector: Vector) -> None:
    """Make the span of a basis (each vector 1 at its place, where all others are 0) hold one vector more."""
    left = spans(basis, vector)
    place = next((at for at, part in enumerate(left) if part), None)
    if place is None:
        return
    new = [part / left[place] for part in left]
    for at, known in basis.items():
        if known[place]:
            factor = known[place]
            basis[at] = [a - factor * b for a, b in zip(known, new, strict=True)]
    basis[place] = new


def paths_of(entity: str) -> list[tuple[str, ...]]:
    """What the rows of an entity can be grouped by in one or two steps."""
    own = [(field,) for field in SHAPE[entity]]
    return own + [(f, there) for f, (_, to) in SHAPE[entity].items() if to in SHAPE for there in SHAPE[str(to)]]


def told(views: Views, person: str, kpi: str, groupings: Iterable[tuple[tuple[str, ...], ...]]) -> list[list[str]]:
    """The keys of the rows behind each figure that the product shows, whatever it is grouped by."""
    world, principal = views.world, views.principal(person)
    entity, (_, _, where) = world.kpis[kpi]
    assert principal is not None
    kept = {k: r for k, r in world.rows[entity].items() if where is None or value(world, where, "", {}, entity, r)}
    found = []
    for by in groupings:
        groups: dict[Any, list[str]] = {"all": list(kept)}
        for key, each in kept.items() if by else ():
            groups.setdefault(tuple(walk(world, entity, each, path) for path in by), []).append(key)
        answer = views.kpi(principal, kpi, by)
        found += [groups.get(label, []) for label, figure in (answer or {}).items() if figure != TOO_FEW]
    return found


@pytest.mark.parametrize("seed", range(3))
def test_no_small_group_is_in_what_all_groupings_tell_together(seed: int, tmp_path: Path) -> None:
    world = sums_only(40 + seed, times=5)
    # references that are lost close their rows, which would only make this easier
    customers = world.rows["customer"]
    orders = {
        key: {**each, "客户": each["客户"] if each["客户"] in customers else None}
        for key, each in world.rows["订单"].items()
    }
    smallest = 3
    world = replace(world, rows={**world.rows, "订单": orders}, smallest=dict.fromkeys(world.smallest, smallest))
    views = Views(world, Workspace.open(write(world, tmp_path)), seed)
    person = next(iter(world.rows["person"]))
    groupings = [(), *((path,) for path in paths_of("订单")), *combinations(paths_of("订单")[:6], 2)]
    for kpi in ("sales", "east"):
        hidden = [
            key
            for key, each in world.rows["订单"].items()
            if not may(world, person, "read", "订单", world.fields["订单"]["amount"][0], each)
            and each["amount"] is not None
        ]
        basis: dict[int, Vector] = {}
        answers = told(views, person, kpi, groupings)
        for keys in answers:
            behind = set(keys)
            add(basis, [Fraction(key in behind) for key in hidden])
        assert len(basis) > 1, "all is withheld, so nothing is shown to be safe"
        for size in range(1, smallest):
            for few in combinations(range(len(hidden)), size):
                left = spans(basis, [Fraction(at in few) for at in range(len(hidden))])
                assert any(left), f"{kpi}: {[hidden[at] for at in few]} can be had by subtraction"


def one_hundred_orders(amounts: list[Decimal | None], kpi: str, folder: Path, in_east: int = 1) -> Any:
    """A figure over orders of which everybody may sum up all and read none; without an east, none is there."""
    world = small_world(1)
    east = {**world.rows["customer"], "east": {**dict.fromkeys(SHAPE["customer"]), "id": "east", "region": "east"}}
    blank = dict.fromkeys(SHAPE["订单"])
    rows = {str(n): {**blank, "id": str(n), "amount": amount} for n, amount in enumerate(amounts)}
    for key in list(rows)[:in_east]:
        rows[key]["客户"] = "east"
    world = replace(
        world,
        active=("is", True),
        rows={**world.rows, "customer": east, "订单": rows},
        roles={"rep": []},
        slices={"all": ALL},
        posts=posts({key: ["rep"] for key in world.rows["person"]}),
        grants=grant("allow", "rep", "aggregate", "all"),
        smallest=dict.fromkeys(world.smallest, 5),
    )
    views = Views(world, Workspace.open(write(world, folder)))
    principal = views.principal(next(iter(world.rows["person"])))
    assert principal is not None
    return views.kpi(principal, kpi, ())["all"]


HUNDRED: list[Decimal | None] = [Decimal(n) for n in range(100)]


@pytest.mark.parametrize(
    ("amounts", "kpi", "answer"),
    [
        (HUNDRED, "sales", (Decimal(4950), 100)),
        (HUNDRED, "orders", (100, 100)),
        (HUNDRED, "east", TOO_FEW),  # its filter lets one through
        ([*HUNDRED[:4], *[None] * 96], "sales", TOO_FEW),  # four have an amount
        ([*HUNDRED[:5], *[None] * 95], "sales", (Decimal(10), 100)),
        (HUNDRED[:4], "orders", TOO_FEW),
        (HUNDRED, "levels", TOO_FEW),  # one has a customer
    ],
)
def test_what_an_aggregate_counts_must_not_be_few(
    amounts: list[Decimal | None], kpi: str, answer: Any, tmp_path: Path
) -> None:
    assert one_hundred_orders(amounts, kpi, tmp_path) == answer


@pytest.mark.parametrize(
    ("in_east", "answer"), [(4, TOO_FEW), (5, (Decimal(10), 100)), (95, (Decimal(4465), 100)), (96, TOO_FEW)]
)
def test_what_a_filter_leaves_out_must_not_be_few_either(in_east: int, answer: Any, tmp_path: Path) -> None:
    assert one_hundred_orders(HUNDRED, "east", tmp_path, in_east) == answer


def test_blocks_are_made_once_for_a_figure_and_an_asker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Kinds] = []

    def counted(engine: DuckDB, kinds: Kinds) -> tuple[Cut, ...]:
        made.append(kinds)
        return in_blocks(engine, kinds)

    monkeypatch.setattr(withheld, "in_blocks", counted)
    world = sums_only(40)
    views = Views(world, Workspace.open(write(world, tmp_path)))
    people = [principal for key in world.rows["person"] if (principal := views.principal(key))]
    answers = [views.kpi(people[0], "sales", by) for by in ((), (("region",),), (("seller",),), ())]
    assert len(made) == 1
    assert answers[0] == answers[-1]
    views.kpi(people[0], "orders", ())
    views.kpi(replace(people[0], day=people[0].day.replace(day=1)), "orders", ())
    assert len(made) == 2  # nothing that opens these rows hangs on the day


def test_blocks_are_cut_where_no_piece_becomes_too_small() -> None:
    rows = "VALUES ('east', 'a', 9), ('east', 'b', 2), ('south', 'a', 8), ('west', 'a', 3)"
    kinds = Kinds(f"SELECT * FROM ({rows}) AS v(region, kind, n)", {}, (("region",), ("kind",)), ("n",), 5)
    # the two of `b` stay with the rest of the east, and the west with the south, which is left
    assert in_blocks(DuckDB(), kinds) == (Cut(("region",), (("east",),)),)
