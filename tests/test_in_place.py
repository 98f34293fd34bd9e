"""PostgreSQL in place: the same worlds give the same cells, lists, counts, figures and reasons as files do."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from salesrules.run.query import Query
from salesrules.workspace import Workspace
from tests import test_computed
from tests.hard_worlds import hard_worlds
from tests.in_place import TYPES, VARIABLE, bind, moved, new_schema, new_table, url_of
from tests.list_questions import Lists
from tests.related_company import DAY, PEOPLE, SAYS, Asker, company
from tests.related_company import write as write_company
from tests.small_packs import SHAPE, small_world, write
from tests.truth import World
from tests.views import Views

QUESTIONS = 2  # about lists, for each person and entity


@pytest.fixture(autouse=True)
def address(postgres: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, url_of(postgres))


def opened(postgres: Any, world: World, root: Path, typed: bool) -> Workspace:
    """A world in the database: with typed columns and keys, or all text without, as old systems have them."""
    write(world, root)
    new_schema(postgres, "small")
    for entity, rows in world.rows.items():
        columns = {name: TYPES.get(kind, "text") if typed else "text" for name, (kind, _) in SHAPE[entity].items()}
        lines = [[row[name] for name in SHAPE[entity]] for row in rows.values()]
        new_table(postgres, "small", entity, columns, lines, "id" if typed else "")
    bind(root, "small", list(world.rows), "small")
    return Workspace.open(root)


def compared(postgres: Any, worlds: dict[int, World], folder: Path) -> list[str]:
    found, asked = list[str](), Counter[str]()
    for seed, world in worlds.items():
        views = Views(world, opened(postgres, world, folder / str(seed), seed % 2 == 0), seed)
        found += [f"seed {seed}: {difference}" for difference in views.differences()]
        assert views.counts["cells"] > 500
        lists = Lists(world, views.workspace, seed)
        found += [f"seed {seed}: {difference}" for difference in lists.differences(QUESTIONS)]
        asked += lists.counts
        views.workspace.engine.close()
    assert min(asked[name] for name in ("rows", "hidden cells", "rows not compared", "refused")) > 0, asked
    return found


@pytest.mark.parametrize("seeds", [range(2), range(2, 4), range(4, 6)], ids=str)
def test_every_view_agrees_with_the_truth(seeds: range, postgres: Any, tmp_path: Path) -> None:
    differences = compared(postgres, {seed: small_world(seed) for seed in seeds}, tmp_path)
    assert not differences, "\n".join(differences[:20])


def test_every_view_agrees_where_it_is_hard(postgres: Any, tmp_path: Path) -> None:
    differences = compared(postgres, dict(enumerate(hard_worlds())), tmp_path)
    assert not differences, "\n".join(differences[:20])


@pytest.mark.long
@pytest.mark.parametrize("first", range(1_000, 1_250, 25))
def test_every_view_agrees_on_many_more_packs(first: int, postgres: Any, tmp_path: Path) -> None:
    differences = compared(postgres, {seed: small_world(seed) for seed in range(first, first + 25)}, tmp_path)
    assert not differences, "\n".join(differences[:20])


def test_conditions_on_rows_beside_value_tables_and_instants(postgres: Any, tmp_path: Path) -> None:
    rows = company(3)
    slices = {f"s{at}": {entity: text} for at, (entity, text, _) in enumerate(SAYS.values())}
    root = write_company(tmp_path, rows, slices, ["allow,rep,read,customer,*,s0"])
    moved(postgres, root, "related", "related")
    workspace = Workspace.open(root)
    answers = Counter[bool | None]()
    for at, (name, (entity, _, says)) in enumerate(SAYS.items()):
        for person in PEOPLE:
            asker = Asker(rows, person, DAY)
            principal = workspace.person(person, DAY)
            query = Query(workspace.snapshot, principal, entity, workspace.engine.dialect)
            condition = query.expression(workspace.snapshot.program.meanings.slices[f"s{at}", entity])
            found = dict(workspace.engine.rows(f"SELECT t.id, {condition} FROM {query.source}", query.values))
            true = {row["id"]: says(asker, row) for row in rows[entity]}
            assert found == true, (name, person)
            answers.update(true.values())
    workspace.engine.close()
    assert min(answers[True], answers[False], answers[None]) > 20


@pytest.mark.parametrize("seed", range(4))
def test_computed_fields_are_what_a_slow_reading_finds(seed: int, postgres: Any, tmp_path: Path) -> None:
    computed, (rules, lines) = test_computed.World(seed), test_computed.rules_of(Random(seed))
    take = "open" if seed % 2 else "furthest"
    root = test_computed.write(tmp_path, computed, rules, take, test_computed.OTHER)
    moved(postgres, root, "computed", "p")
    workspace = Workspace.open(root)
    test_computed.compare_with_a_slow_reading(workspace, computed, lines, take)
    workspace.engine.close()
