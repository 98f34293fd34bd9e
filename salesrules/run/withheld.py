"""A question for a KPI to the groups that are not shown, because few rows that the asker cannot read are behind them.

Such rows are told in blocks (`blocks`), and those hang on the KPI and the asker alone. So whatever groupings one KPI is
asked for, and however the answers are subtracted from each other, what comes out is about whole blocks. Two KPIs whose
filters differ by few rows can still be subtracted: who writes a pack decides which KPIs there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.compile import Measure
from salesrules.engines.engine import Engine
from salesrules.expr.typed import Typed
from salesrules.run.blocks import Cut, in_blocks
from salesrules.run.reads import needed
from salesrules.run.unread import Unread, unread_rows


@dataclass(frozen=True, slots=True)
class Withheld:
    """The groups, by their labels, that are not shown, and whether the total is."""

    groups: frozenset[tuple[object, ...]]
    total: bool


def withheld(
    engine: Engine, snapshot: Snapshot, principal: Principal, measure: Measure, by: tuple[Typed, ...]
) -> Withheld:
    """Decide which groups of a question are withheld; none where the asker reads all that could be summed up."""
    asked = needed(snapshot.program.pack, measure.entity, measure.touched, *by)
    if not any(snapshot.cell(principal, r.entity, "aggregate", r.category).allows for each in asked for r in each):
        return Withheld(frozenset(), False)
    kinds = unread_rows(snapshot, principal, measure, (), engine.dialect).kinds
    of_blocks = (kinds.select, tuple(kinds.values.items()))
    cuts = engine.found(of_blocks, lambda: in_blocks(engine, kinds))
    rows = unread_rows(snapshot, principal, measure, by, engine.dialect)
    return engine.found((of_blocks, rows.select, tuple(rows.values.items())), lambda: _of_blocks(engine, rows, cuts))


def _of_blocks(engine: Engine, rows: Unread, cuts: Sequence[Cut]) -> Withheld:
    sql, values = _statement(rows, cuts)
    found = [(tuple(labels), is_total) for is_total, *labels in engine.rows(sql, values)]
    return Withheld(frozenset(g for g, is_total in found if not is_total), any(is_total for _, is_total in found))


def _statement(rows: Unread, cuts: Sequence[Cut]) -> tuple[str, dict[str, Any]]:
    """The statement for the groups that are withheld: whether it is the total, and the labels."""
    values = dict(rows.values)
    joins = " ".join(_join(cut, f"k{at}", values) for at, cut in enumerate(cuts))
    places = [f"k{at}.place AS b{at}" for at in range(len(cuts))] or ["0 AS b0"]
    block, group = ", ".join(f"b{at}" for at in range(len(places))), ", ".join(rows.group)
    conditions = {"inside": rows.inside, "beyond": rows.beyond, "hidden": rows.lasting[0]}
    for name, some in (("holding", rows.holding), ("alone", rows.alone), ("small", rows.small)):
        conditions |= {f"{name}{at}": condition for at, condition in enumerate(some)}
    counts = ", ".join(f"count(*) FILTER (WHERE {condition}) AS {name}" for name, condition in conditions.items())
    sets, total = (f"({block}, {group}), ({block})", f"grouping({group}) > 0") if group else (f"({block})", "TRUE")
    sql = f"""
        WITH each AS (SELECT each.*, {", ".join(places)} FROM ({rows.select}) AS each {joins} WHERE {rows.unread}),
        part AS (
            SELECT {total} AS is_total, {", ".join([block, *rows.group])}, {counts}
            FROM each GROUP BY GROUPING SETS ({sets})
        ),
        beside AS (SELECT *, max(hidden) OVER (PARTITION BY {block}) AS whole FROM part)
        SELECT DISTINCT {", ".join(["is_total", *rows.group])} FROM beside WHERE {_tells(rows)}
    """
    return sql, values


def _join(cut: Cut, name: str, values: dict[str, Any]) -> str:
    """The place of a row among the groups of a cut."""
    # with names of their own: conditions on the rows name columns without saying whose
    lists = {"place": list(range(len(cut.groups)))} | {
        f"of_{column}": [labels[at] for labels in cut.groups] for at, column in enumerate(cut.columns)
    }
    given = []
    for column, list_ in lists.items():
        values[f"{name}_{column}"] = list_
        kind = "INTEGER" if column == "place" else "VARCHAR"
        given.append(f"unnest(CAST(${name}_{column} AS {kind}[])) AS {column}")
    same = " AND ".join(
        f"{name}.of_{column} IS NOT DISTINCT FROM CAST(each.{column} AS VARCHAR)" for column in cut.columns
    )
    return f"LEFT JOIN (SELECT {', '.join(given)}) AS {name} ON {same}"


def _tells(rows: Unread) -> str:
    """Whether the part of a block that a group has would tell about fewer rows than it may.

    A group has all of the block or none, and so does each condition of the formula. Nothing that is counted there is a
    small count. The least, greatest or middle value is that of one row, and counts as one.
    """
    few = rows.smallest - 1
    tells = [
        "inside NOT IN (0, whole)",
        "beyond > 0",
        *(f"holding{at} NOT IN (0, inside)" for at in range(len(rows.holding))),
        *(f"small{at} BETWEEN 1 AND {few:d}" for at in range(len(rows.small))),
        *(f"alone{at} > 0" for at in range(len(rows.alone)) if few > 0),
    ]
    return " OR ".join(tells)
