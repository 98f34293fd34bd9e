"""A moment and a duration to the moment at which it is over, by the days, hours and calendar of a pack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from salesrules.expr.worked import Worked
from salesrules.pack.values import Duration

_LONGEST = timedelta(days=36_500)
_TICK = timedelta(microseconds=1)


class Times:
    """When durations end; moments are in UTC, without a zone, and days are those of the pack.

    A duration in days is over when the last of its days begins. Working time needs a calendar: what began before the
    first day that it knows counts from that day, and what goes beyond its last day is never over.
    """

    def __init__(self, timezone: str, worked: Callable[[], Worked | None]) -> None:
        self._zone = ZoneInfo(timezone)
        self._counted = worked

    @property
    def _worked(self) -> Worked | None:
        return self._counted()

    def day(self, moment: datetime) -> date:
        """The day of a moment; the last one there is for a moment beyond it."""
        try:
            return moment.replace(tzinfo=UTC).astimezone(self._zone).date()
        except OverflowError:
            return date.max if moment.year > 1 else date.min

    def begin(self, day: date) -> datetime:
        """The moment at which a day begins; the first one there is for a day that begins before it."""
        try:
            return datetime.combine(day, time(), self._zone).astimezone(UTC).replace(tzinfo=None)
        except OverflowError:
            return datetime.min

    def end(self, day: date) -> datetime:
        """The last moment of a day."""
        return self.begin(day + timedelta(1)) - _TICK if day < date.max else datetime.max

    def works(self, day: date) -> bool:
        """Whether a day is worked; every day is without a calendar, and none that a calendar does not know."""
        return self._worked is None or self._worked.days_later(day, 0) == day

    def later(self, start: datetime, duration: Duration) -> datetime | None:
        """The moment at which a duration from `start` on is over; None where no calendar tells."""
        try:
            return self._later(start, duration)
        except (OverflowError, ValueError):  # it lies beyond the last day that there is
            return None

    def _later(self, start: datetime, duration: Duration) -> datetime | None:
        match duration.unit:
            case "h":
                return start + timedelta(hours=duration.count)
            case "wh":
                known = self._worked
                return known.hours_later(max(start, known.start), duration.count) if known is not None else None
            case "d":
                return self.begin(self.day(start) + timedelta(duration.count))
            case "wd":
                ends = self._worked.days_later(self._first(start), duration.count) if self._worked is not None else None
                return self.begin(ends) if ends is not None else None
            case _:
                return self.begin(_months_later(self.day(start), duration.count))

    def _first(self, start: datetime) -> date:
        assert self._worked is not None
        return max(self.day(start), self._worked.first)

    def earlier(self, end: datetime, duration: Duration) -> datetime | None:
        """The moment that lies a duration before another one; where working time began later, no earlier than it."""
        found = self.later(end, Duration(-duration.count, duration.unit))
        if found is None and self._worked is not None and end < self._worked.end:
            return min(end, self._worked.start)
        return found

    def latest_start(self, duration: Duration, now: datetime) -> datetime | None:
        """The last moment from which a duration is over at `now`; None if there is none."""
        return latest(lambda start: self.later(start, duration), now)


def latest(ends: Callable[[datetime], datetime | None], now: datetime) -> datetime | None:
    """The last moment up to `now` whose end has come by then, None if there is none; found by halving.

    Args: ends: the end for a start, never earlier for a later one, None where it never comes.
    """

    def over(start: datetime) -> bool:
        end = ends(start)
        return end is not None and end <= now

    least, most = now - min(_LONGEST, now - datetime.min), now
    if over(most):
        return most
    if not over(least):
        return None
    while most - least > _TICK:
        middle = least + (most - least) // 2
        least, most = (middle, most) if over(middle) else (least, middle)
    return least


def _months_later(day: date, count: int) -> date:
    """The same day of another month, or its last one where it has no such day."""
    month = day.month - 1 + count
    first = date(day.year + month // 12, month % 12 + 1, 1)
    last = (first.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)
    return first.replace(day=min(day.day, last.day))
