"""How far each log is, and how far its old rows are sealed: a place with the hash of the row that stood there last."""

from __future__ import annotations

import sqlalchemy as sql

from salesrules.issue import EngineError, Issue, Span
from salesrules.store.chain import BEGINNING
from salesrules.store.databases import shown
from salesrules.store.rows import cells_of
from salesrules.store.sound import PLACES, sound
from salesrules.store.tables import HEAD


def head(connection: sql.Connection, table: sql.Table) -> tuple[int, str]:
    """The last place of what a table holds, and the hash of the last row.

    Raises: EngineError if what is noted of it cannot be read.
    """
    found = noted(connection, table)
    if found is None:
        raise EngineError([Issue("store.head", Span(shown(connection.engine)), {"log": table.name})])
    return found


def noted(connection: sql.Connection, table: sql.Table) -> tuple[int, str] | None:
    """The same; None if what is noted cannot be read."""
    query = sql.select(HEAD.c.seq, HEAD.c.hash).where(HEAD.c.log == table.name)
    row = connection.execute(query).mappings().first()
    if row is None:
        return 0, BEGINNING
    cells = cells_of(row)
    return (cells["seq"], cells["hash"]) if sound(HEAD, cells) and 0 <= cells["seq"] < PLACES.stop else None


def move_head(connection: sql.Connection, table: sql.Table, seq: int, hash_: str) -> None:
    """Note that a table now goes to this place."""
    connection.execute(sql.delete(HEAD).where(HEAD.c.log == table.name))
    connection.execute(sql.insert(HEAD).values(log=table.name, seq=seq, hash=hash_))
