"""Facts about pack.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo, available_timezones

from salesrules.check.names import unless_known
from salesrules.issue import Issue, nearest
from salesrules.pack.pack import Pack
from salesrules.pack.word import Word


def time_zones_exist(pack: Pack) -> Iterator[Issue]:
    yield from _time_zone("pack.unknown_timezone", pack.about.timezone)
    for calendar in pack.calendars.values():
        if calendar.timezone is not None:
            yield from _time_zone("calendar.unknown_timezone", calendar.timezone)


def the_fiscal_year_starts_on_a_day(pack: Pack) -> Iterator[Issue]:
    start = pack.about.fiscal_year_start
    try:
        date.fromisoformat(f"2001-{start}")  # no leap year: a year that begins on 02-29 would often not begin
    except ValueError:
        yield Issue("pack.no_such_day", start.span, {"name": start})


def the_calendar_is_declared(pack: Pack) -> Iterator[Issue]:
    yield from unless_known("pack.unknown_calendar", pack.about.calendar, pack.calendars)


def a_pack_extends_others(pack: Pack) -> Iterator[Issue]:
    for base in pack.about.extends:
        if base.partition("@")[0] == pack.about.pack:
            yield Issue("pack.extends_itself", base.span, {"name": pack.about.pack})


def _time_zone(code: str, name: Word) -> Iterator[Issue]:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not found, or not a name at all
        yield Issue(code, name.span, {"name": name}, near=nearest(name, available_timezones()))
