"""The table of operators and functions: what each takes, how each engine spells it, and what it does in Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from salesrules.expr import moved
from salesrules.expr.rounded import DECIMALS, MULTIPLE, ROUNDED, SHARE, rounded, rounded_multiple, rounded_share

Spelling = Callable[[Sequence[str]], str]
Template = str | Spelling


@dataclass(frozen=True, slots=True)
class Operator:
    """One row of the table.

    `sql` is one template for all engines, or one an engine; a template is a text or a function of the operands. `{0}`
    is the first argument, `{all}` all with commas, `{rest}` all but the first, `{double}` the engine's word for
    a double. `python` is such a template too, or a function; `exact` stands in for it where decimals are added.
    `takes` is what a pack may write: `kinds, of, arguments -> kind of the result`, where a bare number is the kind
    of that argument; rows without it are only made by the checker. With `spreads`, null in is null out.
    """

    sql: Template | Mapping[str, Template]
    python: str | Callable[..., Any]
    takes: str = ""
    spreads: bool = True
    exact: Callable[..., Any] | None = None

    def spell(self, engine: str, double: str, arguments: Sequence[str]) -> str:
        """The operation in the SQL of an engine, its arguments already printed."""
        template = self.sql[engine] if isinstance(self.sql, Mapping) else self.sql
        if callable(template):
            return template(arguments)
        return template.format(*arguments, all=", ".join(arguments), rest=", ".join(arguments[1:]), double=double)


_UPPER, _LOWER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
_WIDE = "".join(chr(code) for code in range(0xFF01, 0xFF5F))
_NARROW = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)).lower()
_SPACES = " \t\n\r\u00a0\u3000"
_PLAIN = str.maketrans(_UPPER + _WIDE, _LOWER + _NARROW, _SPACES)


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


def _least(*values: Any) -> Any:
    return min((v for v in values if v is not None), default=None)


def _greatest(*values: Any) -> Any:
    return max((v for v in values if v is not None), default=None)


def _inside_any(place: int, lefts: list[int], rights: list[int]) -> bool:
    return any(lft <= place <= rgt for lft, rgt in zip(lefts, rights, strict=True))


def _truncated(unit: str) -> str:
    return f"CAST(date_trunc('{unit}', CAST({{0}} AS TIMESTAMP)) AS DATE)"


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
    "+": Operator("({0} + {1})", "{0} + {1}", exact=DECIMALS.add),
    "-": Operator("({0} - {1})", "{0} - {1}", exact=DECIMALS.subtract),
    "*": Operator("(CAST({0} AS {double}) * CAST({1} AS {double}))", lambda a, b: float(a) * float(b)),
    "/": Operator("(CAST({0} AS {double}) / nullif(CAST({1} AS {double}), 0))", _divide),
    "negative": Operator("(-{0})", "-{0}", exact=DECIMALS.minus),
    "double": Operator("CAST({0} AS {double})", lambda a: float(a)),
    "abs": Operator("abs({0})", abs, "number -> 0", exact=DECIMALS.abs),
    "round": Operator(ROUNDED, rounded),
    "round product": Operator(SHARE, rounded_share),
    "round multiple": Operator(MULTIPLE, rounded_multiple),
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
    "add_days": Operator(moved.SOME_DAYS, moved.some_days_later, "date, integer -> date"),
    "add days": Operator(moved.DAYS, moved.days_later),
    "add months": Operator(moved.MONTHS, moved.months_later),
    "add hours": Operator(moved.HOURS, moved.hours_later),
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
