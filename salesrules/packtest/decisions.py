"""A question to the decisions behind it, with full rights: why it is answered so, and which grants hold there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from salesrules.access.why import Reason, reason
from salesrules.expr.dialects import DUCKDB
from salesrules.expr.kinds import Kind
from salesrules.expr.sql import quoted
from salesrules.expr.typed import Leaf
from salesrules.issue import AccessDenied
from salesrules.meaning.reads import Read
from salesrules.pack.policies import ROW_ACTIONS, Grant
from salesrules.pack.tests import AssignCase, CanCase, KpiCase, ReadCase
from salesrules.packtest.outcome import AccessCase, AnyCase, OpenTest
from salesrules.run.query import Query
from salesrules.run.reads import Needed, closed, needed
from salesrules.run.records import record_leaves
from salesrules.sources.rows.tables import KEY
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


def touched(opened: OpenTest, case: KpiCase) -> tuple[str, Needed]:
    """The entity of a KPI, and what a row must open to count in the question."""
    pack = opened.workspace.pack
    measure = opened.workspace.snapshot.program.measures[case.kpi]
    paths = (Leaf(Kind("text"), "row", tuple(name.split("."))) for name in case.by)
    return measure.entity, needed(pack, measure.entity, measure.touched, *paths)


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
    entity, every = touched(opened, case)
    snapshot = opened.workspace.snapshot
    if closed(snapshot, person, every, "aggregate"):
        return
    query = Query(snapshot, person, entity, DUCKDB)
    reads = sorted(frozenset().union(*every))
    columns = ", ".join(query.column(read.path) for read in reads)
    for row in opened.workspace.engine.rows(f"SELECT {columns} FROM {query.source}"):
        for read, key in zip(reads, row, strict=True):
            for each in _records(opened, read, key):
                yield from _decided(opened, person, "aggregate", read.entity, each, {read.category})


def _records(opened: OpenTest, read: Read, key: str | None) -> Iterator[str]:
    """The keys of the records that a cell is of: the one at the end of its path, and with `upwards` those above."""
    up = opened.workspace.pack.tree_of(read.entity) if read.upwards else None
    while key is not None:
        yield key
        key = _named_by(opened, read.entity, key, up) if up is not None else None


def _named_by(opened: OpenTest, entity: str, key: str, field: str) -> str | None:
    """The key of the record that a field of another one names."""
    sql = f"SELECT {quoted(field)} FROM {quoted(entity)} WHERE {quoted(KEY)} = $key"
    found: str | None = opened.workspace.engine.rows(sql, {"key": key})[0][0]
    return found
