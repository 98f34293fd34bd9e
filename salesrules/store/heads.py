"""How far each log is, and how far its old rows are sealed: a place with the hash of the row that stood there last."""

from __future__ import annotations

import sqlalchemy as sql

from salesrules.store.chain import BEGINNING
from salesrules.store.tables import HEAD


def head(connection: sql.Connection, table: sql.Table) -> tuple[int, str]:
    """The last place of what a table holds, and the hash of the last row."""
    found = connection.execute(sql.select(HEAD.c.seq, HEAD.c.hash).where(HEAD.c.log == table.name)).first()
    return (found[0], found[1]) if found else (0, BEGINNING)


def move_head(connection: sql.Connection, table: sql.Table, seq: int, hash_: str) -> None:
    """Note that a table now goes to this place."""
    connection.execute(sql.delete(HEAD).where(HEAD.c.log == table.name))
    connection.execute(sql.insert(HEAD).values(log=table.name, seq=seq, hash=hash_))
