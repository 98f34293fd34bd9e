"""A KPI over the rows that one person may aggregate, in groups; a group that would tell on few rows is withheld."""

from __future__ import annotations

from typing import Any

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.compile import Measure, touched_by
from salesrules.engines.engine import Engine
from salesrules.expr.typed import Typed
from salesrules.issue import AccessDenied, Issue, Span
from salesrules.run.answer import Answer, Mark
from salesrules.run.needed import closed, needed, open_on
from salesrules.run.query import Query
from salesrules.run.withheld import withheld

Row = tuple[object, ...]


def run_kpi(
    engine: Engine, snapshot: Snapshot, principal: Principal, measure: Measure, by: tuple[tuple[str, Typed], ...]
) -> Answer:
    """The figure by groups, then the figure over all of them in a last row without group members.

    Raises: AccessDenied if the KPI touches a category that no grant opens to the asker.
    """
    labels = touched_by(snapshot.program.pack, measure.entity, *(tree for _, tree in by))
    touched = measure.touched | labels
    if refused := closed(snapshot, principal, measure.entity, touched):
        words = [{"kpi": measure.id, "entity": entity, "category": category} for entity, category in refused]
        raise AccessDenied([Issue("access.kpi_refused", Span(measure.id), each) for each in words])
    query = Query(snapshot, principal, measure.entity, engine.dialect)
    cells = needed(snapshot, measure.entity, touched)
    inside = open_on(query, "aggregate", cells)
    figures = f"CASE WHEN count(*) >= {measure.min_sample:d} THEN {query.expression(measure.formula)} END, count(*)"
    gone = withheld(engine, snapshot, principal, measure, tuple(tree for _, tree in by))
    total = engine.rows(f"SELECT {figures} FROM {query.source} WHERE {inside}", query.values)
    last = (Mark.TOO_FEW, Mark.TOO_FEW) if gone.total else total[0]
    columns = (*(name for name, _ in by), measure.id, "rows")
    if not by:
        return Answer(measure.entity, columns, (tuple(last),), 1, {})
    groups = ", ".join(query.expression(tree) for _, tree in by)
    # where nothing but reading opens these rows, none of them is unread, nor is any of their labels
    all_read = inside == open_on(query, "read", cells)
    named = "TRUE" if all_read else f"bool_or({open_on(query, 'read', needed(snapshot, measure.entity, labels))})"
    places = ", ".join(str(at + 1) for at in range(len(by)))
    sql = f"SELECT {groups}, {figures}, {named} FROM {query.source} WHERE {inside} GROUP BY {places}"
    found = sorted(engine.rows(sql, query.values), key=lambda row: _order(row[: len(by)]))
    rows = _told(found, gone.groups)
    return Answer(measure.entity, columns, (*rows, (*[None] * len(by), *last)), len(rows), {})


def _order(labels: Row) -> list[tuple[bool, Any]]:
    """The place of a group: by its labels, those without one last, text by its characters whatever the engine."""
    return [(label is None, label) for label in labels]


def _told(rows: list[Row], gone: frozenset[Row]) -> list[Row]:
    """The groups as they may be shown: (labels, figure, count of rows).

    Args: rows: labels, figure, count of rows, and whether the asker reads the labels on any row. A label that
        stands on unread rows only is itself a hidden value, so such groups become one without a name.
    """
    nameless = (*[Mark.HIDDEN] * (len(rows[0]) - 3), Mark.TOO_FEW, Mark.TOO_FEW) if rows else ()
    shown = [(*row[:-3], Mark.TOO_FEW, Mark.TOO_FEW) if row[:-3] in gone else row[:-1] for row in rows]
    kept = [show for show, row in zip(shown, rows, strict=True) if row[:-3] not in gone or row[-1]]
    return kept if len(kept) == len(rows) else [*kept, nameless]
