"""A place to a database that is ready, SQLite or PostgreSQL, and how each lets one process write at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import sqlalchemy as sql
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from salesrules.issue import EngineError, Issue, Span
from salesrules.store.tables import PREFIX, STEPS, VERSION

WAIT = 10.0  # seconds
_READY = "SELECT pg_advisory_xact_lock(hashtext(current_schema() || :name))"


def open_database(place: str) -> sql.Engine:
    """The database behind a URL, or in the SQLite file of a path, with every table that this version has.

    Raises: EngineError
    """
    try:
        url = _url(place)
        engine = sql.create_engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError, OSError) as error:
        raise refused(place, error) from error
    if engine.dialect.name == "sqlite":
        sql.event.listen(engine, "connect", _prepared)
        sql.event.listen(engine, "begin", _begun)
    elif engine.dialect.name != "postgresql":
        raise EngineError([Issue("store.unknown_database", Span(shown(engine)), {"name": engine.dialect.name})])
    try:
        _brought_up(engine)
    except (SQLAlchemyError, EngineError) as error:
        engine.dispose()
        raise error if isinstance(error, EngineError) else refused(shown(engine), error) from error
    return engine


def _url(place: str) -> sql.URL:
    if "://" in place:
        url = sql.make_url(place)
        return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgres", "postgresql") else url
    path = Path(place).absolute()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # it names every record that something happened to
    return sql.URL.create("sqlite", database=str(path))


def _prepared(connection: sqlite3.Connection, _: Any) -> None:
    """Readers do not wait, a crash loses nothing, and transactions begin where we say so, not at the first write."""
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {int(WAIT * 1000)}")
    _to_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")


def _to_wal(connection: sqlite3.Connection) -> None:
    """Switch a file to WAL, however many do it at once: who reads already is refused at once, for SQLite will not wait
    there for somebody who may wait for this reader. To ask again lets go of the reading, so the other one gets on.
    """
    until = monotonic() + WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
            sleep(0.01)


def _begun(connection: sql.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("alone") else "BEGIN")


def alone(connection: sql.Connection, wait: float) -> sql.Transaction:
    """A transaction that no other process writes beside, begun within `wait` seconds; it ends with the process too.

    Raises: EngineError if another process writes for longer.
    """
    connection = connection.execution_options(alone=True)
    milliseconds = max(1, int(wait * 1000))
    try:
        if connection.dialect.name == "sqlite":
            raw: Any = connection.connection.driver_connection
            raw.execute(f"PRAGMA busy_timeout = {milliseconds}")
            return connection.begin()
        transaction = connection.begin()
        connection.execute(sql.text(f"SET LOCAL lock_timeout = {milliseconds}"))
        connection.execute(sql.text(_READY), {"name": PREFIX})
        return transaction
    except SQLAlchemyError as error:
        text = str(getattr(error, "orig", None) or error)
        if "locked" in text or "lock timeout" in text:
            words = {"seconds": f"{wait:g}"}
            raise EngineError([Issue("store.busy", Span(shown(connection.engine)), words)]) from error
        raise refused(shown(connection.engine), error) from error


def steady(connection: sql.Connection) -> sql.Connection:
    """A connection to read by: all its statements see the logs as they were at the first, whoever writes meanwhile.

    A run that is written between two of them would be read without its segment. SQLite reads so in any transaction.
    """
    if connection.dialect.name == "sqlite":
        return connection
    return connection.execution_options(isolation_level="REPEATABLE READ")


@contextmanager
def as_it_lies(connection: sql.Connection) -> Iterator[None]:
    """Where a cell that is no text is read as bytes, while others get no row for it; PostgreSQL takes in none."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw: Any = connection.connection.driver_connection
    raw.text_factory = _text_or_bytes
    try:
        yield
    finally:
        raw.text_factory = str


def _text_or_bytes(raw: bytes) -> str | bytes:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def as_driven(connection: sql.Connection, query: sql.Select[Any]) -> Sequence[Sequence[Any]]:
    """Rows as the driver has them, which is quicker where there are very many.

    Raises: EngineError for what the driver refuses.
    """
    cursor = connection.execute(query).cursor
    try:
        found: Sequence[Sequence[Any]] = cursor.fetchall()
    except connection.dialect.loaded_dbapi.Error as error:  # of which SQLAlchemy does not know
        raise refused(shown(connection.engine), error) from error
    return found


def insertion(connection: sql.Connection, table: sql.Table) -> str:
    """The statement that puts a row into a table, for the driver itself: very many rows as tuples, not one by one."""
    quote = connection.dialect.identifier_preparer.quote
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    names = ", ".join(quote(column.name) for column in table.c)
    return f"INSERT INTO {quote(table.name)} ({names}) VALUES ({', '.join([mark] * len(table.c))})"


def _brought_up(engine: sql.Engine) -> None:
    """Take the steps that this database has not taken yet; one that has taken them all is not waited for.

    Raises: EngineError if it has taken some that this version does not know.
    """
    with engine.connect() as connection:
        if _version(connection) == len(STEPS):
            return
    with engine.connect() as connection, alone(connection, WAIT):
        found = _version(connection)
        if found not in range(len(STEPS) + 1):
            words = {"found": str(found), "known": str(len(STEPS))}
            raise EngineError([Issue("store.newer", Span(shown(engine)), words)])
        VERSION.create(connection, checkfirst=True)
        for step in STEPS[found:]:
            step(connection)
        connection.execute(sql.delete(VERSION))
        connection.execute(sql.insert(VERSION).values(version=len(STEPS)))


def _version(connection: sql.Connection) -> int:
    """How many steps a database has taken."""
    if not sql.inspect(connection).has_table(VERSION.name):
        return 0
    found: int | None = connection.execute(sql.select(VERSION.c.version)).scalar()
    return found or 0


def shown(engine: sql.Engine) -> str:
    """What people call the place of a store: never with its password."""
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    return file or engine.url.render_as_string(hide_password=True)


def refused(place: str, error: Exception) -> EngineError:
    """What the database said, in one line."""
    problem = str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__]
    return EngineError([Issue("store.failed", Span(place), {"problem": problem[0]})])
