"""Files of value tables to tables of the engine: each row with the places of its keys, its days and its rank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.dialects import DUCKDB
from salesrules.expr.regions.tables import ANY
from salesrules.issue import Issue, PackError, Span, nearest
from salesrules.pack.tables import ValueKind, ValueTable
from salesrules.pack.values import Duration
from salesrules.sources.org.members import read_names
from salesrules.sources.org.periods import period
from salesrules.sources.org.trees import Tree, read_tree
from salesrules.sources.org.unsettled import Held, stretches, unsettled
from salesrules.sources.raw.formats import UNFIT
from salesrules.sources.raw.lines import row_places
from salesrules.sources.rows.tables import DAYS, all_values, read_raw
from salesrules.sources.settings.bindings import Binding

_PLACES = {"integer": 0, "decimal": 6, "money": 2, "percent": 6}
_Names = Mapping[str, Mapping[str, str]]
_BOOLEANS = {"true": True, "false": False}


def values_name(table: str) -> str:
    """The name of the engine's table that holds a value table."""
    return f"table {table}"


def read_values(engine: DuckDB, table: ValueTable, binding: Binding, scratch: Path) -> list[Issue]:
    """Make the table of the rows of a value table: their keys, `from`, `to`, `rank` and `value`.

    A key is kept by its interval, that of `*` being of all members; the higher rank is the more specific row. A row
    is kept once for each stretch of its days on which the trees of its keys stand still, and holds on no day on which
    a member that it names is not there.
    Returns: a warning if some keys have no row.
    Raises: PackError with every cell that means nothing, and every two rows of which neither is more specific.
    """
    wanted = {**dict.fromkeys((*table.keys, "value"), True), "from": False, "to": False}
    read_raw(engine, "raw values", binding, wanted, scratch, {**DAYS, "value": table.type})
    rows = all_values(engine, "raw values")
    engine.rows('DROP TABLE "raw values"')
    names: _Names = {str(key): read_names(engine, key) for key in table.keys}
    trees = {str(key): read_tree(engine, key) for key in table.keys}
    spans = row_places(binding, table.file, len(rows))
    issues: list[Issue] = []
    columns: dict[str, list[Any]] = {name: [] for name in _columns(table)}
    for row, span in zip(rows, spans, strict=True):
        wrong = list(_wrong(table, span, row, names))
        issues += wrong
        if not wrong:
            _add(table, row, names, trees, columns)
    if not issues:
        engine.insert(values_name(table.id), columns, _columns(table))
        held = [_held(table, row, names, span) for row, span in zip(rows, spans, strict=True)]
        issues += unsettled(table, held, trees)
    if any(issue.severity == "error" for issue in issues):
        raise PackError(issues)
    return issues


def _held(table: ValueTable, row: Mapping[str, Any], names: _Names, span: Span) -> Held:
    return Held(tuple(_members(table, row, names).values()), *period(row), span)


def _members(table: ValueTable, row: Mapping[str, Any], names: _Names) -> dict[str, str]:
    """The member or `*` that a row has for each key."""
    return {str(key): ANY if row[key] == ANY else names[key][row[key]] for key in table.keys}


def _wrong(table: ValueTable, span: Span, row: Mapping[str, Any], names: _Names) -> Iterator[Issue]:
    for key in table.keys:
        text = row[key]
        if text != ANY and text not in names[key]:
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
    if table.type == "duration":
        return str(Duration.of(text))
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
    members = _members(table, row, names)
    value = _value(table, row["value"])
    start, end = period(row)
    for first, last in stretches([trees[key] for key in members], start, end):
        places = {key: trees[key].on(first).get(member) for key, member in members.items()}
        if any(place is None or place[1] is None for place in places.values()):
            continue
        rank = 0
        for key, place in places.items():
            lft, rgt, depth = place or (0, 0, 0)
            rank += depth + 1  # `*` lies above the roots: the deeper the keys together, the more specific the row
            for part, found in (("key", members[key]), ("lft", lft), ("rgt", rgt)):
                columns[f"{part} {key}"].append(found)
        days = (None if first == date.min else first, None if last == date.max else last)
        for name, cell in (("from", days[0]), ("to", days[1]), ("rank", rank), ("value", value)):
            columns[name].append(cell)
