"""Who sees which cell: the product's filter, decision, pages and Casbin say what the truth says, cell by cell."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from salesrules.workspace import Workspace
from tests.hard_worlds import hard_worlds
from tests.small_packs import small_world, write
from tests.truth import World
from tests.views import Views

PACKS, PARTS = 24, 3
WIDE = {0: 201_000, 1: 213_000, 2: 212_000, 3: 206_000, 4: 174_000}  # in parts: at least so many cells in each
assert sum(WIDE.values()) >= 1_000_000


def compared(worlds: dict[int, World], folder: Path) -> tuple[list[str], Counter[str]]:
    """All differences on some worlds, and how much was compared."""
    found: list[str] = []
    counts: Counter[str] = Counter()
    for seed, world in worlds.items():
        views = Views(world, Workspace.open(write(world, folder / str(seed))), seed)
        found += [f"seed {seed}: {difference}" for difference in views.differences()]
        counts += views.counts
    return found, counts


@pytest.mark.parametrize("part", range(PARTS))
def test_every_view_agrees_with_the_truth(part: int, tmp_path: Path) -> None:
    differences, counts = compared({seed: small_world(seed) for seed in range(part, PACKS, PARTS)}, tmp_path)
    assert not differences, "\n".join(differences[:20])
    assert counts["cells"] * PARTS >= 70_000, counts  # a million are compared below
    # neither everything closed nor everything open, or agreeing would say little
    assert counts["cells"] * 0.1 < counts["open cells"] < counts["cells"] * 0.5, counts
    assert min(counts["listed rows"], counts["kpis"] - counts["kpis refused"], counts["groups withheld"]) > 100, counts


@pytest.mark.parametrize(("part", "cells"), WIDE.items())
def test_filter_decision_and_casbin_agree_with_the_truth_on_a_million_cells(
    part: int, cells: int, tmp_path: Path
) -> None:
    counts: Counter[str] = Counter()
    for seed in range(200 + part, 225, len(WIDE)):
        world = small_world(seed, times=16)
        views = Views(world, Workspace.open(write(world, tmp_path / str(seed))), seed)
        people = [principal for person in world.rows["person"] if (principal := views.principal(person))]
        for principal in people:
            for entity in world.rows:
                differences = list(islice(views.many_decisions(principal, entity), 20))
                assert not differences, "\n".join(differences)
        counts += views.counts
    assert counts["cells"] >= cells, counts
    assert counts["cells"] * 0.1 < counts["open cells"] < counts["cells"] * 0.5, counts


def test_every_view_agrees_where_it_is_hard(tmp_path: Path) -> None:
    differences, counts = compared(dict(enumerate(hard_worlds())), tmp_path)
    assert not differences, "\n".join(differences[:20])
    assert counts["groups withheld"] > 50, counts


@pytest.mark.long
@pytest.mark.parametrize("first", range(1_000, 1_500, 25))
def test_every_view_agrees_on_many_more_packs(first: int, tmp_path: Path) -> None:
    differences, _ = compared({seed: small_world(seed) for seed in range(first, first + 25)}, tmp_path)
    assert not differences, "\n".join(differences[:20])
