"""Value tables of the engine to lookups: an SQL expression for a query, and a function for one record at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from salesrules.engines.engine import Engine
from salesrules.expr.dialects import Dialect
from salesrules.expr.sql import quoted
from salesrules.pack.tables import ValueTable
from salesrules.sources.tables import all_values
from salesrules.sources.values import values_name


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One row: the interval `(lft, rgt)` of each key, the days `[start, end)`, and how specific it is."""

    keys: tuple[tuple[int, int], ...]
    start: date | None
    end: date | None
    rank: int
    value: Any


@dataclass(frozen=True, slots=True)
class Lookups:
    """Every value table of a pack with the trees that its keys lie in."""

    rows: Mapping[str, tuple[ValueRow, ...]]
    trees: Mapping[str, tuple[Mapping[str, tuple[int, int, int]], ...]]

    def on(self, day: date) -> dict[str, Callable[..., Any]]:
        """The tables as functions of keys that are not null: the most specific row of that day, None without one."""
        return {table: self._function(table, day) for table in self.rows}

    def _function(self, table: str, day: date) -> Callable[..., Any]:
        rows = [r for r in self.rows[table] if (r.start is None or r.start <= day) and (r.end is None or day < r.end)]
        found: dict[tuple[str, ...], Any] = {}

        def value(*keys: str) -> Any:
            if keys not in found:
                found[keys] = _most_specific(
                    rows, [tree.get(k) for tree, k in zip(self.trees[table], keys, strict=True)]
                )
            return found[keys]

        return value


def _most_specific(rows: Sequence[ValueRow], places: Sequence[tuple[int, int, int] | None]) -> Any:
    held = [
        row
        for row in rows
        if all(
            place is not None and lft <= place[0] and place[1] <= rgt
            for (lft, rgt), place in zip(row.keys, places, strict=True)
        )
    ]
    return max(held, key=lambda row: row.rank).value if held else None


def read_lookups(
    engine: Engine, tables: Mapping[str, ValueTable], trees: Mapping[str, Mapping[str, tuple[int, int, int]]]
) -> Lookups:
    """The value tables out of a database that `build` has filled."""
    rows = {
        id: tuple(
            ValueRow(
                tuple((row[f"lft {key}"], row[f"rgt {key}"]) for key in table.keys),
                row["from"],
                row["to"],
                row["rank"],
                row["value"],
            )
            for row in all_values(engine, values_name(id))
        )
        for id, table in tables.items()
    }
    return Lookups(rows, {id: tuple(trees[key] for key in table.keys) for id, table in tables.items()})


def lookup_sql(table: ValueTable, arguments: Sequence[str], day: str, dialect: Dialect) -> str:
    """The value for keys as an SQL expression, null where a key is null or no row holds.

    Args: arguments: the expression of each key; day: that of the day on which the row must hold.
    """
    sources, conditions = [], []
    for at, (key, argument) in enumerate(zip(table.keys, arguments, strict=True), start=1):
        sources.append(f", {quoted('tree ' + key)} AS k{at}")
        conditions.append(f"k{at}.id = {argument} AND v.{quoted('lft ' + key)} <= k{at}.lft")
        conditions.append(f"k{at}.rgt <= v.{quoted('rgt ' + key)}")
    held = f'(v."from" IS NULL OR v."from" <= {day}) AND (v."to" IS NULL OR {day} < v."to")'
    source = f"{quoted(values_name(table.id))} AS v{''.join(sources)}"
    value = dialect.latest.format("v.value", "v.rank")
    return f"(SELECT {value} FROM {source} WHERE {' AND '.join([*conditions, held])})"
