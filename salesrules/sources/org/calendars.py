"""A calendar of a pack and its file of exceptions to the tables of what is worked, and these to `Worked`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from salesrules.check.tables import WEEKDAYS
from salesrules.engines.duckdb import DuckDB
from salesrules.engines.engine import Engine
from salesrules.expr.sql import quoted
from salesrules.expr.worked import Worked
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
    zone = ZoneInfo(calendar.timezone or pack.about.timezone)
    _keep(engine, _worked(calendar, exceptions, zone))


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


def _worked(calendar: Calendar, exceptions: Mapping[date, bool], zone: ZoneInfo) -> Worked:
    first, last = _LONGEST
    if exceptions:
        first, last = date(min(exceptions).year, 1, 1), date(max(exceptions).year, 12, 31)
    hours_on = _week(calendar)
    days: list[date] = []
    stretches: list[tuple[datetime, datetime]] = []
    for at in range((last - first).days + 1):
        day = first + timedelta(at)
        hours = hours_on(day, exceptions.get(day))
        days += [day] if hours else []
        stretches += [(_instant(day, one.start, zone), _instant(day, one.end, zone)) for one in hours]
    known = (first, last, _instant(first, time(), zone), _instant(last + timedelta(1), time(), zone))
    return Worked.of(known, days, stretches)


def _week(calendar: Calendar) -> Callable[[date, bool | None], Sequence[Hours]]:
    """The hours of a day, of which a file may say that it is worked or off.

    A day that is made up for and has no hours of its own is worked like the first day of the week that has some.
    """
    week: dict[int, tuple[Hours, ...]] = {}
    for stretch, hours in calendar.week.items():
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


def _keep(engine: DuckDB, worked: Worked) -> None:
    days = {"day": "DATE", "upto": "BIGINT", "before": "BIGINT"}
    hours = {
        **{"day": "DATE", "hour": "BIGINT", "from": "TIMESTAMP", "to": "TIMESTAMP"},
        **{"before": "BIGINT", "upto": "BIGINT"},
    }
    for table, types, rows in ((_DAYS, days, worked.day_rows()), (_HOURS, hours, worked.hour_rows())):
        engine.insert(table, dict(zip(types, map(list, zip(*rows, strict=True)), strict=True)), types)


def kept_calendar(engine: Engine, pack: Pack) -> Worked | None:
    """The working time out of a database that `build` has filled."""
    if calendar_of(pack) is None:
        return None
    days = engine.rows(f"SELECT day, upto > before FROM {quoted(_DAYS)} ORDER BY day")
    hours = engine.rows(f'SELECT "from", "to" FROM {quoted(_HOURS)} ORDER BY "from", "to"')
    known = (days[0][0], days[-1][0], hours[0][0], hours[-1][1])
    return Worked.of(known, [day for day, works in days if works], [(a, b) for a, b in hours if a < b])
