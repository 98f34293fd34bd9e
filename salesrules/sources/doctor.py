"""The typed rows and the notes beside them to a Diagnosis: what was read, renamed, left out, empty or garbled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import literal, quoted
from salesrules.issue import Issue
from salesrules.pack.entities import Entity
from salesrules.pack.pack import Pack
from salesrules.sources.beside import tables_of
from salesrules.sources.encodings import TWICE, mended
from salesrules.sources.reads import ALIASED, READ
from salesrules.sources.tables import Reject


@dataclass(frozen=True, slots=True)
class Source:
    """A file or table of a database that was read: how it is encoded, what parts its columns, how many rows it has."""

    what: str
    file: str
    encoding: str
    separator: str
    rows: int


@dataclass(frozen=True, slots=True)
class Alias:
    """A text that stands for a member in some rows."""

    entity: str
    field: str
    alias: str
    member: str
    rows: int


@dataclass(frozen=True, slots=True)
class Garbled:
    """A field some of whose texts look as if they had been encoded twice, with an example and what was meant by it."""

    entity: str
    field: str
    rows: int
    example: str
    meant: str


@dataclass(frozen=True, slots=True)
class Cache:
    """The file of the typed rows: its size in bytes, when it was made; none where the workspace is read-only."""

    file: str | None
    size: int
    made: datetime | None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything there is to say about how the sources were read; `empty` are fields without a value in any row."""

    sources: tuple[Source, ...]
    rejects: tuple[Reject, ...]
    doubts: tuple[Issue, ...]
    aliases: tuple[Alias, ...]
    empty: tuple[tuple[str, str], ...]
    garbled: tuple[Garbled, ...]
    cache: Cache


def examine(engine: DuckDB, pack: Pack, rejects: tuple[Reject, ...], doubts: tuple[Issue, ...]) -> Diagnosis:
    """The state of a database that `build` has filled."""
    tables = tables_of(pack).values()
    sources = engine.rows(f"SELECT * EXCLUDE part FROM {quoted(READ)} ORDER BY rowid")
    aliases = engine.rows(f"SELECT * FROM {quoted(ALIASED)} ORDER BY ALL")
    return Diagnosis(
        tuple(Source(*row) for row in sources),
        rejects,
        doubts,
        tuple(Alias(*row) for row in aliases),
        tuple(field for table in tables for field in _empty(engine, table)),
        tuple(field for table in tables for field in _garbled(engine, table)),
        _cache(engine),
    )


def _empty(engine: DuckDB, table: Entity) -> Iterator[tuple[str, str]]:
    counts = ", ".join(f"count({quoted(field)})" for field in table.fields)
    total, *filled = engine.rows(f"SELECT count(*), {counts} FROM {quoted(table.id)}")[0]
    for field, count in zip(table.fields, filled, strict=True):
        if total and not count:
            yield table.id, field


def _garbled(engine: DuckDB, table: Entity) -> Iterator[Garbled]:
    pattern = literal(TWICE)
    for field in table.fields.values():
        if field.type == "text":
            column = quoted(field.id)
            rows = f"{quoted(table.id)} WHERE regexp_matches({column}, {pattern})"
            count, example = engine.rows(f"SELECT count(*), min({column}) FROM {rows}")[0]
            if count:
                yield Garbled(table.id, field.id, count, example, mended(example))


def _cache(engine: DuckDB) -> Cache:
    (file,) = engine.rows("SELECT path FROM duckdb_databases() WHERE database_name = current_database()")[0]
    if file is None:
        return Cache(None, 0, None)
    found = Path(file).stat()
    return Cache(file, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))
