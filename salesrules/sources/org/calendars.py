"""A calendar of a pack and its file of exceptions to the tables of what is worked, and these to `Worked`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from salesrules.check.tables import WEEKDAYS
from salesrules.engines.duckdb import DuckDB
from salesrules.engines.engine import Engine
from salesrules.expr.sql import quoted
from salesrules.expr.worked import HOUR, Worked
from salesrules.issue import Issue, PackError, Span, Term
from salesrules.pack.pack import Pack
from salesrules.pack.tables import Calendar
from salesrules.pack.values import Hours
from salesrules.sources.raw.lines import row_places
from salesrules.sources.rows.tables import all_values, read_raw
from salesrules.sources.settings.bindings import Binding

EXCEPTIONS = "days of the calendar"  # the binding of the file
_DAYS, _HOURS = "#days", "#hours"  # no table of a source is called so
ASKED_BY = ((_DAYS, "day"), (_DAYS, "upto"), (_HOURS, "day"), (_HOURS, "hour"))
"""The columns that working time is looked up by: engines that do not scan as fast as they look up need an index."""
_KINDS = {"off": False, "work": True}
# Stretches cut so that each lies in one day of UTC and in one hour of all that is worked: that day and hour, from, to,
# and what is worked before it and with it. Every day begins with an empty one of no hour, and the last is one at the
# end, so that a day finds what was worked before it.
_MARKS = """
    SELECT unnest(generate_series(date_trunc('day', $start) + INTERVAL 1 DAY, $end, INTERVAL 1 DAY)) AS mark
    UNION SELECT $start UNION SELECT $end
"""
_HOUR_ROWS = f"""
    WITH hours AS (
        SELECT *, unnest(range(before // {HOUR}, (before + length + {HOUR} - 1) // {HOUR})) AS hour
        FROM (SELECT *, date_diff('microsecond', opens, closes) AS length FROM stretches)
    ),
    pieces AS (
        SELECT hour, opens, before, opens + to_microseconds(greatest(hour * {HOUR} - before, 0)) AS "from",
            opens + to_microseconds(least((hour + 1) * {HOUR} - before, length)) AS "to"
        FROM hours
    ),
    halves AS (
        SELECT hour, opens, before, "from", least("to", date_trunc('day', "from") + INTERVAL 1 DAY) AS "to" FROM pieces
        UNION ALL
        SELECT hour, opens, before, date_trunc('day', "to"), "to" FROM pieces
        WHERE date_trunc('day', "to") > date_trunc('day', "from") AND "to" > date_trunc('day', "to")
    ),
    done AS (
        SELECT mark, coalesce(before + date_diff('microsecond', opens, least(mark, closes)), 0) AS done
        FROM marks ASOF LEFT JOIN stretches ON mark >= opens
    )
    SELECT CAST("from" AS DATE) AS day, hour, "from", "to",
        before + date_diff('microsecond', opens, "from") AS before,
        before + date_diff('microsecond', opens, "to") AS upto
    FROM halves
    UNION ALL
    SELECT CAST(mark AS DATE), NULL, mark, mark, done, done FROM done
"""
_LONGEST = (date(2000, 1, 1), date(2099, 12, 31))  # what a calendar without a file knows
Row = Mapping[str, Any]


def calendar_of(pack: Pack) -> Calendar | None:
    """The calendar that the pack counts working time by."""
    return pack.calendars.get(pack.about.calendar) if pack.about.calendar is not None else None


def read_calendar(engine: DuckDB, pack: Pack, binding: Binding | None, scratch: Path) -> None:
    """Make the tables of the days and hours that the pack's calendar works, if it has one.

    With a file it knows the years that stand in the file: of others nobody has said which holidays they have.
    Raises: PackError with every cell that means nothing, and every day that stands twice.
    """
    calendar = calendar_of(pack)
    if calendar is None:
        return
    exceptions: dict[date, bool] = {}
    if calendar.days is not None and binding is not None:
        read_raw(engine, "raw days", binding, {"date": True, "kind": True, "name": False}, scratch)
        rows = all_values(engine, "raw days")
        engine.rows('DROP TABLE "raw days"')
        exceptions = _exceptions(calendar.id, rows, row_places(binding, calendar.days.file, len(rows)))
    week = tuple(calendar.week.items())
    keep_worked(engine, _worked(week, tuple(exceptions.items()), calendar.timezone or pack.about.timezone))


def _exceptions(calendar: str, rows: Sequence[Row], places: Sequence[Span]) -> dict[date, bool]:
    """Whether each day of the file is worked."""
    found: dict[date, bool] = {}
    first: dict[date, Span] = {}
    issues: list[Issue] = []
    for row, place in zip(rows, places, strict=True):
        day = _day(row["date"])
        wrong = [("date", Term("calendar.a_day"))] if day is None else []
        wrong += [("kind", Term("calendar.a_kind"))] if row["kind"] not in _KINDS else []
        for column, wanted in wrong:
            words = {"calendar": calendar, "column": column, "found": row[column] or "", "wanted": wanted}
            issues.append(Issue("calendar.bad_cell", place, words))
        if day is not None and day in first:
            words = {"calendar": calendar, "day": str(day)}
            issues.append(Issue("calendar.day_twice", place, words, other=first[day]))
        elif day is not None and not wrong:
            found[day], first[day] = _KINDS[row["kind"]], place
    if issues:
        raise PackError(issues)
    return found


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


@lru_cache(maxsize=4)  # a hundred years take half a second, and one process often builds from the same pack again
def _worked(week: tuple[tuple[str, tuple[Hours, ...]], ...], said: tuple[tuple[date, bool], ...], zone: str) -> Worked:
    first, last = _LONGEST
    exceptions, place = dict(said), ZoneInfo(zone)
    if exceptions:
        first, last = date(min(exceptions).year, 1, 1), date(max(exceptions).year, 12, 31)
    hours_on = _week(week)
    days: list[date] = []
    stretches: list[tuple[datetime, datetime]] = []
    for at in range((last - first).days + 1):
        day = first + timedelta(at)
        hours = hours_on(day, exceptions.get(day))
        days += [day] if hours else []
        stretches += [(_instant(day, one.start, place), _instant(day, one.end, place)) for one in hours]
    known = (first, last, _instant(first, time(), place), _instant(last + timedelta(1), time(), place))
    return Worked.of(known, days, stretches)


def _week(stretches: Sequence[tuple[str, tuple[Hours, ...]]]) -> Callable[[date, bool | None], Sequence[Hours]]:
    """The hours of a day, of which a file may say that it is worked or off.

    A day that is made up for and has no hours of its own is worked like the first day of the week that has some.
    """
    week: dict[int, tuple[Hours, ...]] = {}
    for stretch, hours in stretches:
        start, _, end = stretch.partition("-")
        at, to = WEEKDAYS.index(start), WEEKDAYS.index(end or start)
        week |= dict.fromkeys(((at + step) % 7 for step in range((to - at) % 7 + 1)), hours)
    usual: Sequence[Hours] = next((week[at] for at in sorted(week) if week[at]), ())

    def hours_on(day: date, said: bool | None) -> Sequence[Hours]:
        own = week.get(day.weekday(), ())
        return () if said is False else own or usual if said else own

    return hours_on


def _instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The instant in UTC of a time of day."""
    return datetime.combine(day, clock, zone).astimezone(UTC).replace(tzinfo=None)


def keep_worked(engine: DuckDB, worked: Worked) -> None:
    """Make the tables of what is worked."""
    days = zip(*worked.day_rows(), strict=True)
    engine.insert(_DAYS, dict(zip(("day", "upto", "before"), map(list, days), strict=True)))
    opens, closes = zip(*worked.stretches, strict=True) if worked.stretches else ((), ())
    stretches = {"opens": list(opens), "closes": list(closes), "before": list(worked.before[: len(opens)])}
    engine.insert("stretches", stretches, {"opens": "TIMESTAMP", "closes": "TIMESTAMP", "before": "BIGINT"})
    # a table of its own: within the statement that reads it, it takes twenty seconds for a hundred years
    engine.rows(f"CREATE TABLE marks AS {_MARKS}", {"start": worked.start, "end": worked.end})
    engine.rows(f"CREATE TABLE {quoted(_HOURS)} AS {_HOUR_ROWS}")
    for table in ("stretches", "marks"):
        engine.rows(f"DROP TABLE {table}")


def kept_calendar(engine: Engine) -> Worked:
    """The working time out of a database that `build` has filled, of a pack with a calendar."""
    days = engine.rows(f"SELECT day, upto > before FROM {quoted(_DAYS)} ORDER BY day")
    hours = engine.rows(f'SELECT "from", "to" FROM {quoted(_HOURS)} ORDER BY "from", "to"')
    known = (days[0][0], days[-1][0], hours[0][0], hours[-1][1])
    return Worked.of(known, [day for day, works in days if works], [(a, b) for a, b in hours if a < b])
