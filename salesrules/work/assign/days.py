"""A day and a time in days or months to the day that lies so much later."""

from __future__ import annotations

from datetime import date

from salesrules.expr.moved import days_later, months_later
from salesrules.pack.values import Duration


def later(day: date, time: Duration) -> date:
    """The day after a time that is counted in days or months; a month ends with its last day."""
    found = months_later(day, time.count) if time.unit == "mo" else days_later(day, time.count)
    return found if found is not None else date.max if time.count > 0 else date.min
