"""No rows that one may sum up but not read are told of in small numbers: not by one answer, not by many subtracted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesrules.run import released as releasing
from salesrules.run import withheld
from salesrules.run.kinds import OUTSIDE, Cells
from salesrules.run.leverage import Told
from salesrules.run.released import Released, released
from salesrules.workspace import Mark, Workspace
from tests import tiny_company
from tests.hard_worlds import ALL, grant, posts, sums_only
from tests.small_packs import SHAPE, small_world, write
from tests.test_access_mutants import mutated
from tests.truth import may, value, walk
from tests.views import Views

Vector = list[Fraction]
Groups = dict[tuple[int, ...], set[tuple[str, ...]]]
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


@pytest.mark.parametrize("seed", [0, 2, 3])
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


HUNDRED: list[Decimal | None] = [Decimal(n) for n in range(1, 101)]


@pytest.mark.parametrize(
    ("amounts", "kpi", "answer"),
    [
        (HUNDRED, "sales", (Decimal(5050), 100)),
        (HUNDRED, "orders", (100, 100)),
        (HUNDRED, "east", TOO_FEW),  # its filter lets one through
        ([*HUNDRED[:4], *[None] * 96], "sales", TOO_FEW),  # four have an amount
        ([*HUNDRED[:5], *[None] * 95], "sales", (Decimal(15), 100)),
        (HUNDRED[:4], "orders", TOO_FEW),
        (HUNDRED, "levels", TOO_FEW),  # one has a customer
    ],
)
def test_what_an_aggregate_counts_must_not_be_few(
    amounts: list[Decimal | None], kpi: str, answer: Any, tmp_path: Path
) -> None:
    assert one_hundred_orders(amounts, kpi, tmp_path) == answer


@pytest.mark.parametrize(
    ("in_east", "answer"), [(4, TOO_FEW), (5, (Decimal(15), 100)), (95, (Decimal(4560), 100)), (96, TOO_FEW)]
)
def test_what_a_filter_leaves_out_must_not_be_few_either(in_east: int, answer: Any, tmp_path: Path) -> None:
    assert one_hundred_orders(HUNDRED, "east", tmp_path, in_east) == answer


def test_what_is_let_through_is_found_once_for_a_figure_and_an_asker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[bool] = []

    def counted(cells: Cells, smallest: int, pairs: bool) -> Released:
        found.append(pairs)
        return released(cells, smallest, pairs)

    monkeypatch.setattr(withheld, "released", counted)
    world = sums_only(40)
    views = Views(world, Workspace.open(write(world, tmp_path)))
    people = [principal for key in world.rows["person"] if (principal := views.principal(key))]
    answers = [views.kpi(people[0], "sales", by) for by in ((), (("region",),), (("seller",),), ())]
    assert found == [False]
    assert answers[0] == answers[-1]
    views.kpi(people[0], "sales", (("region",), ("seller",)))
    views.kpi(people[0], "sales", (("seller",), ("region",)))
    assert found == [False, True]  # two fields at once are looked at when they are asked for
    views.kpi(people[0], "orders", ())
    views.kpi(replace(people[0], day=people[0].day.replace(day=1)), "orders", ())
    assert found == [False, True, False]  # nothing that opens these rows hangs on the day


# what is let through, of rows as they are


def cells_of(rows: Sequence[tuple[str, ...]], *counted: list[bool]) -> Cells:
    """Rows with their labels, and which of them bring a value to a figure."""
    names = tuple(tuple(sorted(set(column))) for column in zip(*rows, strict=True))
    codes = tuple(np.array([known.index(row[at]) for row in rows], np.int64) for at, known in enumerate(names))
    everyone = np.ones(len(rows))
    watched = (everyone, *(np.array(each, np.float64) for each in counted))
    return Cells(codes, names, everyone, tuple((None, each) for each in watched))


def told_of(rows: Sequence[tuple[str, ...]], smallest: int, *counted: list[bool]) -> Groups:
    return {way: set(of) for way, of in released(cells_of(rows, *counted), smallest, pairs=True).groups.items()}


def test_large_groups_are_told_though_some_rows_are_alone_where_two_groups_meet() -> None:
    rows = [("east", "a")] * 40 + [("east", "b")] * 30 + [("west", "a")] * 20 + [("west", "b")] * 2
    assert told_of(rows, 5) == {
        (): {()},
        (0,): {("east",), ("west",)},
        (1,): {("a",), ("b",)},
        (0, 1): set(),  # any of these and its neighbours would tell of the two
    }


def test_what_is_not_told_is_never_a_single_small_group() -> None:
    rows = [("a",)] * 40 + [("b",)] * 30 + [("c",)] * 9 + [("d",)] * 2
    assert told_of(rows, 5)[(0,)] == {("a",), ("b",)}  # without c all but the two would be known


def test_groups_that_differ_by_few_rows_are_not_both_told() -> None:
    rows = [("east", "a")] * 40 + [("west", "b")] * 30 + [("west", "a")] * 3
    assert told_of(rows, 5) == {(): {()}, (0,): {("east",), ("west",)}, (1,): set(), (0, 1): {("east", "a")}}


def test_three_groupings_together_tell_no_more() -> None:
    """Any two of them are safe, and all three are not: east + a + north - all others is one row, three times."""
    rows = [(e, a, n) for e in ("0", "1") for a in ("0", "1") for n in ("0", "1") if (e, a, n) != ("1", "1", "1")] * 6
    rows += [("1", "1", "1")]
    found = told_of(rows, 4)
    assert found[(0,)] == {("0",), ("1",)}
    assert_nothing_small(rows, 4, found)


def test_what_a_value_is_missing_of_is_as_safe() -> None:
    rows = [("east",)] * 40 + [("west",)] * 40
    assert told_of(rows, 5, [True] * 43 + [False] * 37) == {(): {()}, (0,): set()}
    assert told_of(rows, 5, [True] * 4 + [False] * 76) == {(0,): {("west",)}}  # four in all: no total, and no east
    assert told_of(rows, 5, [True] * 45 + [False] * 35) == {(): {()}, (0,): {("east",), ("west",)}}


def assert_nothing_small(rows: Sequence[tuple[str, ...]], smallest: int, told: Groups) -> None:
    """No sum of told groups, with whatever factors, is about fewer rows than `smallest`."""
    groups = [(way, labels) for way, of in told.items() for labels in of]
    vectors = np.array([[tuple(row[at] for at in way) == labels for row in rows] for way, labels in groups], float)
    if not groups:
        return
    rank = np.linalg.matrix_rank(vectors)
    for few in combinations(range(len(rows)), smallest - 1):
        assert np.linalg.matrix_rank(np.delete(vectors, few, axis=1)) == rank, [rows[at] for at in few]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.sampled_from("mn")), min_size=4, max_size=14),
    st.integers(2, 4),
)
@settings(max_examples=150, deadline=None)
def test_no_sum_of_told_groups_is_about_few_rows(rows: Sequence[tuple[str, ...]], smallest: int) -> None:
    assert_nothing_small(rows, smallest, told_of(rows, smallest))


@given(st.lists(st.tuples(*[st.sampled_from("abcd")] * 3), min_size=3, max_size=30))
@settings(max_examples=100, deadline=None)
def test_leverage_is_that_of_least_squares(rows: Sequence[tuple[str, ...]]) -> None:
    cells = cells_of(rows)
    told = Told.in_all(cells.rows)
    for codes, names in zip(cells.codes, cells.names, strict=True):
        told = told.with_grouping(codes, len(names))
    columns = np.array([[float(row[at] == name) for row in rows] for at in range(3) for name in "abcd"]).T
    left, sizes, _ = np.linalg.svd(columns, full_matrices=False)
    assert np.allclose(told.leverage(), (left[:, sizes > 1e-9] ** 2).sum(axis=1))


def test_a_row_that_only_large_factors_bring_out_is_not_told() -> None:
    """Each group is large; twelve levels of doubled factors leave the one row that breaks the pattern."""
    levels, many = 12, 40
    rows = [(f"a{k}", f"b{k + 1:02}", f"c{k}") for k in range(levels)] * many
    rows += [(f"a{k}", f"b{k:02}", "neutral") for k in range(levels + 1)] * many
    rows += [("neutral", f"b{k:02}", f"c{k}") for k in range(levels + 1)] * many
    rows += [("neutral", "neutral", "neutral")] * many + [("a0", "neutral", "neutral")]
    found = released(cells_of(rows), 5, pairs=False).groups
    groups = [(way, labels) for way, of in found.items() for labels in of]
    kinds = list(dict.fromkeys(rows))
    basis: dict[int, Vector] = {}
    for way, labels in groups:
        add(basis, [Fraction(tuple(kind[at] for at in way) == labels) for kind in kinds])
    assert len(found[(0,)]) > 10
    assert any(spans(basis, [Fraction(kind == rows[-1]) for kind in kinds]))


def test_one_figure_opens_no_other_over_the_same_rows(tmp_path: Path) -> None:
    """What is kept of a sum says nothing of the least and the middle value, whichever was asked first."""
    figures = """\
kpis:
  least: {label: {en: Least, zh: 最小}, note: {en: the least, zh: 最小}, of: order, formula: min(amount), unit: CNY}
  paid: {label: {en: Paid, zh: 有金额}, note: {en: with one, zh: 有}, of: order, formula: count(amount), unit: orders}
"""
    tiny_company.make(tmp_path, {"rules/tiny/kpis.yaml": {"kpis:\n": figures}})
    for kpis in (("paid", "least"), ("least", "paid")):
        workspace = Workspace.open(tmp_path)
        auditor = workspace.person("P-3")
        told = {kpi: workspace.kpi(auditor, kpi).rows[-1][0] for kpi in kpis}
        assert told["least"] is Mark.TOO_FEW
        assert told["paid"] is not Mark.TOO_FEW


def test_what_is_in_no_group_of_one_field_is_in_none_of_both() -> None:
    rows = [("=e", "=a")] * 9 + [("=e", OUTSIDE)] * 3 + [(OUTSIDE, "=a")] * 3
    assert told_of(rows, 4) == {(): {()}, (0,): set(), (1,): set(), (0, 1): {(OUTSIDE, OUTSIDE), ("=e", "=a")}}


def test_a_cell_that_few_rows_hide_closes_their_groups_where_these_look_at_it() -> None:
    rows = [("east", "a")] * 8 + [("west", "b")] * 9
    cells = cells_of(rows)
    few = np.array([1.0] * 2 + [0.0] * 15)
    cells = replace(cells, counted=(*cells.counted, (frozenset({0}), few)))
    assert {way: set(of) for way, of in released(cells, 5, pairs=True).groups.items()} == {
        (): {()},
        (0,): {("west",)},
        (1,): {("a",), ("b",)},
        (0, 1): {("west", "b")},
    }


def examples() -> None:
    test_large_groups_are_told_though_some_rows_are_alone_where_two_groups_meet()
    test_what_is_not_told_is_never_a_single_small_group()
    test_groups_that_differ_by_few_rows_are_not_both_told()
    test_what_a_value_is_missing_of_is_as_safe()
    test_what_is_in_no_group_of_one_field_is_in_none_of_both()
    test_a_cell_that_few_rows_hide_closes_their_groups_where_these_look_at_it()


@pytest.mark.parametrize(
    ("owner", "name", "old", "new"),
    [
        (releasing, "released", "1 / (smallest - 1)", "1 / max(smallest - 2, 0.5)"),
        (releasing, "released", "told[codes[each.kinds]] = False", "pass"),
        (releasing, "released", "each.of(way) and", ""),
        (releasing, "_let_through", "]]] = True", "]]] = False"),
        (releasing, "_grouped", "combined[outside] = -1", "pass"),
        (Told, "leverage", "2 * self", "self"),
        (Told, "with_grouping", "if not new.any()", "if True"),
        (Told, "with_grouping", "-mixed.T, own", "mixed.T, own"),
    ],
)
def test_a_fault_in_what_is_let_through_is_noticed(
    owner: Any, name: str, old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, name, mutated(owner, name, old, new))
    monkeypatch.setitem(globals(), "released", releasing.released)
    with pytest.raises(AssertionError):
        examples()
