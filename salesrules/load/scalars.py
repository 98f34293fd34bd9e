"""Single values of a file to exact Python values: one table of how each kind is written, for editor and loader."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from salesrules.expr.syntax import Expression
from salesrules.load.origin import origin_of
from salesrules.load.places import Value
from salesrules.pack.values import Duration, Hours, Percent, Period, Quantity
from salesrules.pack.word import Word

_DIGITS = r"-?[0-9][0-9_]{0,20}(\.[0-9]{1,9})?"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_LARGEST = 10**18
_MYRIADS = {"万": 10_000, "亿": 100_000_000}


@dataclass(frozen=True, slots=True)
class Scalar:
    """One kind of value: its name, how it is written, the JSON types it arrives as, and its reader.

    A value that is not written so is the issue `value.<name>`.
    """

    name: str
    written: str
    types: tuple[str, ...]
    read: Callable[[Value], Any]
    pattern: str | None = None
    least: int = -_LARGEST
    most: int = _LARGEST

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of such a value; numbers keep to their range, by default what every engine holds."""
        found: dict[str, Any] = {"title": self.name, "description": self.written}
        found["type"] = list(self.types) if len(self.types) > 1 else self.types[0]
        if self.pattern:
            found["pattern"] = f"^({self.pattern})$"
        if self.pattern and ("number" in self.types or "integer" in self.types):
            found |= {"minimum": self.least, "maximum": self.most}
        return found


def _number(text: str) -> Decimal:
    scale = _MYRIADS.get(text[-1], 1)
    return Decimal(text.rstrip("万亿").replace("_", "")) * scale


def _quantity(text: str) -> Decimal:
    return _number(text[:-1]) / 100 if text.endswith("%") else _number(text)


def _hours(text: str) -> Hours:
    start, end = text.split("-")
    return Hours(time.fromisoformat(start), time.fromisoformat(end))


_ANY = ("string", "number", "boolean")
SCALARS: Mapping[Any, Scalar] = {
    str: Scalar("text", "any text", _ANY, lambda value: value.normal),
    Word: Scalar("name", "the id of something", _ANY, lambda value: Word(value.normal, value.span)),
    Expression: Scalar(
        "expression",
        "an expression, quoted or on its own line",
        _ANY,
        lambda value: Expression(value.text, value.span, value.written.quote, origin_of(value.written)),
    ),
    bool: Scalar("boolean", "true or false", ("boolean",), lambda value: value.data),
    int: Scalar(
        "integer",
        "a whole number such as 20 or 1_000",
        ("integer", "string"),
        lambda value: int(value.text.replace("_", "")),
        r"-?[0-9][0-9_]{0,17}",
    ),
    Decimal: Scalar(
        "number",
        "a number such as 2.5, 50_000_000, 5000万 or 1.2亿",
        ("number", "string"),
        lambda value: _number(value.text),
        _DIGITS + "(万|亿)?",
    ),
    Percent: Scalar(
        "percent", "a percent such as 15%", ("string",), lambda value: _quantity(value.text), _DIGITS + "%"
    ),
    Quantity: Scalar(
        "quantity",
        "a number or a percent",
        ("number", "string"),
        lambda value: _quantity(value.text),
        _DIGITS + "(万|亿|%)?",
    ),
    Duration: Scalar(
        "duration",
        "a duration: 3d days, 3wd working days, 4h hours, 4wh working hours, 1mo months",
        ("string",),
        lambda value: Duration.of(value.text),
        r"[0-9]{1,5}(d|wd|h|wh|mo)",
    ),
    date: Scalar("day", "a day such as 2026-07-01", ("string",), lambda value: date.fromisoformat(value.text)),
    Hours: Scalar(
        "hours", "hours such as 09:00-18:00", ("string",), lambda value: _hours(value.text), f"{_TIME}-{_TIME}"
    ),
    Period: Scalar(
        "period",
        "a period such as 2026, FY2027, 2026Q3, 2026H1 or 2026-07",
        ("integer", "string"),
        lambda value: value.text,
        r"(FY)?[0-9]{4}(Q[1-4]|H[12]|-(0[1-9]|1[0-2]))?",
        least=1000,
        most=9999,
    ),
}


def is_day(text: object) -> bool:
    """Whether a text names a day that exists; other values are the business of their type."""
    if not isinstance(text, str):
        return True
    try:
        return bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False
