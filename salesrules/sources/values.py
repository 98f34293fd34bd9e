"""Files of value tables to tables of the engine: each row with the places of its keys, its days and its rank."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from typing import Any

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.dialects import DUCKDB
from salesrules.expr.sql import quoted
from salesrules.issue import Issue, PackError, Span, nearest
from salesrules.pack.tables import ValueKind, ValueTable
from salesrules.sources.bindings import Binding
from salesrules.sources.formats import UNFIT
from salesrules.sources.members import read_names
from salesrules.sources.periods import period
from salesrules.sources.tables import DAYS, all_values, read_raw
from salesrules.sources.trees import Tree, read_tree

_PLACES = {"integer": 0, "decimal": 6, "money": 2, "percent": 6}
_Names = Mapping[str, Mapping[str, str]]
_BOOLEANS = {"true": True, "false": False}


def values_name(table: str) -> str:
    """The name of the engine's table that holds a value table."""
    return f"table {table}"


def read_values(engine: DuckDB, table: ValueTable, binding: Binding, scratch: Path) -> None:
    """Make the table of the rows of a value table: their keys, `from`, `to`, `rank` and `value`.

    A key is kept by its interval, that of `*` being of all members; the higher rank is the more specific row. A row
    is kept once for each stretch of its days on which the trees of its keys stand still, and holds on no day on which
    a member that it names is not there.
    Raises: PackError with every cell that means nothing, and every two rows of which neither is more specific.
    """
    wanted = {**dict.fromkeys((*table.keys, "value"), True), "from": False, "to": False}
    read_raw(engine, "raw values", binding, wanted, scratch, {**DAYS, "value": table.type})
    rows = all_values(engine, "raw values")
    engine.rows('DROP TABLE "raw values"')
    names: _Names = {str(key): read_names(engine, key) for key in table.keys}
    trees = {str(key): read_tree(engine, key) for key in table.keys}
    issues: list[Issue] = []
    columns: dict[str, list[Any]] = {name: [] for name in _columns(table)}
    for row in rows:
        wrong = list(_wrong(table, binding.span, row, names))
        issues += wrong
        if not wrong:
            _add(table, row, names, trees, columns)
    if not issues:
        _insert(engine, table, columns)
        issues += _ties(engine, table, binding.span)
    if issues:
        raise PackError(issues)


def _wrong(table: ValueTable, span: Span, row: Mapping[str, Any], names: _Names) -> Iterator[Issue]:
    for key in table.keys:
        text = row[key]
        if text != "*" and text not in names[key]:
            words = {"name": text or "", "key": key, "table": table.id}
            yield Issue("table.unknown_member", span, words, near=nearest(text or "", names[key]))
    for column, reads in (("value", lambda text: _value(table, text)), ("from", _day), ("to", _day)):
        try:
            if row[column] is None and column == "value":
                raise ValueError
            reads(row[column])
        except (ValueError, InvalidOperation):
            yield Issue(
                "table.bad_cell",
                span,
                {"found": (row[column] or "").lstrip(UNFIT), "column": column, "table": table.id},
            )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _value(table: ValueTable, text: str) -> object:
    """The value as its type.

    Raises: ValueError or InvalidOperation if it is none, or out of the bounds that the table declares.
    """
    if table.type in _PLACES:
        return _number(table, text)
    if table.type == "boolean":
        if text.lower() not in _BOOLEANS:
            raise ValueError(text)
        return _BOOLEANS[text.lower()]
    return _day(text) if table.type == "date" else text


def _number(table: ValueTable, text: str) -> Decimal:
    percent = text.endswith("%")
    number = Decimal(text.removesuffix("%").replace("_", "")) / (100 if percent else 1)
    bounds = table.value if isinstance(table.value, ValueKind) else ValueKind(table.type)
    low, high = bounds.min, bounds.max
    fits = (
        number.is_finite() and round(number, _PLACES[table.type]) == number and (table.type == "percent" or not percent)
    )
    if not fits or (low is not None and number < low) or (high is not None and number > high):
        raise ValueError(text)
    return number


def _columns(table: ValueTable) -> dict[str, str]:
    """The columns of the engine's table with their types."""
    parts = (("key", "VARCHAR"), ("lft", "BIGINT"), ("rgt", "BIGINT"))
    keys = {f"{part} {key}": kind for key in table.keys for part, kind in parts}
    return {**keys, "from": "DATE", "to": "DATE", "rank": "BIGINT", "value": DUCKDB.types.get(table.type, "VARCHAR")}


def _add(
    table: ValueTable,
    row: Mapping[str, Any],
    names: _Names,
    trees: Mapping[str, Tree],
    columns: Mapping[str, list[Any]],
) -> None:
    members = {str(key): "*" if row[key] == "*" else names[key][row[key]] for key in table.keys}
    value = _value(table, row["value"])
    start, end = period(row)
    for first, last in _stretches([trees[key] for key in members], start, end):
        places = {key: trees[key].on(first).get(member) for key, member in members.items()}
        if any(place is None or place[1] is None for place in places.values()):
            continue
        rank = 0
        for key, place in places.items():
            lft, rgt, depth = place or (0, 0, 0)
            rank += depth + 1  # `*` lies above the roots: the deeper the keys together, the more specific the row
            for part, found in (("key", members[key]), ("lft", lft), ("rgt", rgt)):
                columns[f"{part} {key}"].append(str(found))
        days = (None if first == date.min else first, None if last == date.max else last)
        for name, cell in (("from", days[0]), ("to", days[1]), ("rank", rank), ("value", value)):
            columns[name].append(None if cell is None else str(cell))


def _stretches(trees: Iterable[Tree], start: date | None, end: date | None) -> Iterator[tuple[date, date]]:
    """The days `[start, end)` cut where one of the trees changes."""
    cuts = sorted({start or date.min, *(day for tree in trees for day in tree.starts), end or date.max})
    for first, last in pairwise(cuts):
        if (start is None or start <= first) and (end is None or last <= end):
            yield first, last


def _insert(engine: DuckDB, table: ValueTable, columns: Mapping[str, list[Any]]) -> None:
    engine.insert("text values", {f"c{at}": cells for at, cells in enumerate(columns.values())})
    types = enumerate(_columns(table).items())
    select = ", ".join(f"CAST(c{at} AS {kind}) AS {quoted(name)}" for at, (name, kind) in types)
    engine.rows(f'CREATE OR REPLACE TABLE {quoted(values_name(table.id))} AS SELECT {select} FROM "text values"')
    engine.rows('DROP TABLE "text values"')


def _ties(engine: DuckDB, table: ValueTable, span: Span) -> Iterator[Issue]:
    """Two rows of one day that share keys, neither more specific, and no row for exactly the keys that they share."""
    keys = [(quoted(f"key {key}"), quoted(f"lft {key}"), quoted(f"rgt {key}")) for key in table.keys]

    def each(condition: str) -> str:
        return " AND ".join(condition.format(key=key, lft=lft, rgt=rgt) for key, lft, rgt in keys)

    overlap = each("a.{lft} <= b.{rgt} AND b.{lft} <= a.{rgt}")
    inside = each("a.{lft} >= b.{lft} AND a.{rgt} <= b.{rgt}"), each("b.{lft} >= a.{lft} AND b.{rgt} <= a.{rgt}")
    shared = each("c.{lft} = greatest(a.{lft}, b.{lft}) AND c.{rgt} = least(a.{rgt}, b.{rgt})")
    deeper = [
        f"CASE WHEN a.{lft} >= b.{lft} AND a.{rgt} <= b.{rgt} THEN a.{key} ELSE b.{key} END" for key, lft, rgt in keys
    ]
    name = quoted(values_name(table.id))
    sql = f"""
        WITH days AS (SELECT DATE '0001-01-01' AS day UNION SELECT unnest(["from", "to"]) FROM {name}),
        held AS (
            SELECT day, v.rowid AS row, v.* FROM days JOIN {name} AS v
            ON (v."from" IS NULL OR v."from" <= day) AND (v."to" IS NULL OR day < v."to")
        )
        SELECT DISTINCT {", ".join(deeper)}
        FROM held AS a JOIN held AS b ON a.day = b.day AND a.row < b.row AND {overlap}
        WHERE ({each("a.{key} = b.{key}")}) OR (NOT ({inside[0]}) AND NOT ({inside[1]})
            AND NOT EXISTS (SELECT 1 FROM held AS c WHERE c.day = a.day AND {shared}))
        ORDER BY ALL
    """
    for row in engine.rows(sql):
        yield Issue("table.tie", span, {"name": table.id, "example": ", ".join(row)})
