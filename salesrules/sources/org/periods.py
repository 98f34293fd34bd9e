"""Raw columns `from` and `to` to days: a period runs from its first day to the first day after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from salesrules.issue import Issue, Span
from salesrules.sources.raw.formats import UNFIT


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
            yield Issue("table.bad_cell", span, {"found": row[column].lstrip(UNFIT), "column": column, "table": table})
