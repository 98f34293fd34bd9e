"""Texts as a source writes them to texts that the engine can cast: days, numbers, yes and no."""

from __future__ import annotations

import re
from dataclasses import dataclass

from salesrules.expr.sql import literal

UNFIT = "\x01"  # stands before a text that is not as the source says it writes: no type can be read from it
NUMBERS = ("integer", "decimal", "double", "money", "percent")
_WHOLE = r"^[+-]?\d+(\.0*)?$"
_ISO = r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}([ T][\d:.+ Z-]*)?$"  # a year of two digits is not of the first century


@dataclass(frozen=True, slots=True)
class Formats:
    """How a source writes: `dates` as in strptime, the decimal sign, what groups thousands, words for yes and no."""

    dates: str | None = None
    decimal: str = "."
    thousands: str = ""
    true: tuple[str, ...] = ()
    false: tuple[str, ...] = ()


def canonical(text: str, kind: str, formats: Formats, percents: bool = False) -> str:
    """An SQL expression of text to one of text that can be cast to a type.

    Args: kind: the type of the field. percents: whether a bare number of a percent counts hundredths.
    """
    if kind in ("date", "timestamp"):
        return _fit(_moment(text, formats.dates, kind == "date"), text)
    if kind == "boolean" and formats.true:
        low = f"lower({text})"
        words = [", ".join(literal(word.lower()) for word in words) for words in (formats.true, formats.false)]
        return _fit(f"CASE WHEN {low} IN ({words[0]}) THEN 'true' WHEN {low} IN ({words[1]}) THEN 'false' END", text)
    if kind in NUMBERS:
        plain = (formats.decimal, formats.thousands) == (".", "")
        number = text if plain else _number(text, formats)
        if kind == "integer":  # the engine would round
            number = f"CASE WHEN regexp_matches({number}, {literal(_WHOLE)}) THEN {number} END"
        number = number if number == text else _fit(number, text)
        return f"CASE WHEN suffix({text}, '%') THEN {number} ELSE {number} || '%' END" if percents else number
    return text


def _fit(read: str, text: str) -> str:
    return f"coalesce({read}, {literal(UNFIT)} || {text})"


def _moment(text: str, dates: str | None, day: bool) -> str:
    if dates is None:
        iso = f"regexp_matches({text}, {literal(_ISO)})"
        read = f"strftime(TRY_CAST({text} AS DATE), '%Y-%m-%d')" if day else text
        return f"CASE WHEN {iso} THEN {read} END"
    ways = ", ".join(literal(dates + clock) for clock in ("", " %H:%M:%S", " %H:%M"))
    moment = f"try_strptime({text}, [{ways}])"
    written = "%Y-%m-%d" if day else "%Y-%m-%d %H:%M:%S"
    # the year of `%Y` may be read from fewer than four digits, which nobody means
    return f"CASE WHEN year({moment}) >= 1000 THEN strftime({moment}, {literal(written)}) END"


def _number(text: str, formats: Formats) -> str:
    """Only what is written exactly so is a number: a `1.234` from elsewhere is not silently a thousand."""
    decimal, thousands = re.escape(formats.decimal), re.escape(formats.thousands)
    grouped = rf"\d{{1,3}}({thousands}\d{{3}})+|" if thousands else ""
    pattern = rf"^[+-]?({grouped}\d+)({decimal}\d+)?%?$"
    bare = f"replace({text}, {literal(formats.thousands)}, '')" if formats.thousands else text
    plain = f"replace({bare}, {literal(formats.decimal)}, '.')"
    return f"CASE WHEN regexp_matches({text}, {literal(pattern)}) THEN {plain} END"
