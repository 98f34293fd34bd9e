"""Facts about value tables and calendars."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from salesrules.check.names import all_known
from salesrules.issue import Issue, nearest
from salesrules.pack.pack import Pack

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def value_tables_are_looked_up_by_dimensions(pack: Pack) -> Iterator[Issue]:
    for table in pack.tables.values():
        yield from all_known("table.unknown_key", table.keys, {*pack.dimensions, "role"}, table=table.id)


def weeks_have_weekdays(pack: Pack) -> Iterator[Issue]:
    for calendar in pack.calendars.values():
        for stretch in calendar.week:
            days = stretch.split("-")
            for day in (day for day in days if day not in WEEKDAYS or len(days) > 2):
                yield Issue("calendar.unknown_day", stretch.span, {"name": stretch}, near=nearest(day, WEEKDAYS))


def hours_end_after_they_start(pack: Pack) -> Iterator[Issue]:
    for calendar in pack.calendars.values():
        for stretch, opening in calendar.week.items():
            for earlier, later in pairwise(opening):
                if later.start < earlier.end:
                    yield Issue("calendar.hours_overlap", stretch.span, {"name": stretch})
            for hours in opening:
                if hours.end <= hours.start:
                    yield Issue("calendar.no_hours", stretch.span, {"name": stretch})
