"""A question to the decisions behind it, with full rights: why it is answered so, and which grants hold there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from salesrules.access.why import Reason, reason
from salesrules.compile import Touched, touched_by
from salesrules.expr.kinds import Kind
from salesrules.expr.typed import Leaf
from salesrules.issue import AccessDenied
from salesrules.pack.policies import ROW_ACTIONS, Grant
from salesrules.pack.tests import AssignCase, CanCase, KpiCase, ReadCase
from salesrules.packtest.outcome import AccessCase, AnyCase, OpenTest
from salesrules.run.needed import closed
from salesrules.run.query import Query
from salesrules.run.records import record_leaves
from salesrules.workspace import Principal


def reasons(
    opened: OpenTest, person: Principal, action: str, entity: str, key: str, field: str | None = None
) -> tuple[Reason, ...]:
    """The decision about one field of a record, or about each of its categories, seen or not."""
    fields = opened.workspace.pack.entities[entity].fields
    categories = {fields[field].category} if field is not None else {f.category for f in fields.values()}
    return _decided(opened, person, action, entity, key, {"*"} if action in ROW_ACTIONS else categories)


def _decided(
    opened: OpenTest, person: Principal, action: str, entity: str, key: str, categories: Iterable[str]
) -> tuple[Reason, ...]:
    snapshot, engine = opened.workspace.snapshot, opened.workspace.engine
    row = record_leaves(engine, snapshot, person, entity, key)
    return tuple(reason(snapshot, person, action, entity, key, category, row) for category in sorted(categories))


def touched(opened: OpenTest, case: KpiCase) -> tuple[str, Touched]:
    """The entity of a KPI, and every cell that the question touches; a KPI that names no field touches them all."""
    pack = opened.workspace.pack
    measure = opened.workspace.snapshot.program.measures[case.kpi]
    paths = [Leaf(Kind("text"), "row", tuple(name.split("."))) for name in case.by]
    cells = measure.touched | touched_by(pack, measure.entity, *paths)
    categories = {field.category for field in pack.entities[measure.entity].fields.values()}
    return measure.entity, cells or frozenset(((), measure.entity, category) for category in categories)


def leaned_on(opened: OpenTest, case: AnyCase) -> frozenset[Grant]:
    """The grants whose slice holds on some cell that an expectation, which holds, looks at."""
    if isinstance(case, AssignCase):  # which grants let people read what they get is not looked at grant by grant
        return frozenset()
    try:
        person = opened.workspace.person(case.as_, case.at or opened.test.now)
    except AccessDenied:
        return frozenset()
    decided = _looked_at(opened, person, case)
    return frozenset(line.grant for found in decided for line, holds in found.lines if holds)


def _looked_at(opened: OpenTest, person: Principal, case: AccessCase) -> Iterator[Reason]:
    match case:
        case ReadCase():
            if case.sees is not None:
                for key in opened.keys(case.read):
                    yield from reasons(opened, person, "read", case.read, key)
            for key, _, field in (cell.rpartition(".") for cell in (*case.cells, *case.hidden)):
                yield from reasons(opened, person, "read", case.read, key, field)
        case CanCase():
            for entity, keys in case.records.items():
                for action, key in ((action, key) for action in case.can for key in keys):
                    yield from reasons(opened, person, action, entity, key, case.field_)
        case KpiCase():
            yield from _counted(opened, person, case)


def _counted(opened: OpenTest, person: Principal, case: KpiCase) -> Iterator[Reason]:
    """The decisions about every cell of every record that a figure could be made of."""
    entity, cells = touched(opened, case)
    snapshot = opened.workspace.snapshot
    if closed(snapshot, person, entity, cells):
        return
    query = Query(snapshot, person, entity)
    steps = sorted({at for at, _, _ in cells})
    columns = ", ".join(query.column(at) for at in steps)
    for row in opened.workspace.engine.rows(f"SELECT {columns} FROM {query.source}"):
        keys = dict(zip(steps, row, strict=True))
        for at, there, category in cells:
            if keys[at] is not None:
                yield from _decided(opened, person, "aggregate", there, keys[at], {category})
