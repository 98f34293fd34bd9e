"""Days and hours that are worked to the day or instant that lies some of them later or earlier."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

DAYS, HOURS = "working days", "working hours"  # what lookups call the two functions; no id of a pack has a space
HOUR = 3_600_000_000  # in microseconds, in which all working time is counted
_TICK = timedelta(microseconds=1)
_DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class Worked:
    """The working time of a calendar, which knows the days from `first` to `last` and the instants in `[start, end)`.

    `days` are the working days and `stretches` the working hours as `[from, to)` in UTC, both in order; `before`
    is what is worked before each stretch, in microseconds.
    """

    first: date
    last: date
    start: datetime
    end: datetime
    days: Sequence[date]
    stretches: Sequence[tuple[datetime, datetime]]
    before: Sequence[int]

    @staticmethod
    def of(
        known: tuple[date, date, datetime, datetime],
        days: Sequence[date],
        stretches: Sequence[tuple[datetime, datetime]],
    ) -> Worked:
        """The working time of these days and stretches."""
        before = [0]
        for opens, closes in stretches:
            before.append(before[-1] + (closes - opens) // _TICK)
        return Worked(*known, days, stretches, before)

    def days_later(self, day: date, count: int) -> date | None:
        """The working day that is `count` after a day, or before it if negative; None where the calendar ends."""
        if not self.first <= day <= self.last:
            return None
        at = bisect_right(self.days, day) + count - 1 if count > 0 else bisect_left(self.days, day) + count
        return self.days[at] if 0 <= at < len(self.days) else None

    def hours_later(self, moment: datetime, count: int) -> datetime | None:
        """The first instant by which `count` hours are worked after a moment; the last one if it is negative."""
        if not self.start <= moment < self.end:
            return None
        target = self._worked(moment) + count * HOUR
        at = (bisect_left if count > 0 else bisect_right)(self.before, target) - 1
        inside = 0 <= at < len(self.stretches)
        return self.stretches[at][0] + (target - self.before[at]) * _TICK if inside else None

    def _worked(self, moment: datetime) -> int:
        """What is worked from the start until a moment."""
        at = bisect_right(self.stretches, moment, key=lambda stretch: stretch[0]) - 1
        if at < 0:
            return 0
        opens, closes = self.stretches[at]
        return self.before[at] + (min(moment, closes) - opens) // _TICK

    def day_rows(self) -> Iterator[tuple[date, int, int]]:
        """Each day with the working days until its end, and until its start."""
        held = set(self.days)
        day, count = self.first, 0
        while day <= self.last:
            works = day in held
            yield day, count + works, count
            count += works
            day += _DAY
