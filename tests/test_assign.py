"""Who gets the work: the allocator against a slow one in plain Python, on organisations drawn from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from random import Random

import pytest

from salesrules.work.assign.arrivals import Kind
from salesrules.work.assign.lots import Lot, Passed, Room
from salesrules.work.assign.optimal import best_total
from salesrules.work.assign.run import Run, assign
from salesrules.workspace import Workspace
from tests.assign_truth import allocate
from tests.assign_world import DAY, small_world, write


def run(folder: Path, seed: str = "s") -> Run:
    workspace = Workspace.open(folder)
    assigning = workspace.snapshot.program.assignments["leads"]
    return assign(workspace.engine, workspace.snapshot, assigning, DAY, seed)


def given(found: Run) -> dict[str, str | None]:
    return {key: found.person(at) for at, key in enumerate(found.arrivals.keys)}


@pytest.mark.parametrize("seed", range(60))
def test_everyone_gets_what_the_slow_reading_gives(seed: int, tmp_path: Path) -> None:
    world, files = small_world(seed)
    found = run(write(tmp_path, files))
    order = [one.id for one in found.panel.lineup.people]
    assert given(found) == allocate(world, order, "s")
    assert list(given(found)) == list(allocate(world, order, "s"))


@pytest.mark.parametrize("seed", range(8))
def test_the_best_total_is_the_best_of_all(seed: int) -> None:
    """Against every way to give four records to three people with little room."""
    draw = Random(seed)
    people, kinds = range(3), [draw.randint(0, 1) for _ in range(4)]
    values = {(kind, at): draw.randint(-3, 9) for kind in (0, 1) for at in people if draw.random() < 0.8}
    room = {at: draw.randint(0, 2) for at in people}
    lots = {
        kind: Lot(
            Kind(0, ()), 0, tuple(Passed(at, Room(), (values[kind, at],)) for at in people if (kind, at) in values), ()
        )
        for kind in (0, 1)
    }

    def total(found: Sequence[int | None]) -> tuple[int, int]:
        return sum(at is not None for at in found), sum(
            values[kind, at] for kind, at in zip(kinds, found, strict=True) if at is not None
        )

    def fits(found: Sequence[int | None]) -> bool:
        able = all(at is None or (kind, at) in values for kind, at in zip(kinds, found, strict=True))
        return able and all(found.count(at) <= room[at] for at in people)

    every = [ways for ways in product([None, *people], repeat=len(kinds)) if fits(ways)]
    found = best_total(kinds, lots, room)
    assert fits(found)
    assert total(found) == max(map(total, every))
