"""The tables of the store, and the steps by which an older store becomes a newer one."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sql

PREFIX = "salesrules_"  # the database may be one that others use too
TABLES = sql.MetaData()


def _texts(*names: str) -> list[sql.Column[str]]:
    return [sql.Column(name, sql.Text, nullable=False) for name in names]


def _log(name: str, *columns: sql.Column[str]) -> sql.Table:
    """A log: its rows numbered from 1 without a gap, each with the hash that ties it to the one before."""
    seq = sql.Column("seq", sql.BigInteger, primary_key=True, autoincrement=False)
    table = sql.Table(PREFIX + name, TABLES, seq, *columns, *_texts("hash"))
    sql.Index(f"{PREFIX}{name}_of_record", table.c.entity, table.c.key)
    return table


VERSION = sql.Table(f"{PREFIX}version", TABLES, sql.Column("version", sql.Integer, nullable=False))
HEAD = sql.Table(  # how far each log is: rows that are cut off its end are missed here
    f"{PREFIX}head",
    TABLES,
    sql.Column("log", sql.String(40), primary_key=True),
    sql.Column("seq", sql.BigInteger, nullable=False),
    *_texts("hash"),
)
EVENT = _log("event", *_texts("at", "entity", "key", "kind", "actor", "values", "rule", "release"))
DECISION = _log(
    "decision",
    *_texts("run", "at", "entity", "key", "assignment", "rule"),
    sql.Column("person", sql.Text),
    sql.Column("pool", sql.Text),
    *_texts("release", "seed", "detail"),
)
sql.Index(f"{PREFIX}decision_of_run", DECISION.c.run)
LOGS = (EVENT, DECISION)
SEGMENT = sql.Table(  # what a run did to very many records; the event at its place in the log has its hash
    f"{PREFIX}segment",
    TABLES,
    sql.Column("seq", sql.BigInteger, primary_key=True, autoincrement=False),
    sql.Column("body", sql.LargeBinary, nullable=False),
)
STRETCH = (
    sql.Table(  # old events that are no rows any more: all from one place to another but those that stand for runs
        f"{PREFIX}stretch",
        TABLES,
        sql.Column("first", sql.BigInteger, primary_key=True, autoincrement=False),
        sql.Column("last", sql.BigInteger, nullable=False),
        *_texts("hash", "sha256"),  # of the last row as it was in its chain, and of the body
        sql.Column("body", sql.LargeBinary, nullable=False),
    )
)


def _first(connection: sql.Connection) -> None:
    TABLES.create_all(connection, [HEAD, EVENT, DECISION])


def _segments(connection: sql.Connection) -> None:
    TABLES.create_all(connection, [SEGMENT])


def _stretches(connection: sql.Connection) -> None:
    TABLES.create_all(connection, [STRETCH])


STEPS: tuple[Callable[[sql.Connection], None], ...] = (_first, _segments, _stretches)
"""What makes version n + 1 out of version n; version 0 has nothing. A step that was shipped is never changed."""
