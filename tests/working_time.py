"""A working calendar for tests: its days and hours by the product, by walking, and as tables of an engine."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from salesrules.expr.sql import literal
from salesrules.expr.worked import DAYS, HOUR, HOURS, Worked

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2023, 12, 1), date(2026, 12, 31)
WEEK = {at: [(9, 0, 12, 0), (13, 30, 18, 0)] for at in range(5)} | {5: [(9, 0, 11, 45)]}
HOLIDAYS = {date(2026, 1, 1), date(2026, 1, 2), *(date(2024, 2, 10) + timedelta(at) for at in range(8))}
MADE_UP = {date(2026, 1, 4), date(2024, 2, 18)}  # Sundays that are worked as a Monday is


@cache
def hours_of(day):
    """The stretches that are worked on a day, in UTC."""
    if day in HOLIDAYS:
        return []
    open_hours = WEEK.get(0 if day in MADE_UP else day.weekday(), [])
    ends = [(time(a, b), time(c, d)) for a, b, c, d in open_hours]
    return [tuple(_utc(datetime.combine(day, at)) for at in pair) for pair in ends]


def _utc(local):
    return local.replace(tzinfo=ZONE).astimezone(UTC).replace(tzinfo=None)


ALL_DAYS = [FIRST + timedelta(at) for at in range((LAST - FIRST).days + 1)]
START, END = _utc(datetime.combine(FIRST, time())), _utc(datetime.combine(LAST + timedelta(1), time()))
WORKED = Worked.of(
    (FIRST, LAST, START, END),
    [day for day in ALL_DAYS if hours_of(day)],
    [stretch for day in ALL_DAYS for stretch in hours_of(day)],
)
PRODUCT = {DAYS: WORKED.days_later, HOURS: WORKED.hours_later}


def days_walked(day, count):
    """Day by day, counting those that are worked."""
    if not FIRST <= day <= LAST:
        return None
    step = timedelta(1 if count > 0 else -1)
    left = abs(count)
    while left:
        day += step
        if not FIRST <= day <= LAST:
            return None
        left -= bool(hours_of(day))
    return day


@cache
def _stretches():
    return [stretch for day in ALL_DAYS for stretch in hours_of(day)]


def hours_walked(moment, count):
    """Stretch by stretch, forwards or backwards, using up the time that is open."""
    if not START <= moment < END:
        return None
    left = timedelta(hours=abs(count))
    for opens, closes in _stretches() if count > 0 else reversed(_stretches()):
        if count > 0:
            opens = max(opens, moment)
        else:
            closes = min(closes, moment)
        if closes <= opens:
            continue
        if left <= closes - opens:
            return opens + left if count > 0 else closes - left
        left -= closes - opens
    return None


WALKED = {DAYS: days_walked, HOURS: hours_walked}


def hour_rows(worked):
    """Stretches cut so that each lies in one day of UTC and in one hour of all that is worked, and where days begin."""
    marks, at = [worked.start], midnight(worked.start) + timedelta(1)
    while at < worked.end:
        marks.append(at)
        at += timedelta(1)
    for mark in (*marks, worked.end):
        done = sum((min(mark, b) - a) // timedelta(microseconds=1) for a, b in worked.stretches if a < mark)
        yield mark.date(), None, mark, mark, done, done
    for (opens, closes), done in zip(worked.stretches, worked.before, strict=False):
        while opens < closes:
            left = HOUR - done % HOUR
            until = min(closes, midnight(opens) + timedelta(1), opens + timedelta(microseconds=left))
            length = (until - opens) // timedelta(microseconds=1)
            yield opens.date(), done // HOUR, opens, until, done, done + length
            opens, done = until, done + length


def midnight(moment):
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def make_tables(run):
    """Make the tables of the calendar by running SQL, with indexes, which spare PostgreSQL much reading."""
    tables = {
        "#days": ("day DATE, upto BIGINT, before BIGINT", WORKED.day_rows(), ("day", "upto")),
        "#hours": (
            'day DATE, hour BIGINT, "from" TIMESTAMP, "to" TIMESTAMP, before BIGINT, upto BIGINT',
            hour_rows(WORKED),
            ("day", "hour"),
        ),
    }
    for name, (columns, rows, keys) in tables.items():
        lines = ", ".join("(" + ", ".join(map(literal, row)) + ")" for row in rows)
        run(f'DROP TABLE IF EXISTS "{name}"')
        run(f'CREATE TABLE "{name}" ({columns})')
        run(f'INSERT INTO "{name}" VALUES {lines}')
        for key in keys:
            run(f'CREATE INDEX "{name} {key}" ON "{name}" ({key})')
