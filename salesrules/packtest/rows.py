"""A test to the text tables that it stands for, as files of an organisation would have them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from salesrules.meaning import PERSON
from salesrules.pack.entities import Entity
from salesrules.pack.pack import Pack
from salesrules.pack.tests import GivenPost, PackTest, Record
from salesrules.pack.word import Word
from salesrules.sources.org.leave import LEAVE_TABLE
from salesrules.sources.org.posts import POSTS
from salesrules.sources.org.values import values_name
from salesrules.sources.rows.beside import tables_read

TextRow = dict[str, str | None]
Rows = list[TextRow]


def rows_of(test: PackTest) -> Mapping[Word, Mapping[Word, Record]]:
    """Every record of a test by entity and key, people among them."""
    return {Word(PERSON): test.org.person, **test.records}


def scopes_of(pack: Pack) -> list[str]:
    """The dimensions that posts are bound to, whichever role they are in."""
    return sorted({dimension for role in pack.roles.values() for dimension in role.scope})


def key_parts(entity: Entity, key: str, record: Record) -> tuple[str, ...] | None:
    """The fields of a key: as the record says them, or the parts of what stands before it; None if they do not fit."""
    said = tuple(value for name in entity.key if isinstance(value := record.get(name), str))
    if len(said) == len(entity.key):
        return said if key_of(said) == key or said == (key,) else None
    if len(entity.key) == 1:
        return (key,)
    parts = [part.replace("\\/", "/").replace("\\\\", "\\") for part in re.split(r"(?<!\\)/", key)]
    return tuple(parts) if len(parts) == len(entity.key) else None


def key_of(parts: Iterable[str]) -> str:
    """The key of a record as one text, its parts joined by `/`, which is escaped inside them."""
    return "/".join(part.replace("\\", "\\\\").replace("/", "\\/") for part in parts)


def text_tables(pack: Pack, test: PackTest) -> dict[str, tuple[list[str], Rows]]:
    """By the name under which it is read, the columns and rows of each table of a test."""
    tables: dict[str, tuple[list[str], Rows]] = {
        name: ([str(field) for field in table.fields], []) for name, table in tables_read(pack).items()
    }
    for name, records in rows_of(test).items():
        for key, record in records.items():
            entity = pack.entities[name]
            parts = dict(zip(entity.key, key_parts(entity, key, record) or (), strict=True))
            tables[name][1].append({**_texts(record), **{str(name): part for name, part in parts.items()}})
            for table, row in _beside(entity, key, record):
                tables[table][1].append(row)
    for value_table in pack.tables.values():
        columns = [*value_table.keys, "value", "from", "to"]
        tables[values_name(value_table.id)] = (
            columns,
            [_texts(row) for row in test.tables.get(Word(value_table.id), ())],
        )
    posts = [_post(post) for post in test.org.posts]
    tables[POSTS] = (["person", "role", *scopes_of(pack), "from", "to"], posts)
    away = ({"person": one.person, **_days(one.from_, one.to)} for one in test.org.leave)
    tables[LEAVE_TABLE] = (["person", "from", "to"], list(away))
    return tables


def _days(start: date | None, end: date | None) -> TextRow:
    return {name: day.isoformat() for name, day in (("from", start), ("to", end)) if day is not None}


def _post(post: GivenPost) -> TextRow:
    return {"person": post.person, "role": post.role, **_texts(post.scope), **_days(post.from_, post.to)}


def _texts(row: Mapping[Word, object]) -> TextRow:
    """The single values of a row under the names of their columns."""
    return {str(name): value for name, value in row.items() if isinstance(value, str)}


def _beside(entity: Entity, key: str, record: Record) -> Iterator[tuple[str, TextRow]]:
    for name, value in record.items():
        if isinstance(value, tuple):
            many = entity.many[name]
            yield from ((many.from_, {**_texts(row), many.by: key}) for row in value)
