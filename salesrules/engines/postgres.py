"""PostgreSQL as a client runs it: a few read-only connections that each set themselves up, and leave nothing behind."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, TypeVar

import psycopg

from salesrules.engines.engine import Statements
from salesrules.engines.statements import identifiers, numbered, read_from, shortened
from salesrules.expr.dialects import POSTGRES, Dialect
from salesrules.expr.sql import literal, quoted
from salesrules.issue import EngineError, Issue, Span

T = TypeVar("T")
CONNECTIONS = 4
_LOG = logging.getLogger(__name__)
_SESSION = {
    # no function of the database's own can stand in for one of PostgreSQL's
    "search_path": "pg_temp, pg_catalog",
    "default_transaction_read_only": "on",
    "standard_conforming_strings": "on",
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "jit": "off",  # it takes longer to compile a filter than to run it
}
_MAKING = re.compile(r"CREATE TEMPORARY TABLE \w+ AS ")
_WRITTEN_OUT = 200  # rows
_PATIENCE: dict[str, Any] = {"connect_timeout": 10, "tcp_user_timeout": 60_000}  # seconds; milliseconds
_PLACE = Span("postgres")


@dataclass(frozen=True, slots=True)
class _Definition:
    """A SELECT as PostgreSQL takes it, and the quoted names of what it reads from."""

    select: str
    reads: frozenset[str]


class Postgres:
    """A database that is read in place; safe for many threads, and connected anew when the server was restarted.

    What it has of its own are temporary tables, made again in each connection, and definitions, which stand before
    each statement that names them: a temporary view would keep the owner of a table from changing it.
    """

    def __init__(self, address: str, timeout: str = "30s") -> None:
        self._address = address
        self._settings = {**_SESSION, "statement_timeout": timeout}
        self._kept: list[tuple[str, list[Any]]] = []
        self._defined: dict[str, _Definition] = {}
        self._check: tuple[str, list[Any]] | None = None
        self._idle: list[psycopg.Connection[Any]] = []
        self._free = BoundedSemaphore(CONNECTIONS)
        self._long: dict[str, str] = {}

    @property
    def file(self) -> Path | None:
        return None

    @property
    def dialect(self) -> Dialect:
        return POSTGRES

    def close(self) -> None:
        """End every connection, and with it whatever was made in it."""
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    def __del__(self) -> None:
        self.close()

    def define(self, name: str, select: str) -> None:
        """Give a SELECT a name that statements can read from like a table; it may read from those defined before."""
        self._note_long(select)
        self._defined[quoted(name)] = _Definition(numbered(select, {})[0], read_from(select))

    def rename(self, name: str, new: str) -> None:
        """Give what is defined another name; nothing that was defined after it may read from it."""
        self._defined[quoted(new)] = self._defined.pop(quoted(name))

    def check(self, sql: str, values: Mapping[str, Any]) -> None:
        """From now on refuse each statement before which this one does not return true."""
        self._check = numbered(sql, values)

    def keep(self, sql: str, values: Mapping[str, Any] | None = None) -> None:
        """Run a statement that makes something temporary, now and in every connection to come."""
        kept = numbered(sql, values or {})
        with self._connection() as connection, _told():
            _make(connection, *kept)
        self._kept.append(kept)

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Run one statement with named parameters and return all its rows."""
        return self._ask(sql, values or {})[1]

    @contextmanager
    def together(self) -> Iterator[Statements]:
        """Statements that see the temporary tables of one another, which are gone afterwards."""
        with self._connection() as connection, _told(), connection.transaction(force_rollback=True):
            connection.execute("SET TRANSACTION READ WRITE")

            def rows(sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
                return self._answer(connection, *self._spelt(sql, values or {}))[1]

            yield rows

    def found(self, key: Hashable, find: Callable[[], T]) -> T:
        """What follows from the rows, found each time: anybody may have changed them."""
        return find()

    def columns(self, source: str) -> list[str]:
        """The names of the columns of anything that can stand after FROM."""
        return self._ask(f"SELECT * FROM {source} LIMIT 0", {})[0]

    def insert(self, table: str, columns: Mapping[str, list[Any]], types: Mapping[str, str] | None = None) -> None:
        """Make a temporary table of named columns, in every connection; a small one stands in each statement.

        A statement that reads a temporary table cannot run in parallel.
        Args: types: of columns that are not of text, integers or days.
        """
        types = {name: _type_of(values) for name, values in columns.items()} | dict(types or {})
        rows = list(zip(*columns.values(), strict=True))
        if 0 < len(rows) <= _WRITTEN_OUT:
            self.define(table, _written_out(types, rows))
            return
        given = {
            f"c{at}": [None if v is None else str(v) for v in values] for at, values in enumerate(columns.values())
        }
        fields = ", ".join(f"CAST(c{at} AS {types[name]}) AS {quoted(name)}" for at, name in enumerate(columns))
        lists = ", ".join(f"CAST(${name} AS TEXT[])" for name in given)
        source = f"unnest({lists}) AS given({', '.join(given)})"
        self.keep(f"DROP TABLE IF EXISTS {quoted(table)}")
        self.keep(f"CREATE TEMPORARY TABLE {quoted(table)} AS SELECT {fields} FROM {source}", given)
        self.keep(f"ANALYZE {quoted(table)}")

    def index(self, table: str, column: str) -> None:
        """Let a column of one of our own tables be looked up by, where that is a table and not written out."""
        if quoted(table) not in self._defined:
            self.keep(f"CREATE INDEX ON {quoted(table)} ({quoted(column)})")

    def _ask(self, sql: str, values: Mapping[str, Any]) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Names of columns and rows, asked once more if the connection turned out to be gone: statements only read."""
        statement, arguments = self._spelt(sql, values)
        for last in (False, True):
            with self._connection() as connection:
                try:
                    with _told():
                        return self._answer(connection, statement, arguments)
                except EngineError:
                    if last or not connection.closed:
                        raise
                    self.close()  # what one connection lost, the idle ones have lost too
        raise AssertionError("unreachable")

    def _answer(
        self, connection: psycopg.Connection[Any], statement: str, arguments: list[Any]
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        if self._check is not None:
            found = connection.execute(self._check[0].encode(), self._check[1], prepare=True).fetchone()
            if found != (True,):
                raise EngineError([Issue("engine.changed", _PLACE)])
        cursor = connection.execute(statement.encode(), arguments, prepare=False)  # so that its plan knows the values
        names = [self._long.get(column.name, column.name) for column in cursor.description or ()]
        return names, cursor.fetchall() if cursor.description is not None else []

    def _spelt(self, sql: str, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """A statement as PostgreSQL takes it, with the definitions that it names, and its values in their order."""
        self._note_long(sql)
        own, arguments = numbered(sql, values)
        making = _MAKING.match(own)
        before, select = (making.group(), own[making.end() :]) if making is not None else ("", own)
        return before + self._with_definitions(select, read_from(sql)), arguments

    def _note_long(self, sql: str) -> None:
        """Remember what names that PostgreSQL would cut are in full."""
        self._long |= {shortened(name)[1:-1]: name[1:-1] for name in identifiers(sql) if shortened(name) != name}

    def _with_definitions(self, sql: str, ahead: frozenset[str]) -> str:
        wanted: set[str] = set()
        while ahead:
            found = ahead & self._defined.keys() - wanted
            wanted |= found
            ahead = frozenset().union(*(self._defined[each].reads for each in found))
        if not wanted:
            return sql
        before = ", ".join(
            f"{shortened(name)} AS NOT MATERIALIZED ({definition.select})"
            for name, definition in self._defined.items()
            if name in wanted
        )
        own = sql.lstrip()
        return f"WITH {before}, {own[5:]}" if own[:5].upper() == "WITH " else f"WITH {before} {own}"

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection for one statement, an idle one if there is; at most a few at a time."""
        with self._free:
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self._connected()
            try:
                yield connection
            finally:
                if not connection.closed:
                    self._idle.append(connection)

    def _connected(self) -> psycopg.Connection[Any]:
        with _told():
            connection = psycopg.connect(
                self._address,
                **_PATIENCE,
                autocommit=True,
                cursor_factory=psycopg.RawCursor,
                client_encoding="utf8",
                application_name="salesrules",
            )
            connection.adapters.register_loader("numeric", _Number)
            for name, value in self._settings.items():
                connection.execute("SELECT set_config($1, $2, false)", [name, value])
            try:
                for sql, arguments in self._kept:
                    _make(connection, sql, arguments)
            except BaseException:
                connection.close()
                raise
            return connection


def _type_of(values: list[Any]) -> str:
    """The type of a column by its first value; one without any is text."""
    first = next((value for value in values if value is not None), None)
    return "BIGINT" if isinstance(first, int) else "DATE" if isinstance(first, date) else "VARCHAR"


def _written_out(types: Mapping[str, str], rows: list[tuple[Any, ...]]) -> str:
    def cell(value: Any, type_: str) -> str:
        return f"CAST({literal(None if value is None else str(value))} AS {type_})"

    lines = ", ".join("(" + ", ".join(map(cell, row, types.values())) + ")" for row in rows)
    return f"SELECT * FROM (VALUES {lines}) AS given({', '.join(map(quoted, types))})"


class _Number(psycopg.adapt.Loader):
    """Numbers without a point are integers: PostgreSQL sums these as numeric."""

    def load(self, data: Any) -> Any:
        text = bytes(data).decode()
        return int(text) if text.lstrip("-").isdigit() else Decimal(text)


def _make(connection: psycopg.Connection[Any], sql: str, arguments: list[Any]) -> None:
    with connection.transaction():
        connection.execute("SET TRANSACTION READ WRITE")
        connection.execute(sql.encode(), arguments)


@contextmanager
def _told() -> Iterator[None]:
    """What the driver says as an EngineError; never with the address, which holds a password."""
    try:
        yield
    except psycopg.errors.QueryCanceled as error:
        raise EngineError([Issue("engine.timeout", _PLACE)]) from error
    except (psycopg.Error, UnicodeError) as error:
        problem = next(iter(str(error).splitlines()), type(error).__name__)
        _LOG.debug("%s", error)  # it may quote rows, as in `duckdb`
        raise EngineError([Issue("engine.failed", _PLACE)], problem) from error
