"""Cells that need not be looked at: on packs made at random the rows are the same without them, and cells are fewer."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from salesrules.expr.dialects import DUCKDB
from salesrules.issue import AccessDenied
from salesrules.meaning.reads import Read
from salesrules.run.query import Query
from salesrules.workspace import Workspace
from tests.small_packs import ACTIONS, small_world, write
from tests.truth import ROW_ACTIONS, categories


@pytest.mark.parametrize("seed", range(4))
def test_the_same_rows_are_open(seed: int, tmp_path: Path) -> None:
    world = small_world(seed)
    workspace = Workspace.open(write(world, tmp_path))
    left_out = 0
    for person, entity in product(world.rows["person"], world.rows):
        try:
            principal = workspace.person(person, world.day)
        except AccessDenied:
            continue
        cells = [Read((), entity, category) for category in categories(world, entity)]
        for action, every in product(set(ACTIONS) - set(ROW_ACTIONS), (True, False)):
            query = Query(workspace.snapshot, principal, entity, DUCKDB)
            enough = query.enough(action, cells, every)
            left_out += len(cells) - len(enough)
            word = " AND " if every else " OR "
            all_, few = (
                word.join(query.allowed(action, (), entity, cell.category) for cell in these)
                for these in (cells, enough)
            )
            sql = f"SELECT count(*) FROM {query.source} WHERE (({all_}) IS TRUE) <> (({few}) IS TRUE)"
            assert workspace.engine.rows(sql, query.values) == [(0,)], (person, entity, action, every)
    assert left_out
