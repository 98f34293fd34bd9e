"""The company of the demo in a PostgreSQL is told to everyone as it is told from its files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from salesrules.demo import Made, make
from salesrules.issue import AccessDenied
from salesrules.overseeing import Overseer
from salesrules.run.answer import Answer
from salesrules.sources.rows.beside import tables_of, tables_read
from salesrules.workspace import Workspace
from tests.in_place import TYPES, VARIABLE, bind, from_csv, new_schema, url_of
from tests.related_company import DAY


@pytest.fixture(scope="module")
def both(postgres: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, Workspace, Made]]:
    """The company of the demo read from its files, and in place."""
    files, tables = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("tables")
    make(files)
    made = make(tables)
    new_schema(postgres, "demo")
    expected = Workspace.open(files)
    for entity in tables_read(expected.pack).values():
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
    "by what is computed": {"entity": "customer", "where": "segment = 'key_account'", "sort": "lifecycle,-segment,id"},
    "along a path to it": {"entity": "opportunity", "columns": "id,customer.lifecycle,lifecycle", "sort": "lifecycle"},
    "what is masked": {"entity": "customer", "columns": "id,phone,owner.phone", "sort": "phone"},
    "of one's own": {"entity": "opportunity", "where": "owner = user or reports_to(owner, user)", "sort": "-owner"},
    "of nobody's people": {"entity": "customer", "where": "owner is null or owner.manager is null", "sort": "owner"},
}


def asked(workspace: Workspace, person: str) -> Iterator[tuple[str, Any]]:
    """Everything that a person can be told: pages, files, figures, reasons and decisions for some records."""
    principal = workspace.person(person)
    for entity in workspace.entities(principal):
        page = workspace.see(principal, entity, limit=100)
        yield entity, page
        yield f"{entity}, later", workspace.see(principal, entity, limit=7, offset=90)
        for key in page.keys[:2]:
            for action in ("read", "update", "export", "assign"):
                yield f"why {action} {entity} {key}", workspace.why(principal, action, entity, key)
                yield f"can {action} {entity} {key}", workspace.can(principal, action, entity, key)
            for field in ("segment", "lifecycle"):
                if field in workspace.pack.entities[entity].fields:
                    yield f"origin {key} {field}", origin(workspace, person, entity, key, field)
        if workspace.may_export(principal, entity):
            yield f"{entity}, as a file", workspace.export(principal, entity)
    for name, question in LISTS.items():
        with suppress(AccessDenied):
            yield name, workspace.see(principal, limit=20, **question)
    for kpi in workspace.kpis(principal):
        groups = workspace.groupings(principal, kpi)
        computed = tuple(name for name in groups if name.endswith(("segment", "lifecycle")))
        for by in ((), groups[:1], groups[:2], computed):
            yield f"{kpi} by {by}", workspace.kpi(principal, kpi, by)


def origin(workspace: Workspace, person: str, entity: str, key: str, field: str) -> Any:
    found = workspace.origin(workspace.person(person), entity, key, field)
    return found and (found.member, found.lines, found.cells)


@pytest.mark.parametrize("who", ["rep", "manager", "auditor"])
def test_the_demo_is_told_alike_from_files_and_in_place(both: tuple[Workspace, Workspace, Made], who: str) -> None:
    files, in_place, made = both
    expected, found = (list(asked(workspace, getattr(made, who))) for workspace in (files, in_place))
    assert len(expected) > 10
    assert [question for question, _ in found] == [question for question, _ in expected]
    for (question, answer), (_, true) in zip(found, expected, strict=True):
        assert same(answer, true), question
    assert len(files.rejects) > 3
    assert in_place.rejects == files.rejects
    assert in_place.warnings == files.warnings
    written, there = (
        sorted((table.entity, row.field, row.reason, row.cells) for table in overseer.rejected() for row in table.rows)
        for overseer in (Overseer(files), Overseer(in_place))
    )
    assert there == written
    assert Overseer(in_place).row_count() == Overseer(files).row_count()


def test_the_demo_is_examined_alike_from_files_and_in_place(both: tuple[Workspace, Workspace, Made]) -> None:
    files, in_place, _ = both
    found, true = Overseer(in_place).doctor(), Overseer(files).doctor()
    assert sorted((s.what, s.rows) for s in found.sources) == sorted((s.what, s.rows) for s in true.sources)
    assert (found.aliases, found.empty, found.garbled) == (true.aliases, true.empty, true.garbled)
    assert len(found.aliases) > 2
    day = files.today()
    assert Overseer(in_place).matrix(day, ("customer", "opportunity")) == Overseer(files).matrix(
        day, ("customer", "opportunity")
    )


def same(found: Any, true: Any) -> bool:
    """The same rows with values of the same types; quotients within the last digit."""
    if not isinstance(found, Answer):
        return found == true
    close = len(found.rows) == len(true.rows) and all(
        type(a) is type(b) and (a == pytest.approx(b, rel=1e-9) if isinstance(a, float) else a == b)
        for left, right in zip(found.rows, true.rows, strict=True)
        for a, b in zip(left, right, strict=True)
    )
    about = [(a.columns, a.total, a.visible, a.slices, a.keys, a.uncompared, a.not_exported) for a in (found, true)]
    return close and about[0] == about[1]


@pytest.mark.parametrize("key", ["nobody", "nul \0 in it", "half a \ud800 letter", "'", "$key"])
def test_a_key_that_no_record_can_have_gets_the_one_answer(both: tuple[Workspace, Workspace, Made], key: str) -> None:
    _, in_place, made = both
    with pytest.raises(AccessDenied) as refused:
        in_place.can(in_place.person(made.rep), "read", "customer", key)
    assert [issue.code for issue in refused.value.issues] == ["access.no_record"]


def test_what_those_who_run_the_workspace_are_told_is_the_same(both: tuple[Workspace, Workspace, Made]) -> None:
    files, in_place, _ = both
    assert Overseer(in_place).quality() == Overseer(files).quality()
    assert any(rule.unmet for rule in Overseer(files).quality().rules)
    for level in (None, "area"):
        assert Overseer(in_place).balance(DAY, "region", level) == Overseer(files).balance(DAY, "region", level)
