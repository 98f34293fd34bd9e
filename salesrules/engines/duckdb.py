"""DuckDB, embedded: one cursor a statement, every failure an EngineError that tells no value."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from salesrules.expr.sql import quoted
from salesrules.issue import EngineError, Issue, Span

_LOG = logging.getLogger(__name__)


class DuckDB:
    """A database in memory, or in a file opened to be read or, with `write`, to be filled; safe for many threads."""

    def __init__(self, path: Path | None = None, write: bool = False) -> None:
        try:
            self._connection = duckdb.connect(str(path or ":memory:"), read_only=path is not None and not write)
        except duckdb.Error as error:
            raise _refused(error) from error

    def close(self) -> None:
        """Write everything to the file and let go of it."""
        self._connection.close()

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Run one statement with named parameters and return all its rows."""
        try:
            cursor = self._connection.cursor()
            return cursor.execute(sql, dict(values) if values else None).fetchall()
        except duckdb.Error as error:
            raise _refused(error) from error

    def insert(self, table: str, columns: Mapping[str, list[Any]], types: Mapping[str, str] | None = None) -> None:
        """Make a table of named columns; those of which `types` says nothing are of text, or of integers or days."""
        cells = dict(enumerate(columns.values()))
        kinds = {name: _type_of(values) for name, values in columns.items()} | dict(types or {})
        fields = ", ".join(f"unnest($c{at}::{kinds[name]}[]) AS {quoted(name)}" for at, name in enumerate(columns))
        sql = f"CREATE OR REPLACE TABLE {quoted(table)} AS SELECT {fields}"
        self.rows(sql, {f"c{at}": values for at, values in cells.items()})


def _type_of(values: list[Any]) -> str:
    """The type of a column by its first value; one without any is text."""
    first = next((value for value in values if value is not None), None)
    return "BIGINT" if isinstance(first, int) else "DATE" if isinstance(first, date) else "VARCHAR"


def _refused(error: duckdb.Error) -> EngineError:
    _LOG.debug("%s", error)  # it quotes rows: those who run the workspace ask for it, nobody else sees it
    return EngineError([Issue("engine.failed", Span("duckdb"))], str(error).splitlines()[0])
