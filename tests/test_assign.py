"""Who gets the work: the allocator against a slow one in plain Python, on organisations drawn from a seed."""

from __future__ import annotations

from pathlib import Path

import pytest

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
