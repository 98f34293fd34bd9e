"""Rows and bodies as a database has them to whether they can be what was written: SQLite takes anything anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import product
from types import NoneType
from typing import Any

import sqlalchemy as sql

from salesrules.store.chain import linked
from salesrules.store.segments import digest

PLACES = range(1, 2**60)
"""The places that a log can have: two of them added up are still a number of the database."""


def sound(table: sql.Table, row: Mapping[str, Any]) -> bool:
    """Whether the cells of a row, all or some, are of kinds that are written there; `detail` may be read already."""
    return tuple(map(type, row.values())) in _kinds(table, tuple(row))


@cache
def _kinds(table: sql.Table, names: tuple[str, ...]) -> frozenset[tuple[type, ...]]:
    """What the types of these columns can be, for all at once: it is asked of every row."""
    return frozenset(product(*(_kinds_of(table.c[name]) for name in names)))


def _kinds_of(column: sql.Column[Any]) -> list[type]:
    kinds: list[type] = [column.type.python_type]
    kinds += [NoneType] if column.nullable else []
    return [*kinds, dict] if column.name == "detail" else kinds


def sound_columns(table: sql.Table, columns: Mapping[str, Sequence[Any]]) -> bool:
    """The same of very many rows column by column, without a look at each row."""
    return all({*map(type, cells)} <= {*_kinds_of(table.c[name])} for name, cells in columns.items())


def place(cell: Any) -> int:
    """The place that a cell names; 0 if it names none."""
    return cell if type(cell) is int else 0


def follows(table: sql.Table, row: Mapping[str, Any], last: int, before: str) -> bool:
    """Whether a row stands right behind the place `last`, with the hash that ties it to the hash `before`."""
    if not sound(table, row) or row["seq"] != last + 1:
        return False
    *cells, hash_ = row.values()
    return bool(linked(before, cells) == hash_)


def body_at(
    connection: sql.Connection, body: sql.Column[bytes], at: sql.ColumnElement[bool], sha256: str
) -> bytes | None:
    """The bytes of a cell that have this hash; None if it holds anything else, or is not there."""
    as_it_is = sql.type_coerce(body, sql.types.NullType())  # the driver would make bytes of a number
    found = connection.execute(sql.select(as_it_is).where(at)).scalar()
    return found if isinstance(found, bytes) and digest(found) == sha256 else None
