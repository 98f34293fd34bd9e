"""A Program and a test to a workspace: its rows are written as files and read by the readers that read all files."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from salesrules.access.snapshot import Snapshot, walked
from salesrules.compile import Program
from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import quoted
from salesrules.issue import Issue, PackError, Span, nearest
from salesrules.pack.dimensions import MemberTable
from salesrules.pack.entities import Entity
from salesrules.pack.pack import Pack
from salesrules.pack.roles import PostTable
from salesrules.pack.table import Table
from salesrules.pack.tests import PackTest, Record
from salesrules.pack.word import Word
from salesrules.packtest.rows import Rows, rows_of, text_tables
from salesrules.sources.build import build
from salesrules.sources.org.leave import LEAVE_TABLE
from salesrules.sources.org.organisation import read_organisation
from salesrules.sources.org.posts import POSTS
from salesrules.sources.org.values import values_name
from salesrules.sources.rows.beside import tables_of
from salesrules.sources.rows.faults import Reject
from salesrules.sources.rows.logged import Logged
from salesrules.sources.settings.bindings import Binding
from salesrules.workspace import Workspace


def given(program: Program, test: PackTest) -> Workspace:
    """The workspace that a test describes, whose names the pack is known to know.

    Raises: PackError with everything that the readers leave out: a test means every value that it gives.
    """
    program = replace(program, pack=_with_members(program.pack, test))
    engine = DuckDB()
    spans = {values_name(table): table.span for table in test.tables}
    with tempfile.TemporaryDirectory() as folder:
        bindings = {}
        for number, (name, (columns, rows)) in enumerate(text_tables(program.pack, test).items()):
            path = Path(folder) / f"{number}.csv"
            _write(path, columns, rows)
            bindings[name] = Binding(spans.get(name, test.span), path, {}, ())
        build(engine, program.pack, bindings, Path(folder), program.meanings.computed, Logged(), Path(folder))
    organisation = read_organisation(engine, program.pack, walked(program))
    if organisation.rejects:
        raise PackError([_told(engine, program.pack, test, reject) for reject in organisation.rejects])
    return Workspace(Snapshot(program, organisation), engine)


def _with_members(pack: Pack, test: PackTest) -> Pack:
    """The pack with the members that the test brings where the pack itself reads a file, none if it brings none."""
    dimensions = {
        id: replace(dimension, members=test.org.members.get(Word(id), ()))
        if isinstance(dimension.members, MemberTable)
        else dimension
        for id, dimension in pack.dimensions.items()
    }
    return replace(pack, dimensions=dimensions, posts=PostTable(pack.span, POSTS), leave=Table(pack.span, LEAVE_TABLE))


def _write(path: Path, columns: list[str], rows: Rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(columns)
        writer.writerows([row.get(column) or "" for column in columns] for row in rows)


def _told(engine: DuckDB, pack: Pack, test: PackTest, reject: Reject) -> Issue:
    """What the readers left out, at the value in the test that it is about."""
    words = {"entity": reject.entity, "field": reject.field, "rows": str(reject.rows), "example": reject.example}
    place = next(_places(pack, test, reject), test.span)
    return Issue(reject.reason, place, words, near=nearest(reject.example, _known(engine, pack, reject)))


def _known(engine: DuckDB, pack: Pack, reject: Reject) -> list[str]:
    """What could have stood there instead."""
    if reject.reason == "reject.unknown_role":
        return [*pack.roles]
    field = None if reject.entity == "post" else tables_of(pack)[reject.entity].fields.get(reject.field)
    dimension = field.dimension if field is not None else reject.field
    if reject.reason == "reject.unknown_member" and dimension is not None:
        return [name for (name,) in engine.rows(f"SELECT name FROM {quoted(f'names {dimension}')}")]
    if reject.reason == "reject.dangling":
        to = field.to if field is not None and field.to else "person"
        return [key for (key,) in engine.rows(f'SELECT "#key" FROM {quoted(to)}')]
    return []


def _places(pack: Pack, test: PackTest, reject: Reject) -> Iterator[Span]:
    """Where a value stands that was left out, the most likely place first."""
    for post in test.org.posts if reject.entity == "post" else ():
        words = {"person": post.person, "role": post.role, **{str(name): word for name, word in post.scope.items()}}
        value = words.get(reject.field)
        if value == reject.example or (value is None and reject.reason == "reject.no_scope"):
            yield value.span if value is not None else post.span
    for entity, records in rows_of(test).items():
        for key, record in records.items():
            if (entity, key) == (reject.entity, reject.example) and reject.field in pack.entities[entity].key:
                yield key.span
            for table, row in _rows(pack.entities[entity], record):
                found = row.get(Word(reject.field)) if table == reject.entity else None
                if isinstance(found, Word) and found == reject.example:
                    yield found.span


def _rows(entity: Entity, record: Record) -> Iterator[tuple[str, Mapping[Word, object]]]:
    """A record and the rows beside it, each with the table that it goes into."""
    yield entity.id, record
    for name, value in record.items():
        if isinstance(value, tuple):
            yield from ((entity.many[name].from_, row) for row in value)
