"""DuckDB, embedded: one cursor a statement, every failure an EngineError that tells no value."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import duckdb
import numpy as np

from salesrules.engines.engine import Statements
from salesrules.expr.dialects import DUCKDB, Dialect
from salesrules.expr.sql import quoted
from salesrules.issue import EngineError, Issue, Span

T = TypeVar("T")
_KEPT = 200
_LOG = logging.getLogger(__name__)


class DuckDB:
    """A database in memory, or in a file opened to be read or, with `write`, to be filled; safe for many threads."""

    def __init__(self, path: Path | None = None, write: bool = False) -> None:
        self.file = path
        try:
            self._connection = duckdb.connect(str(path or ":memory:"), read_only=path is not None and not write)
        except duckdb.Error as error:
            raise _refused(error) from error
        self._at_once: duckdb.DuckDBPyConnection | None = None
        self._found: OrderedDict[Hashable, Any] = OrderedDict()
        self._finding = Lock()

    @property
    def dialect(self) -> Dialect:
        return DUCKDB

    def close(self) -> None:
        """Write everything to the file and let go of it."""
        self._connection.close()

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Run one statement with named parameters and return all its rows."""
        with self.together() as rows:
            return rows(sql, values)

    @contextmanager
    def together(self) -> Iterator[Statements]:
        """Statements that see the temporary tables of one another, which are gone afterwards."""
        try:
            with nullcontext(self._at_once) if self._at_once is not None else self._connection.cursor() as cursor:

                def rows(sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
                    return cursor.execute(sql, dict(values) if values else None).fetchall()

                yield rows
        except duckdb.Error as error:
            raise _refused(error) from error

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """One transaction for the statements of one thread until the end: a file is not written to after each."""
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("BEGIN")
                self._at_once = cursor
                try:
                    yield
                    cursor.execute("COMMIT")
                except BaseException:
                    cursor.execute("ROLLBACK")
                    raise
                finally:
                    self._at_once = None
        except duckdb.Error as error:
            raise _refused(error) from error

    def columns(self, source: str) -> list[str]:
        """The names of the columns of anything that can stand after FROM."""
        return [row[0] for row in self.rows(f"DESCRIBE SELECT * FROM {source}")]

    def by_column(self, sql: str, values: Mapping[str, Any] | None = None) -> dict[str, list[Any]]:
        """Run one statement and return its rows column by column, which is quicker where there are very many.

        For texts and whole numbers that are never null.
        """
        try:
            found = self._connection.cursor().execute(sql, dict(values) if values else None).fetchnumpy()
        except duckdb.Error as error:
            raise _refused(error) from error
        return {name: column.tolist() for name, column in found.items()}

    def found(self, key: Hashable, find: Callable[[], T]) -> T:
        """What follows from rows that do not change any more, found once; the last few are kept.

        Args: key: all that it hangs on besides the rows.
        """
        with self._finding:
            if key in self._found:
                self._found.move_to_end(key)
                known: T = self._found[key]
                return known
        found = find()
        with self._finding:
            self._found[key] = found
            if len(self._found) > _KEPT:
                self._found.popitem(last=False)
        return found

    def insert(self, table: str, columns: Mapping[str, list[Any]], types: Mapping[str, str] | None = None) -> None:
        """Make a table of named columns; those of which `types` says nothing are of text, or of integers or days."""
        cells = dict(enumerate(columns.values()))
        kinds = {name: _type_of(values) for name, values in columns.items()} | dict(types or {})
        fields = ", ".join(f"unnest($c{at}::{kinds[name]}[]) AS {quoted(name)}" for at, name in enumerate(columns))
        sql = f"CREATE OR REPLACE TABLE {quoted(table)} AS SELECT {fields}"
        self.rows(sql, {f"c{at}": values for at, values in cells.items()})

    def take(self, columns: Mapping[str, Sequence[Any]], sql: str) -> None:
        """Run one statement that finds very many rows, column by column, in a table that is called `taken`."""
        arrays = {name: _array(values) for name, values in columns.items()}
        try:
            with self._connection.cursor() as cursor:
                cursor.register("taken", arrays)
                cursor.execute(sql)
                cursor.unregister("taken")
        except duckdb.Error as error:
            raise _refused(error) from error


def _array(values: Sequence[Any]) -> Any:
    """Values as the engine reads them without asking each for its type."""
    return values if isinstance(values, np.ndarray) else np.array(values, dtype=object)


def _type_of(values: list[Any]) -> str:
    """The type of a column by its first value; one without any is text."""
    first = next((value for value in values if value is not None), None)
    return "BIGINT" if isinstance(first, int) else "DATE" if isinstance(first, date) else "VARCHAR"


def _refused(error: duckdb.Error) -> EngineError:
    _LOG.debug("%s", error)  # it quotes rows: those who run the workspace ask for it, nobody else sees it
    return EngineError([Issue("engine.failed", Span("duckdb"))], str(error).splitlines()[0])
