"""The figures of groups to the bars of a chart: all from one zero line, in hundredths of the drawing's width."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

ROW = 30  # pixels, as high as a row of the table beside it
_FROM, _TO = 34.0, 82.0  # names stand on the left of the bars, figures on the right
_NAME = 24  # columns of a name; a Chinese character takes two


@dataclass(frozen=True, slots=True)
class Bar:
    """One group: its name, cut if it is long, its figure as text, and its bar, none where no figure is shown.

    `start` and `length` are percents of the width, `top` is in pixels; a figure may be withheld or not there at all.
    """

    name: str
    text: str
    top: int
    start: float | None = None
    length: float = 0.0
    below_zero: bool = False
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars in the order of the table, and where their zero line stands."""

    bars: tuple[Bar, ...]
    zero: float
    height: int


def chart(groups: Sequence[tuple[str, Any, str]], scale: Sequence[Any]) -> Chart | None:
    """Each group as (name, figure, figure as text); `scale` are all figures, so that every page has one scale.

    A figure that is no number has no bar: of nothing there is none, and what is withheld must not look like nothing.
    """
    known = [0.0, *(float(value) for value in scale if _is_number(value))]
    low, high = min(known), max(known)
    if low == high:
        return None
    unit = (_TO - _FROM) / (high - low)

    def bar(at: int, name: str, value: Any, text: str) -> Bar:
        top, short = at * ROW, _cut(name)
        if not _is_number(value):
            return Bar(short, text, top, withheld=value is not None)
        start, length = _FROM + (min(float(value), 0.0) - low) * unit, abs(float(value)) * unit
        return Bar(short, text, top, round(start, 3), round(length, 3), value < 0)

    bars = tuple(bar(at, *group) for at, group in enumerate(groups))
    return Chart(bars, round(_FROM - low * unit, 3), ROW * len(bars))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal)


def _cut(name: str) -> str:
    taken = 0
    for at, character in enumerate(name):
        taken += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if taken > _NAME:
            return name[: at - 1] + "…"
    return name
