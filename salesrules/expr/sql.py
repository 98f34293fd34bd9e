"""Typed trees to SQL text: one printer for all engines, the caller says what each leaf is called in its query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from salesrules.expr.dialects import DUCKDB, LOOKUPS, Dialect
from salesrules.expr.operators import OPERATORS
from salesrules.expr.typed import Aggregate, Constant, Leaf, Lookup, Related, Typed, fold

NameOf = Callable[[Leaf], str]


class RelatedRows(Protocol):
    """How a query reaches the rows of one `some` or `count`: their columns, and then the clauses that give them."""

    def name_of(self, leaf: Leaf) -> str:
        """The column of a leaf of these rows, or of the record they point at."""

    def source(self) -> str:
        """The `FROM ... WHERE` that ties the rows to their record, with every join that a name asked for."""


def to_sql(
    tree: Typed,
    name_of: NameOf,
    dialect: Dialect = DUCKDB,
    related: Callable[[Related], RelatedRows] | None = None,
    lookup: Callable[[Lookup, Sequence[str]], str] | None = None,
) -> str:
    """The tree as one SQL expression of any depth.

    Args: name_of: the column or parameter of a leaf. related: the rows behind each `some` and `count`; a query
    that gives none cannot print them. lookup: the value of a table for printed keys; without it a table of the pack
    is one of its keys and its value alone.
    """

    def combine(node: Typed, found: Sequence[str]) -> str:
        if isinstance(node, Constant):
            return constant(node, dialect)
        if isinstance(node, Leaf):
            return name_of(node)
        if isinstance(node, Related):
            assert related is not None, "this query has no related rows"
            return _related(node, related(node), dialect, lookup)
        if isinstance(node, Aggregate):
            return _aggregate(node, found, dialect)
        if isinstance(node, Lookup):
            if lookup is None or node.table in LOOKUPS:
                return _lookup(node, found, dialect)
            return lookup(node, found)
        return OPERATORS[node.operator].spell(dialect.name, dialect.double, found)

    return fold(tree, combine)


def _related(
    node: Related,
    rows: RelatedRows,
    dialect: Dialect,
    lookup: Callable[[Lookup, Sequence[str]], str] | None,
) -> str:
    where = to_sql(node.where, rows.name_of, dialect, lookup=lookup)
    source = rows.source()  # after the names, which may have asked for joins
    if node.function == "some":
        return f"EXISTS (SELECT 1 {source} AND {where})"
    return f"(SELECT count(*) {source} AND {where})"


def _aggregate(node: Aggregate, found: Sequence[str], dialect: Dialect) -> str:
    inside = found[0] if node.argument is not None else "*"
    where = f" FILTER (WHERE {found[-1]})" if node.where is not None else ""
    if node.function in ("median", "quantile"):
        level = node.level if node.function == "quantile" else Decimal("0.5")
        return dialect.quantile.format(inside, level=level) + where
    if node.function == "avg":
        inside = f"CAST({inside} AS {dialect.double})"
    return f"{node.function}({'DISTINCT ' if node.distinct else ''}{inside}){where}"


def _lookup(node: Lookup, found: Sequence[str], dialect: Dialect) -> str:
    if node.table in LOOKUPS:
        template = LOOKUPS[node.table]
        return (template if isinstance(template, str) else template[dialect.name]).format(*found)
    keys = " AND ".join(f"v.k{at} = {argument}" for at, argument in enumerate(found, start=1))
    return f"(SELECT v.value FROM {quoted('table ' + node.table)} AS v WHERE {keys})"


def constant(node: Constant, dialect: Dialect = DUCKDB) -> str:
    """A constant as its kind: a bare NULL or small integer would take whatever kind the engine likes."""
    if node.value is None:
        return f"CAST(NULL AS {dialect.types[node.kind.name]})"
    if isinstance(node.value, float):
        return f"CAST('{node.value!r}' AS {dialect.double})"
    if node.kind.name == "integer" and isinstance(node.value, int):
        return f"CAST({node.value} AS BIGINT)"
    return literal(node.value)


def literal(value: object) -> str:
    """A value as SQL text; quotes in text are doubled, decimals keep every digit."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case Decimal():
            text = f"{value:f}"
            digits, places = sum(map(str.isdigit, text)), len(text.partition(".")[2])
            return f"CAST('{text}' AS DECIMAL({digits}, {places}))"
        case datetime():
            return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
        case date():
            return f"DATE '{value.isoformat()}'"
        case _:
            return "'" + str(value).replace("'", "''") + "'"


def quoted(name: str) -> str:
    """An identifier in double quotes, safe for any name."""
    return '"' + name.replace('"', '""') + '"'
