"""PostgreSQL in place: the same worlds give the same cells, lists, counts, figures and reasons as files do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from salesrules.demo import Made, make
from salesrules.issue import AccessDenied
from salesrules.run.answer import Answer
from salesrules.run.query import Query
from salesrules.sources.beside import tables_of
from salesrules.workspace import Explanation, Workspace
from tests.hard_worlds import hard_worlds
from tests.in_place import TYPES, VARIABLE, bind, from_csv, moved, new_schema, new_table, url_of
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


def test_every_view_agrees_with_the_truth(postgres: Any, tmp_path: Path) -> None:
    differences = compared(postgres, {seed: small_world(seed) for seed in range(6)}, tmp_path)
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


@pytest.fixture(scope="module")
def both(postgres: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, Workspace, Made]]:
    """The company of the demo read from its files, and in place."""
    files, tables = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("tables")
    make(files)
    made = make(tables)
    new_schema(postgres, "demo")
    expected = Workspace.open(files)
    for entity in tables_of(expected.pack).values():
        types = {field.id: TYPES.get(field.type, "text") for field in entity.fields.values()}
        types |= {"amount": "text"} if entity.id == "collection" else {}  # one of them stands there in words
        key = "id" if "id" in entity.fields and entity.id != "customer" else ""  # one customer stands there twice
        from_csv(postgres, "demo", tables / f"data/{entity.id}.csv", key, types)
    bind(tables, "demo", list(tables_of(expected.pack)), "standard")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, url_of(postgres))
        in_place = Workspace.open(tables)
    yield expected, in_place, made
    in_place.engine.close()


LISTS: dict[str, dict[str, Any]] = {
    "a filter by a tree": {"entity": "customer", "where": "within(region, 'east') and owner is not null"},
    "the largest first": {"entity": "opportunity", "where": "amount > 20000", "sort": "-amount,customer.name"},
    "along a path": {"entity": "opportunity", "columns": "id,customer.name,customer.region", "sort": "customer.region"},
    "by a stage": {"entity": "opportunity", "where": "stage in ('won', 'lost')", "sort": "stage,-closes_on,id"},
    "by days": {"entity": "customer", "where": "created_on is not null", "sort": "-created_on"},
}


def asked(workspace: Workspace, person: str) -> Iterator[tuple[str, Answer | tuple[Explanation, ...]]]:
    """Everything that a person can be told: pages, counts, figures by everything, reasons for some records."""
    principal = workspace.person(person)
    for entity in workspace.entities(principal):
        page = workspace.see(principal, entity, limit=100)
        yield entity, page
        yield f"{entity}, later", workspace.see(principal, entity, limit=7, offset=90)
        for key in page.keys[:5]:
            for action in ("read", "update", "export", "assign"):
                yield f"why {action} {entity} {key}", workspace.why(principal, action, entity, key)
    for name, question in LISTS.items():
        with suppress(AccessDenied):
            yield name, workspace.see(principal, limit=20, **question)
    for kpi in workspace.kpis(principal):
        groups = workspace.groupings(principal, kpi)
        for by in ((), groups[:1], groups[:2]):
            yield f"{kpi} by {by}", workspace.kpi(principal, kpi, by)


@pytest.mark.parametrize("who", ["rep", "manager", "auditor"])
def test_the_demo_is_told_alike_from_files_and_in_place(both: tuple[Workspace, Workspace, Made], who: str) -> None:
    files, in_place, made = both
    expected, found = (list(asked(workspace, getattr(made, who))) for workspace in (files, in_place))
    assert len(expected) > 10
    assert [question for question, _ in found] == [question for question, _ in expected]
    for (question, answer), (_, true) in zip(found, expected, strict=True):
        assert same(answer, true), question
    assert in_place.rejects == files.rejects
    assert in_place.warnings == files.warnings
    assert in_place.row_count() == files.row_count()


def test_the_demo_is_examined_alike_from_files_and_in_place(both: tuple[Workspace, Workspace, Made]) -> None:
    files, in_place, _ = both
    found, true = in_place.doctor(), files.doctor()
    assert sorted((s.what, s.rows) for s in found.sources) == sorted((s.what, s.rows) for s in true.sources)
    assert (found.aliases, found.empty, found.garbled) == (true.aliases, true.empty, true.garbled)
    assert len(found.aliases) > 2
    day = files.today()
    assert in_place.matrix(day, ("customer", "opportunity")) == files.matrix(day, ("customer", "opportunity"))


def same(found: Answer | tuple[Explanation, ...], true: Answer | tuple[Explanation, ...]) -> bool:
    """The same rows with values of the same types; quotients within the last digit."""
    if isinstance(found, tuple) or isinstance(true, tuple):
        return found == true
    close = len(found.rows) == len(true.rows) and all(
        type(a) is type(b) and (a == pytest.approx(b, rel=1e-9) if isinstance(a, float) else a == b)
        for left, right in zip(found.rows, true.rows, strict=True)
        for a, b in zip(left, right, strict=True)
    )
    about = [(a.columns, a.total, a.visible, a.slices, a.keys) for a in (found, true)]
    return close and about[0] == about[1]


@pytest.mark.parametrize("key", ["nobody", "nul \0 in it", "half a \ud800 letter", "'", "$key"])
def test_a_key_that_no_record_can_have_gets_the_one_answer(both: tuple[Workspace, Workspace, Made], key: str) -> None:
    _, in_place, made = both
    with pytest.raises(AccessDenied) as refused:
        in_place.can(in_place.person(made.rep), "read", "customer", key)
    assert [issue.code for issue in refused.value.issues] == ["access.no_record"]


def test_what_those_who_run_the_workspace_are_told_is_the_same(both: tuple[Workspace, Workspace, Made]) -> None:
    files, in_place, _ = both
    assert in_place.quality() == files.quality()
    assert any(rule.unmet for rule in files.quality().rules)
    for level in (None, "area"):
        assert in_place.balance(DAY, "region", level) == files.balance(DAY, "region", level)
