"""The table of operators and functions: what each takes, how each engine spells it, and what it does in Python."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Any

Template = str | Mapping[str, str]
Spelling = Callable[[Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class Operator:
    """One row of the table.

    `sql` is one template for all engines, or one an engine, or for any number of operands a function of them; `{0}`
    is the first argument, `{all}` all with commas, `{rest}` all but the first, `{double}` the engine's word for
    a double. `python` is such a template too, or a function; `exact` stands in for it where decimals are added.
    `takes` is what a pack may write: `kinds, of, arguments -> kind of the result`, where a bare number is the kind
    of that argument; rows without it are only made by the checker. With `spreads`, null in is null out.
    """

    sql: Template | Spelling
    python: str | Callable[..., Any]
    takes: str = ""
    spreads: bool = True
    exact: Callable[..., Any] | None = None

    def spell(self, engine: str, double: str, arguments: Sequence[str]) -> str:
        """The operation in the SQL of an engine, its arguments already printed."""
        if callable(self.sql):
            return self.sql(arguments)
        template = self.sql if isinstance(self.sql, str) else self.sql[engine]
        return template.format(*arguments, all=", ".join(arguments), rest=", ".join(arguments[1:]), double=double)


_DECIMALS = Context(prec=100, rounding=ROUND_HALF_UP)  # no caller's context may round our figures
_UPPER, _LOWER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
_WIDE = "".join(chr(code) for code in range(0xFF01, 0xFF5F))
_NARROW = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)).lower()
_SPACES = " \t\n\r\u00a0\u3000"
_PLAIN = str.maketrans(_UPPER + _WIDE, _LOWER + _NARROW, _SPACES)
_DAYS_LIMIT = 100_000


def _translate(source: str, target: str) -> str:
    def quoted(text: str) -> str:
        return "'" + text.replace("'", "''").replace("{", "{{").replace("}", "}}") + "'"

    return f"translate({{0}}, {quoted(source)}, {quoted(target)})"


def _infix(word: str) -> Spelling:
    return lambda arguments: "(" + f" {word} ".join(arguments) + ")"


def _case(arguments: Sequence[str]) -> str:
    whens = zip(arguments[:-1:2], arguments[1:-1:2], strict=True)
    arms = " ".join(f"WHEN {condition} THEN {value}" for condition, value in whens)
    return f"CASE {arms} ELSE {arguments[-1]} END"


def _in(value: Any, *options: Any) -> bool | None:
    if value is None:
        return None
    return True if value in options else None if None in options else False


def _divide(a: Any, b: Any) -> float | None:
    return None if float(b) == 0 else float(a) / float(b)


@lru_cache(maxsize=1000)
def _pattern(like: str) -> re.Pattern[str]:
    found = re.sub(
        r"\\(.)|(%)|(_)|(.)",
        lambda m: ".*" if m[2] else "." if m[3] else re.escape(m[1] or m[4]),
        like,
        flags=re.DOTALL,
    )
    return re.compile(found, re.DOTALL)


def _like(text: str, like: str) -> bool:
    return _pattern(like).fullmatch(text) is not None


def _round(value: Any, places: int) -> Decimal:
    return _DECIMALS.quantize(value, Decimal(1).scaleb(-places))


def _round_product(amount: Any, factor: Any, places: int) -> Decimal:
    return _round(_DECIMALS.multiply(Decimal(amount), factor), places)


def _least(*values: Any) -> Any:
    return min((v for v in values if v is not None), default=None)


def _greatest(*values: Any) -> Any:
    return max((v for v in values if v is not None), default=None)


def _add_days(day: date, days: int) -> date | None:
    return day + timedelta(days) if abs(days) <= _DAYS_LIMIT else None


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _inside_any(place: int, lefts: list[int], rights: list[int]) -> bool:
    return any(lft <= place <= rgt for lft, rgt in zip(lefts, rights, strict=True))


def _truncated(unit: str) -> str:
    return f"CAST(date_trunc('{unit}', CAST({{0}} AS TIMESTAMP)) AS DATE)"


_DAYS = "CASE WHEN {1} BETWEEN -100000 AND 100000 THEN {0} + CAST({1} AS INTEGER) END"
_IN_LIST = {"duckdb": "list_contains({1}, {0})", "postgres": "({0} = ANY({1}))"}
_IN_INTERVALS = {
    "duckdb": "(len(list_filter(list_zip({1}, {2}), lambda i: {0} BETWEEN i[1] AND i[2])) > 0)",
    "postgres": "(SELECT coalesce(bool_or({0} BETWEEN i.a AND i.b), false) FROM unnest({1}, {2}) AS i(a, b))",
}


OPERATORS: dict[str, Operator] = {
    # comparison
    "=": Operator("({0} = {1})", "{0} == {1}"),
    "<>": Operator("({0} <> {1})", "{0} != {1}"),
    "<": Operator("({0} < {1})", "{0} < {1}"),
    "<=": Operator("({0} <= {1})", "{0} <= {1}"),
    ">": Operator("({0} > {1})", "{0} > {1}"),
    ">=": Operator("({0} >= {1})", "{0} >= {1}"),
    "like": Operator("({0} LIKE {1} ESCAPE '\\')", _like),
    "like plain": Operator("({0} LIKE {1})", _like),  # no backslash in it: engines search faster without ESCAPE
    "in list": Operator(
        {k: f"CASE WHEN {{0}} IS NOT NULL AND {{1}} IS NOT NULL THEN {v} END" for k, v in _IN_LIST.items()},
        "{0} in {1}",
    ),
    "in intervals": Operator(
        {
            k: f"CASE WHEN {{0}} IS NOT NULL AND {{1}} IS NOT NULL AND {{2}} IS NOT NULL THEN {v} END"
            for k, v in _IN_INTERVALS.items()
        },
        _inside_any,
    ),
    # arithmetic: quotients and products are doubles, sums of decimals exact
    "+": Operator("({0} + {1})", "{0} + {1}", exact=_DECIMALS.add),
    "-": Operator("({0} - {1})", "{0} - {1}", exact=_DECIMALS.subtract),
    "*": Operator("(CAST({0} AS {double}) * CAST({1} AS {double}))", lambda a, b: float(a) * float(b)),
    "/": Operator("(CAST({0} AS {double}) / nullif(CAST({1} AS {double}), 0))", _divide),
    "negative": Operator("(-{0})", "-{0}", exact=_DECIMALS.minus),
    "double": Operator("CAST({0} AS {double})", lambda a: float(a)),
    "abs": Operator("abs({0})", abs, "number -> 0", exact=_DECIMALS.abs),
    # a rounded value has a type of known width, or DuckDB drops decimals where two wide ones meet
    "round": Operator("CAST(round({0}, {1}) AS DECIMAL(28, {1}))", _round),
    "round product": Operator(
        "CAST(round(CAST({0} AS DECIMAL(28,2)) * CAST({1} AS DECIMAL(9,6)), {2}) AS DECIMAL(28, {2}))", _round_product
    ),
    "round multiple": Operator(
        "CAST(round(CAST({0} AS DECIMAL(28,2)) * CAST({1} AS DECIMAL(9,0)), {2}) AS DECIMAL(28, {2}))", _round_product
    ),
    # choice
    "coalesce": Operator("coalesce({all})", "", "any, like ... -> like", spreads=False),
    "nullif": Operator("nullif({0}, {1})", lambda a, b: None if a == b else a, "any, like -> 0", spreads=False),
    "least": Operator("least({all})", _least, "ordered, like ... -> like", spreads=False),
    "greatest": Operator("greatest({all})", _greatest, "ordered, like ... -> like", spreads=False),
    # text
    "lower": Operator(_translate(_UPPER, _LOWER), lambda t: t.translate(str.maketrans(_UPPER, _LOWER)), "text -> 0"),
    "upper": Operator(_translate(_LOWER, _UPPER), lambda t: t.translate(str.maketrans(_LOWER, _UPPER)), "text -> 0"),
    "normalize": Operator(
        _translate(_UPPER + _WIDE + _SPACES, _LOWER + _NARROW), lambda t: t.translate(_PLAIN), "text -> 0"
    ),
    # dates
    "days_between": Operator("CAST({1} - {0} AS BIGINT)", lambda a, b: (b - a).days, "date, date -> integer"),
    "add_days": Operator(_DAYS, _add_days, "date, integer -> date"),
    "add days": Operator("({0} + CAST({1} AS INTEGER))", lambda d, n: d + timedelta(n)),
    "add months": Operator("CAST({0} + {1} * INTERVAL '1 month' AS DATE)", _add_months),
    "add hours": Operator("({0} + {1} * INTERVAL '1 hour')", lambda t, n: t + timedelta(hours=n)),
    "year": Operator("CAST(date_part('year', {0}) AS BIGINT)", lambda d: d.year),
    "quarter": Operator("CAST(date_part('quarter', {0}) AS BIGINT)", lambda d: (d.month + 2) // 3),
    "month": Operator("CAST(date_part('month', {0}) AS BIGINT)", lambda d: d.month),
    "start of year": Operator(_truncated("year"), lambda d: date(d.year, 1, 1)),
    "start of quarter": Operator(_truncated("quarter"), lambda d: date(d.year, (d.month - 1) // 3 * 3 + 1, 1)),
    "start of month": Operator(_truncated("month"), lambda d: date(d.year, d.month, 1)),
    "start of week": Operator(_truncated("week"), lambda d: d - timedelta(d.weekday())),
    # logic: these have their own null
    "and": Operator(_infix("AND"), "", spreads=False),
    "or": Operator(_infix("OR"), "", spreads=False),
    "not": Operator("(NOT {0})", "", spreads=False),
    "is null": Operator("({0} IS NULL)", "{0} is None", spreads=False),
    "in": Operator("({0} IN ({rest}))", _in, spreads=False),
    "case": Operator(_case, "", spreads=False),
}
