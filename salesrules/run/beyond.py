"""A Program and its rows to warnings: where working time is counted from days that the calendar does not know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from salesrules.compile import Program
from salesrules.engines.engine import Engine
from salesrules.expr.sql import quoted
from salesrules.expr.syntax import Expression
from salesrules.expr.typed import Constant, Leaf, Lookup, Typed, nodes
from salesrules.expr.worked import DAYS, HOURS
from salesrules.issue import Issue
from salesrules.sources.org.calendars import calendar_of
from salesrules.sources.org.lookups import Lookups
from salesrules.sources.rows.beside import tables_of
from salesrules.sources.rows.typed import day_column


def beyond_the_calendar(engine: Engine, program: Program, lookups: Lookups) -> Iterator[Issue]:
    """A warning for each day that is written, and each field, from which no working time can be counted."""
    calendar = calendar_of(program.pack)
    if calendar is None:
        return
    for entity, expression, tree in _asked(program):
        for node in nodes(tree):
            if not isinstance(node, Lookup) or node.table not in (DAYS, HOURS):
                continue
            if (worked := lookups.worked) is None:
                continue
            words = {"calendar": calendar.id, "first": str(worked.first), "last": str(worked.last)}
            bounds = (worked.first, worked.last) if node.table == DAYS else (worked.start, worked.end)
            start = node.arguments[0]
            if isinstance(start, Constant) and _outside(start.value, bounds):
                yield Issue("calendar.day_beyond", expression.span, {**words, "day": str(start.value)})
            if isinstance(start, Leaf) and start.root == "row":
                owner, count = _rows_outside(engine, program, entity, start, bounds)
                if count:
                    field = f"{owner}.{start.path[-1]}"
                    yield Issue(
                        "calendar.rows_beyond", expression.span, {**words, "field": field, "rows": f"{count:,}"}
                    )


def _asked(program: Program) -> Iterator[tuple[str, Expression, Typed]]:
    """Every condition and formula that is run, with the entity of its rows."""
    pack, meanings = program.pack, program.meanings
    for (id, entity), tree in meanings.slices.items():
        condition = pack.slices[id].on(entity)
        if condition is not None:
            yield entity, condition, tree
    for entity, tree in meanings.active.items():
        active = pack.entities[entity].active_when
        if active is not None:
            yield entity, active, tree
    for measure in program.measures.values():
        kpi = pack.kpis[measure.id]
        yield measure.entity, kpi.formula, measure.formula
        if measure.date is not None and isinstance(kpi.date, Expression):
            yield measure.entity, kpi.date, measure.date


def _outside(value: object, bounds: tuple[Any, Any]) -> bool:
    """A calendar knows its last day, and the instants before its end."""
    if isinstance(value, datetime):
        return not bounds[0] <= value < bounds[1]
    return isinstance(value, date) and not bounds[0] <= value <= bounds[1]


def _rows_outside(
    engine: Engine, program: Program, entity: str, leaf: Leaf, bounds: tuple[Any, Any]
) -> tuple[str, int]:
    """The entity at the end of the path, and how many of its rows have a value there that lies outside."""
    tables = tables_of(program.pack)
    for step in leaf.path[:-1]:
        entity = tables[entity].fields[step].to or entity
    column = quoted(day_column(leaf.path[-1]) if leaf.part == "day" else leaf.path[-1])
    after = ">=" if isinstance(bounds[1], datetime) else ">"
    sql = f"SELECT count(*) FROM {quoted(entity)} WHERE {column} < $first OR {column} {after} $last"
    return entity, int(engine.rows(sql, {"first": bounds[0], "last": bounds[1]})[0][0])
