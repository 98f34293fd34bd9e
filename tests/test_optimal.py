"""The best total of all records at once: against every way to give them out, and the same from either solver."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from salesrules.retracing import Retracing
from salesrules.work.assign.arrivals import Kind
from salesrules.work.assign.carried import SOLVERS, Carrying, Solver, least_cost
from salesrules.work.assign.lots import Lot, Passed, Room
from salesrules.work.assign.optimal import best_total
from salesrules.work.assign.settling import ways
from salesrules.work.assign.turns import CHANCE, LONGEST_AGO, UNTIED
from tests.assign_world import small_world, write
from tests.test_assign import given, run
from tests.test_assigning import company, natures, opened


@dataclass(frozen=True)
class Waiting:
    """Kinds of records in order, what each is worth to whom, how much room people have, and when they got something."""

    kinds: list[int]
    values: dict[tuple[int, int], Any]
    room: dict[int, int]
    last: list[int]

    def lots(self) -> dict[int, Lot]:
        def passed(kind: int) -> tuple[Passed, ...]:
            return tuple(Passed(at, Room(), (self.values[kind, at],)) for at in self.room if (kind, at) in self.values)

        return {kind: Lot(Kind(0, ()), 0, passed(kind), ()) for kind in self.kinds}

    def solved(self, solver: Solver) -> list[tuple[int | None, int]]:
        return best_total(self.kinds, self.lots(), self.room, self.last, solver)


def drawn(seed: int, records: int, kinds: int, people: int, values: Sequence[Any], most: int) -> Waiting:
    draw = Random(seed)
    return Waiting(
        [draw.randrange(kinds) for _ in range(records)],
        {(kind, at): draw.choice(values) for kind in range(kinds) for at in range(people) if draw.random() < 0.8},
        {at: draw.randint(0, most) for at in range(people)},
        [draw.choice([0, 0, 3, 5, 8 + at]) for at in range(people)],
    )


def slowly(world: Waiting) -> list[tuple[int | None, int]]:
    """Every way to give the records out; of the best, record by record those who got something longest ago."""

    def fits(way: Sequence[int | None]) -> bool:
        able = all(at is None or (kind, at) in world.values for kind, at in zip(world.kinds, way, strict=True))
        return able and all(way.count(at) <= room for at, room in world.room.items())

    def total(way: Sequence[int | None]) -> tuple[int, Any]:
        gets = [world.values[kind, at] for kind, at in zip(world.kinds, way, strict=True) if at is not None]
        return len(gets), sum(gets)

    every = [way for way in product([None, *world.room], repeat=len(world.kinds)) if fits(way)]
    best = max(map(total, every))
    ways, last, found = [way for way in every if total(way) == best], list(world.last), list[tuple[int | None, int]]()
    for number in range(len(world.kinds)):
        could = {at for way in ways if (at := way[number]) is not None}
        ranked = sorted(could, key=lambda at: (last[at], at))
        chosen = ranked[0] if ranked else None
        tied = UNTIED if len(ranked) < 2 else CHANCE if last[ranked[0]] == last[ranked[1]] else LONGEST_AGO
        ways = [way for way in ways if way[number] == chosen]
        if chosen is not None:
            last[chosen] = max(last) + 1
        found.append((chosen, tied))
    return found


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("seed", range(60))
def test_it_is_the_best_of_all_and_the_first_of_the_best(seed: int, solver: Solver) -> None:
    draw = Random(seed)
    shape = draw.choice([(5, 2, 3), (4, 3, 4), (6, 2, 3), (5, 5, 3)])
    values = draw.choice([[0], [1, 2], range(-3, 10), [Decimal("0.1"), Decimal("0.25"), 1], [10**30, 1, -(10**30)]])
    world = drawn(seed, *shape, values, draw.choice([1, 2, 3]))
    assert world.solved(solver) == slowly(world)


SIZES: list[tuple[int, int, int, Sequence[Any], int]] = [
    (200, 12, 20, [1, 2, 3], 12),  # few values, so that very many totals are the best
    (200, 12, 20, [1, 2, 3], 6),  # and too little room
    (300, 40, 50, range(-50, 50), 9),
    (150, 150, 60, [0, 1], 3),
    (400, 3, 9, [5], 60),
]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("seed", range(6))
def test_both_solvers_give_every_record_to_the_same_person(
    seed: int, size: tuple[int, int, int, Sequence[Any], int]
) -> None:
    world = drawn(seed, *size)
    first, second = (world.solved(solver) for solver in SOLVERS)
    assert first == second


def test_any_best_plan_leads_to_the_same_ways() -> None:
    """All best plans of a small network, found by trying: each has the same ways, and keeps to them."""
    for seed in range(40):
        draw = np.random.default_rng(seed)
        cost = draw.integers(0, 3, (2, 3))
        able = np.concatenate([draw.random((2, 2)) < 0.8, np.ones((2, 1), dtype=bool)], axis=1)
        carrying = Carrying(np.array([2, 2]), np.array([draw.integers(0, 3), draw.integers(0, 3), 4]), cost, able)
        plans = list(every_plan(carrying))
        least = min((plan * cost).sum() for plan in plans)
        best = [plan for plan in plans if (plan * cost).sum() == least]
        assert {(plan * cost).sum() for plan in (least_cost(carrying, each) for each in SOLVERS)} == {least}
        found = {ways(carrying, plan) for plan in best}
        assert len(found) == 1
        (same,) = found
        for row in range(2):
            used = {int(column) for plan in best for column in np.flatnonzero(plan[row])}
            assert used <= {column for column in range(3) if same.tight[row] >> column & 1}


def every_plan(carrying: Carrying) -> Iterator[Any]:
    for cells in product(range(3), repeat=6):
        plan = np.array(cells).reshape(2, 3)
        fits = (plan.sum(axis=1) == carrying.supply).all() and (plan.sum(axis=0) <= carrying.room).all()
        if fits and not plan[~carrying.able].any():
            yield plan


def test_equals_share_what_is_worth_the_same() -> None:
    """Not one of them up to the brim before the next gets anything."""
    world = Waiting([0] * 30, {(0, at): 7 for at in range(3)}, {0: 30, 1: 30, 2: 30}, [0, 0, 4])
    found = [at for at, _ in world.solved("networkx")]
    assert found[:4] == [0, 1, 2, 0]
    assert [found.count(at) for at in range(3)] == [10, 10, 10]


def test_without_any_room_everything_waits() -> None:
    world = Waiting([0, 0], {(0, 0): 1}, {0: 0}, [0])
    assert world.solved("ortools") == [(None, UNTIED), (None, UNTIED)]
    assert replace(world, values={}).solved("ortools") == [(None, UNTIED), (None, UNTIED)]


RULES = """    when: owner is null
    limits: {open: candidate.capacity}
    order_by: [age]
    rules:
      - {id: turns, when: "hot", pick: round_robin}
      - {id: best, pick: {optimal: "case when candidate.skill >= difficulty then 10 else candidate.skill end"}}"""


def worlds(seed: int, change: Callable[[Any], Any] = lambda cell: cell) -> Mapping[str, Any]:
    files = {**small_world(seed)[1], "rules": RULES}
    return {k: ([[change(c) for c in row] for row in v] if k.endswith(".csv") else v) for k, v in files.items()}


@pytest.mark.parametrize("seed", range(300, 308))
def test_runs_of_both_solvers_agree_and_other_ids_change_nothing(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def renamed(cell: Any) -> Any:
        return f"Q{7 * int(cell[2:]) % 11}" if isinstance(cell, str) and cell.startswith("P-") else cell

    one, other = write(tmp_path / "one", worlds(seed)), write(tmp_path / "two", worlds(seed, renamed))
    found = run(one)
    monkeypatch.setattr("salesrules.work.assign.carried.MANY", 0)  # now OR-tools takes the smallest of all
    assert given(run(one)) == given(found)
    assert natures(run(other)) == natures(found)


def test_what_is_left_over_says_that_everybody_had_enough(tmp_path: Path) -> None:
    """Twelve of twenty records find three people who can have four each."""
    rules = RULES.replace("    limits: {open: candidate.capacity}", '    limits: {per_day: "4"}')
    assigner = opened(company(tmp_path, rules, leads=20))
    found = assigner.assign("lead")
    decisions = [one for one in assigner.working.store.decisions() if one.key]
    waiting = [one for one in decisions if one.person is None]
    assert Counter(one.person for one in decisions) == {"P-1": 4, "P-2": 4, "P-3": 4, None: 8}
    assert Retracing(assigner.working).replay(str(found.kept)).moved == []
    for one in waiting:
        told = Retracing(assigner.working).recalled(one, "P-3")
        assert (told.choice.stopped, told.choice.left) == ((("per_day", 3),), 0)
        assert told.person is not None
        assert (told.person.check, told.person.value, told.person.limit) == ("per_day", 4, 4)


def test_a_run_that_was_kept_replays_with_the_other_solver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assigner = opened(write(tmp_path, worlds(301)))
    kept = assigner.assign("lead", seed="s").kept
    assert kept is not None
    monkeypatch.setattr("salesrules.work.assign.carried.MANY", 0)
    assert Retracing(assigner.working).replay(kept).moved == []
