"""The typed rows and the notes beside them to a Diagnosis: what was read, renamed, left out, empty or garbled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from salesrules.engines.engine import Engine
from salesrules.expr.sql import literal, quoted
from salesrules.issue import Issue
from salesrules.pack.entities import Entity
from salesrules.pack.pack import Pack
from salesrules.sources.notes.reads import ALIASED, READ
from salesrules.sources.raw.encodings import TWICE, mended
from salesrules.sources.rows.beside import tables_of
from salesrules.sources.rows.faults import Reject


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


def examine(engine: Engine, pack: Pack, rejects: tuple[Reject, ...], doubts: tuple[Issue, ...]) -> Diagnosis:
    """The state of a database that `build` has filled."""
    tables = tables_of(pack).values()
    sources = engine.rows(f"SELECT what, file, encoding, separator, rows FROM {quoted(READ)}")
    aliases = sorted(engine.rows(f"SELECT entity, field, alias, member, rows FROM {quoted(ALIASED)}"))
    return Diagnosis(
        tuple(Source(*row) for row in sources),
        rejects,
        doubts,
        tuple(Alias(*row) for row in aliases),
        tuple(field for table in tables for field in _empty(engine, table)),
        tuple(field for table in tables for field in _garbled(engine, table)),
        _cache(engine),
    )


def _empty(engine: Engine, table: Entity) -> Iterator[tuple[str, str]]:
    counts = ", ".join(f"count({quoted(field)})" for field in table.fields)
    total, *filled = engine.rows(f"SELECT count(*), {counts} FROM {quoted(table.id)}")[0]
    for field, count in zip(table.fields, filled, strict=True):
        if total and not count:
            yield table.id, field


def _garbled(engine: Engine, table: Entity) -> Iterator[Garbled]:
    pattern = literal(TWICE)
    for field in table.fields.values():
        if field.type == "text":
            column = quoted(field.id)
            rows = f"{quoted(table.id)} WHERE {engine.dialect.matches.format(column, pattern)}"
            count, example = engine.rows(f"SELECT count(*), min({column}) FROM {rows}")[0]
            if count:
                yield Garbled(table.id, field.id, count, example, mended(example))


def _cache(engine: Engine) -> Cache:
    if engine.file is None:
        return Cache(None, 0, None)
    found = engine.file.stat()
    return Cache(str(engine.file), found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))
