"""Kinds with an order to numbers: which values a kind can hold at all, and a pleasant one between two others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from salesrules.expr.kinds import Kind


@dataclass(frozen=True, slots=True)
class Scale:
    """How values of a kind become numbers and come back; a grid holds whole numbers only.

    `unit` is what people count in, `start` where an example begins when nothing bounds it.
    """

    number: Callable[..., Fraction]
    value: Callable[[Fraction], object]
    grid: bool = True
    unit: int = 1
    start: int = 0
    low: int | None = None
    high: int | None = None

    def holds(self, number: Fraction) -> bool:
        """Whether a value of the kind stands exactly here."""
        inside = (self.low is None or number >= self.low) and (self.high is None or number <= self.high)
        return inside and (number.denominator == 1 if self.grid else Fraction(float(number)) == number)

    def between(self, above: Fraction | None, below: Fraction | None) -> Fraction | None:
        """A value strictly between the two, or None where there is none; without a bound on that side if None."""
        if not self.grid:
            return self._dense(above, below)
        low = self.low if above is None else floor(above) + 1
        high = self.high if below is None else ceil(below) - 1
        if low is not None and high is not None and low > high:
            return None
        if (low is None or low <= self.start) and (high is None or self.start <= high):
            return Fraction(self.start)
        if low is not None and low > self.start:
            round_up = -(-low // self.unit) * self.unit
            return Fraction(low if high is not None and round_up > high else round_up)
        assert high is not None
        round_down = high // self.unit * self.unit
        return Fraction(high if low is not None and round_down < low else round_down)

    def _dense(self, above: Fraction | None, below: Fraction | None) -> Fraction | None:
        if above is None and below is None:
            return Fraction(self.start)
        if below is None or above is None:
            return above + 1 if above is not None else (below or 0) - Fraction(1)
        middle = Fraction(float((above + below) / 2))
        return middle if above < middle < below else None


def _decimals(digits: int, unit: int) -> Scale:
    size = 10**digits
    return Scale(lambda v: Fraction(v) * size, lambda n: Decimal(int(n)).scaleb(-digits), unit=unit)


# As the sources store them: money to the cent, percent and decimal to six places.
SCALES = {
    "integer": Scale(Fraction, int),
    "money": _decimals(2, unit=100),
    "percent": _decimals(6, unit=10_000),
    "decimal": _decimals(6, unit=1_000_000),
    **dict.fromkeys(("double", "ratio", "amount"), Scale(lambda v: Fraction(float(v)), float, grid=False)),
    "date": Scale(
        lambda v: Fraction(v.toordinal()),
        lambda n: date.fromordinal(int(n)),
        start=date(2000, 1, 1).toordinal(),
        low=1,
        high=date.max.toordinal(),
    ),
}


def scale_of(kind: Kind) -> Scale | None:
    """The scale of a kind, or None if its values have no order here."""
    return SCALES.get(kind.name)
