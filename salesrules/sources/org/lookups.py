"""Value tables of the engine to lookups: an SQL expression for a query, and a function for one record at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial
from typing import Any

from salesrules.engines.engine import Engine
from salesrules.expr.dialects import Dialect
from salesrules.expr.sql import quoted
from salesrules.expr.worked import DAYS, HOURS, Worked
from salesrules.pack.pack import Pack
from salesrules.pack.tables import ValueTable
from salesrules.sources.org.calendars import calendar_of, kept_calendar
from salesrules.sources.org.leave import Away, is_away, kept_leave
from salesrules.sources.org.trees import Interval, Tree, tree_name
from salesrules.sources.org.values import values_name
from salesrules.sources.rows.tables import all_values


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
    """Every value table of a pack with the trees that its keys lie in, the working time of its calendar, and leave."""

    rows: Mapping[str, tuple[ValueRow, ...]]
    trees: Mapping[str, tuple[Tree, ...]]
    counted: Callable[[], Worked] | None = None
    away: Away = field(default_factory=dict)

    @property
    def worked(self) -> Worked | None:
        """The working time of the pack's calendar, read when it is asked for first; None without a calendar."""
        return self.counted() if self.counted is not None else None

    def on(self, day: date) -> dict[str, Callable[..., Any]]:
        """The tables as functions of keys that are not null: the most specific row of that day, None without one.

        Beside them, what working days and hours are counted by, and whether a person is on leave on a day.
        """
        tables: dict[str, Callable[..., Any]] = {table: self._function(table, day) for table in self.rows}
        tables["leave"] = partial(is_away, self.away)
        if (counted := self.counted) is not None:
            tables[DAYS] = lambda day, count: counted().days_later(day, count)
            tables[HOURS] = lambda moment, count: counted().hours_later(moment, count)
        return tables

    def _function(self, table: str, day: date) -> Callable[..., Any]:
        rows = [r for r in self.rows[table] if (r.start is None or r.start <= day) and (r.end is None or day < r.end)]
        places = [tree.on(day) for tree in self.trees[table]]
        found: dict[tuple[str, ...], Any] = {}

        def value(*keys: str) -> Any:
            if keys not in found:
                found[keys] = _most_specific(rows, [at.get(key) for at, key in zip(places, keys, strict=True)])
            return found[keys]

        return value


def _most_specific(rows: Sequence[ValueRow], places: Sequence[Interval | None]) -> Any:
    held = [
        row
        for row in rows
        if all(
            place is not None and lft <= place[0] and (place[1] or place[0]) <= rgt
            for (lft, rgt), place in zip(row.keys, places, strict=True)
        )
    ]
    return max(held, key=lambda row: row.rank).value if held else None


def read_lookups(engine: Engine, pack: Pack, trees: Mapping[str, Tree]) -> Lookups:
    """The value tables and the calendar out of a database that `build` has filled."""
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
        for id, table in pack.tables.items()
    }
    held = {id: tuple(trees[key] for key in table.keys) for id, table in pack.tables.items()}
    # a hundred years of days and hours take longer to read than all the rest, and few questions count by them
    counted = cache(partial(kept_calendar, engine)) if calendar_of(pack) is not None else None
    return Lookups(rows, held, counted, kept_leave(engine))


def lookup_sql(table: ValueTable, arguments: Sequence[str], day: str, dialect: Dialect) -> str:
    """The value for keys as an SQL expression, null where a key is null or no row holds.

    Args: arguments: the expression of each key; day: that of the day on which the row must hold.
    """
    sources, conditions = [], []
    for at, (key, argument) in enumerate(zip(table.keys, arguments, strict=True), start=1):
        sources.append(f", {quoted(tree_name(key))} AS k{at}")
        conditions.append(f"{day} BETWEEN k{at}.first AND k{at}.last")
        conditions.append(f"k{at}.id = {argument} AND v.{quoted('lft ' + key)} <= k{at}.lft")
        conditions.append(f"coalesce(k{at}.rgt, k{at}.lft) <= v.{quoted('rgt ' + key)}")
    held = f'(v."from" IS NULL OR v."from" <= {day}) AND (v."to" IS NULL OR {day} < v."to")'
    source = f"{quoted(values_name(table.id))} AS v{''.join(sources)}"
    value = dialect.latest.format("v.value", "v.rank")
    return f"(SELECT {value} FROM {source} WHERE {' AND '.join([*conditions, held])})"
