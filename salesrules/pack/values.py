"""What numbers and times in a pack become: exact values, never floats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Literal, NewType

Percent = NewType("Percent", Decimal)
"""A share: `15%` is 0.15."""

NOTHING = Percent(Decimal(0))
ALL = Percent(Decimal(1))

Quantity = NewType("Quantity", Decimal)
"""A number or a percent: `20`, `1_000`, `80%` (as 0.80)."""

Period = NewType("Period", str)
"""A stretch of the calendar or the fiscal year by name: `2026`, `FY2027`, `2026Q3`, `2026H1`, `2026-07`."""

PeriodLength = Literal["day", "week", "month", "quarter", "half", "year"]


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time: `3d` calendar days, `3wd` working days, `4h` hours, `4wh` working hours, `1mo` months."""

    count: int
    unit: Literal["d", "wd", "h", "wh", "mo"]

    @classmethod
    def of(cls, text: str) -> Duration:
        """The length that a text such as `3wd` says.

        Raises: ValueError if it says none.
        """
        unit = text.lstrip("0123456789")
        if unit not in ("d", "wd", "h", "wh", "mo"):
            raise ValueError(text)
        return cls(int(text.removesuffix(unit)), unit)  # type: ignore[arg-type]

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours within one day, `[start, end)`: `09:00-18:00`."""

    start: time
    end: time
