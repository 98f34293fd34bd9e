"""Raw columns `from` and `to` to days: a period runs from its first day to the first day after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import quoted
from salesrules.issue import Issue, Span
from salesrules.sources.bindings import Binding


def end_after(engine: DuckDB, table: str, binding: Binding) -> None:
    """Make `to` of a raw table the first day after, where the binding says that it is the last day."""
    if binding.to_inclusive:
        day = 'TRY_CAST("to" AS DATE)'
        sql = f'UPDATE {quoted(table)} SET "to" = CAST({day} + 1 AS VARCHAR) WHERE {day} IS NOT NULL'
        engine.rows(sql)


def period(row: Mapping[str, Any]) -> tuple[date | None, date | None]:
    """The days `[start, end)` of a raw row; open where nothing is written.

    Raises: ValueError for text that is no day.
    """
    start, end = (date.fromisoformat(row[key]) if row[key] else None for key in ("from", "to"))
    return start, end


def wrong_days(row: Mapping[str, Any], span: Span, table: str) -> Iterator[Issue]:
    """What is written in `from` or `to` and is no day."""
    for column in ("from", "to"):
        try:
            date.fromisoformat(row[column] or "2000-01-01")
        except ValueError:
            yield Issue("table.bad_cell", span, {"found": row[column], "column": column, "table": table})
