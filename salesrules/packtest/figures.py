"""What a test writes and what an answer holds to whether they are the same, and to the words for what was answered."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

from salesrules.expr.rounded import DECIMALS
from salesrules.issue import Term
from salesrules.run.answer import Mark

MARKS = {Mark.HIDDEN: "hidden", Mark.TOO_FEW: "too_few"}
NO_FIGURE = "none"


def same(expected: str | None, found: Any) -> bool:
    """Whether a value is what the test writes; a quotient is compared to as many decimals as are written."""
    if found is None or expected is None:
        return found is None and expected is None
    if isinstance(found, bool):
        return expected.lower() == str(found).lower()
    if isinstance(found, int | float | Decimal):
        return _same_number(expected, found)
    return bool(not isinstance(found, Mark) and str(found) == expected)


def same_figure(expected: str, found: Any) -> bool:
    """Whether a figure is what the test writes, or is withheld or missing as it says."""
    if found is None or isinstance(found, Mark):
        return expected == figure_word(found)
    return same(expected, found)


def figure_word(found: Any, expected: str = "") -> str:
    """A figure or the label of a group, as a test writes it; beside a percent that is expected, as a percent."""
    if found is None:
        return NO_FIGURE
    if expected.endswith("%") and isinstance(found, int | float | Decimal):
        return f"{Decimal(str(found)).scaleb(2).normalize():f}%"
    return MARKS[found] if isinstance(found, Mark) else str(found)


def cell_word(found: Any) -> str:
    """A cell for a message: nothing where it is empty."""
    if found is None:
        return Term("test.word_empty")
    return Term("test.word_hidden") if isinstance(found, Mark) else str(found)


def _same_number(expected: str, found: float | Decimal) -> bool:
    try:
        share = expected.endswith("%")
        number = Decimal(expected.removesuffix("%").replace("_", "")).scaleb(-2 if share else 0)
        if isinstance(found, float) and number.is_finite() and isfinite(found):
            return DECIMALS.quantize(Decimal(repr(found)), number) == number
    except InvalidOperation:  # no number, or one with more digits than anybody writes
        return False
    return number == found
