"""A day or time moved by a number of days, months or hours to what it then is: null beyond the years 1 to 9999."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta

DAYS_LIMIT = 100_000
_FIRST_MONTH, _LAST_MONTH = 12, 9999 * 12 + 11  # counted from January of a year 0
# one step beyond each end, where everything further out is put; `least` and `greatest` put nulls there too
_BEFORE, _AFTER = "(DATE '0001-01-01' - 1)", "(DATE '9999-12-31' + 1)"
_TICK = "INTERVAL '1 microsecond'"


def days_later(day: date, days: int) -> date | None:
    """The day so many days later, null outside the calendar."""
    try:
        return day + timedelta(days)
    except OverflowError:
        return None


def some_days_later(day: date, days: int) -> date | None:
    """As `days_later`, and null for more days than anybody means."""
    return days_later(day, days) if abs(days) <= DAYS_LIMIT else None


def months_later(day: date, months: int) -> date | None:
    """The same day of the month so many months later, or the last of that month; null outside the calendar."""
    at = day.year * 12 + day.month - 1 + months
    if not _FIRST_MONTH <= at <= _LAST_MONTH:
        return None
    year, month = divmod(at, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def hours_later(time: datetime, hours: int) -> datetime | None:
    """The time so many hours later, null outside the calendar."""
    try:
        return time + timedelta(hours=hours)
    except OverflowError:
        return None


def _between(moved: str, low: str, high: str) -> str:
    """SQL that writes `moved` once, however deep such moves lie in each other."""
    return f"nullif(nullif(least(greatest({moved}, {low}), {high}), {low}), {high})"


def within_times(time: str, first: str, last: str) -> str:
    """SQL for a time that lies between two others, null for one that does not."""
    return _between(time, f"({first} - {_TICK})", f"({last} + {_TICK})")


DAYS = _between("({0} + CAST({1} AS INTEGER))", _BEFORE, _AFTER)
HOURS = within_times(
    "({0} + {1} * INTERVAL '1 hour')", "TIMESTAMP '0001-01-01 00:00:00'", "TIMESTAMP '9999-12-31 23:59:59.999999'"
)
MONTHS = {
    "duckdb": _between("CAST({0} + {1} * INTERVAL '1 month' AS DATE)", _BEFORE, _AFTER),
    # its days begin 4713 years before ours, and counting back from ours can lead further
    "postgres": (
        "(SELECT CASE WHEN date_part('year', m.d) * 12 + date_part('month', m.d) - 1 + m.n"
        f" BETWEEN {_FIRST_MONTH} AND {_LAST_MONTH} THEN CAST(m.d + m.n * INTERVAL '1 month' AS DATE) END"
        " FROM (SELECT {0} AS d, {1} AS n) AS m)"
    ),
}
_SOME = f"CASE WHEN {{1}} BETWEEN -{DAYS_LIMIT} AND {DAYS_LIMIT} THEN CAST({{1}} AS INTEGER) END"
SOME_DAYS = _between(f"({{0}} + {_SOME})", _BEFORE, _AFTER)
