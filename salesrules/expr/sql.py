"""Typed trees to SQL text: one printer, the caller says what each leaf is called in its query."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from salesrules.expr.operators import OPERATORS
from salesrules.expr.typed import Aggregate, Constant, Leaf, Typed


def to_sql(tree: Typed, name_of: Callable[[Leaf], str]) -> str:
    """The tree as one SQL expression; `name_of` gives the column or parameter of a leaf."""
    if isinstance(tree, Constant):
        return literal(tree.value)
    if isinstance(tree, Leaf):
        return name_of(tree)
    if isinstance(tree, Aggregate):
        inside = "*" if tree.argument is None else to_sql(tree.argument, name_of)
        distinct = "DISTINCT " if tree.distinct else ""
        where = "" if tree.where is None else f" FILTER (WHERE {to_sql(tree.where, name_of)})"
        return f"{tree.function}({distinct}{inside}){where}"
    return OPERATORS[tree.operator].sql([to_sql(argument, name_of) for argument in tree.arguments])


def literal(value: object) -> str:
    """A constant as SQL text; quotes in text are doubled, decimals keep every digit."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case Decimal():
            return f"CAST('{value:f}' AS DECIMAL(38, {max(0, -int(value.as_tuple().exponent))}))"
        case date():
            return f"DATE '{value.isoformat()}'"
        case _:
            return "'" + str(value).replace("'", "''") + "'"


def quoted(name: str) -> str:
    """An identifier in double quotes, safe for any name."""
    return '"' + name.replace('"', '""') + '"'
