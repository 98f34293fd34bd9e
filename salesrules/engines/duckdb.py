"""DuckDB, embedded: one cursor a statement, every failure an EngineError."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from salesrules.expr.dialects import DUCKDB, Dialect
from salesrules.issue import EngineError, Issue, Span


class DuckDB:
    """A database in memory, or in a file opened to be read or, with `write`, to be filled; safe for many threads."""

    def __init__(self, path: Path | None = None, write: bool = False) -> None:
        try:
            self._connection = duckdb.connect(str(path or ":memory:"), read_only=path is not None and not write)
        except duckdb.Error as error:
            raise _refused(error) from error

    @property
    def dialect(self) -> Dialect:
        return DUCKDB

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

    def columns(self, source: str) -> list[str]:
        """The names of the columns of anything that can stand after FROM."""
        return [row[0] for row in self.rows(f"DESCRIBE SELECT * FROM {source}")]

    def insert(self, table: str, columns: Mapping[str, list[Any]]) -> None:
        """Make a table of named columns of text or integers."""
        types = {
            name: "BIGINT" if values and all(isinstance(v, int) for v in values) else "VARCHAR"
            for name, values in columns.items()
        }
        fields = ", ".join(f'unnest(${name}::{types[name]}[]) AS "{name}"' for name in columns)
        self.rows(f'CREATE OR REPLACE TABLE "{table}" AS SELECT {fields}', columns)


def _refused(error: duckdb.Error) -> EngineError:
    return EngineError([Issue("engine.failed", Span("duckdb"), {"problem": str(error).splitlines()[0]})])
