"""Tokens of numbers, days and times to the values they stand for."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from salesrules.expr.lex import Flaw, Token
from salesrules.expr.syntax import Literal

MAX_DIGITS, MAX_PLACES = 18, 6  # no more than a stored decimal has, so that engines never cut one to fit
MAX_DURATION = 100_000
_CHINESE = {"万": 4, "亿": 8}
_DURATIONS = ("d", "wd", "h", "wh", "mo")


def number(token: Token) -> Literal:
    """An integer, decimal, percent or duration.

    Raises: Flaw for a unit that is none, and for more digits than every engine keeps.
    """
    start, end, unit = token.start, token.end, token.unit
    value = Decimal(token.text.replace("_", "")) if len(token.text) < 100 else Decimal("1e99")
    if unit in _CHINESE:
        value = value.scaleb(_CHINESE[unit])
    whole = "." not in token.text or (unit in _CHINESE and value == value.to_integral_value())
    places = 0 if whole else -int(value.as_tuple().exponent)
    if abs(value) >= Decimal(10) ** MAX_DIGITS or places > (4 if unit == "%" else MAX_PLACES):
        raise Flaw("expr.number_too_long", start, end, digits=str(MAX_DIGITS), places=str(MAX_PLACES))
    if unit in _DURATIONS:
        if not whole or value > MAX_DURATION:
            raise Flaw("expr.duration_not_whole", start, end, limit=f"{MAX_DURATION:,}")
        return Literal(start, end, "duration", int(value), unit)
    if unit == "%":
        return Literal(start, end, "percent", value.scaleb(-2))
    if unit not in ("", *_CHINESE):
        raise Flaw("expr.unknown_unit", end - len(unit), end, unit=unit)
    return Literal(start, end, "integer", int(value)) if whole else Literal(start, end, "decimal", value)


def moment(word: str, token: Token, start: int) -> Literal:
    """The day of `date '2026-01-31'`, the instant of `timestamp '2026-01-31 09:00'`.

    Raises: Flaw if the calendar has no such day, or the clock no such time.
    """
    text = token.text[1:-1]
    try:
        if word == "date":
            return Literal(start, token.end, "date", date.fromisoformat(text))
        found = datetime.fromisoformat(text)
        if found.tzinfo is None and len(text) > len("2026-01-31"):
            return Literal(start, token.end, "timestamp", found)
    except ValueError:
        pass
    raise Flaw(f"expr.no_such_{word}", token.start, token.end, found=text)
