"""A KPI over the rows that one person may aggregate, in groups; a group that would tell on few rows is withheld."""

from __future__ import annotations

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.compile import Measure
from salesrules.engines.engine import Engine
from salesrules.expr.typed import Typed
from salesrules.issue import AccessDenied, Issue, Several, Span
from salesrules.run.answer import Answer, Mark
from salesrules.run.query import Query
from salesrules.run.reads import closed, met_on, needed
from salesrules.run.withheld import withheld

Row = tuple[object, ...]


def run_kpi(
    engine: Engine, snapshot: Snapshot, principal: Principal, measure: Measure, by: tuple[tuple[str, Typed], ...]
) -> Answer:
    """The figure by groups, then the figure over all of them in a last row without group members.

    Raises: AccessDenied if the KPI touches a category that no grant opens to the asker.
    """
    pack, paths = snapshot.program.pack, tuple(tree for _, tree in by)
    cells = needed(pack, measure.entity, measure.touched, *paths)
    if refused := closed(snapshot, principal, cells, "aggregate"):
        own = closed(snapshot, principal, needed(pack, measure.entity, measure.touched), "aggregate")
        raise AccessDenied([_refusal(pair, measure, by, pair in own) for pair in refused])
    query = Query(snapshot, principal, measure.entity, engine.dialect)
    inside, read = (met_on(query.in_where, cells, action) for action in ("aggregate", "read"))
    gone = withheld(engine, snapshot, principal, measure, paths)
    # where nothing but reading opens these rows, none of them is unread, nor is any of their labels
    named = "TRUE" if inside == read else met_on(query, needed(pack, measure.entity, frozenset(), *paths), "read")
    groups = [query.sortable(tree) for tree in paths]
    *rows, (*_, figure, count, _) = engine.rows(_figures(query, measure, groups, inside, named), query.values)
    last = (Mark.TOO_FEW, Mark.TOO_FEW) if gone.total else (figure, count)
    columns = (*(name for name, _ in by), measure.id, "rows")
    if not by:
        return Answer(measure.entity, columns, (last,), 1, {})
    told = _told(rows, gone.groups)
    return Answer(measure.entity, columns, (*told, (*[None] * len(by), *last)), len(told), {})


def _refusal(pair: tuple[str, str], measure: Measure, by: tuple[tuple[str, Typed], ...], own: bool) -> Issue:
    """What is closed to the asker: a category that the KPI reads itself, or one that only its groups read."""
    words = {"entity": pair[0], "category": pair[1]}
    if own:
        return Issue("access.kpi_refused", Span(measure.id), {**words, "kpi": measure.id})
    return Issue("access.by_refused", Span("--by"), {**words, "by": Several.of(name for name, _ in by)})


def _figures(query: Query, measure: Measure, groups: list[str], inside: str, named: str) -> str:
    """The statement for labels, figure, count of rows and `named` of each group, and of all rows in a last row."""
    figure = f"CASE WHEN count(*) >= {measure.min_sample:d} THEN {query.expression(measure.formula)} END"
    columns = ", ".join([*groups, figure, "count(*)", f"bool_or({named})"])
    source = f"FROM {query.source} WHERE {inside}"
    if not groups:
        return f"SELECT {columns} {source}"
    labels = ", ".join(groups)
    in_order = ", ".join([f"grouping({labels})", *(f"{place + 1} NULLS LAST" for place in range(len(groups)))])
    return f"SELECT {columns} {source} GROUP BY GROUPING SETS (({labels}), ()) ORDER BY {in_order}"


def _told(rows: list[Row], gone: frozenset[Row]) -> list[Row]:
    """The groups as they may be shown: (labels, figure, count of rows).

    Args: rows: labels, figure, count of rows, and whether the asker reads the labels on any row. A label that
        stands on unread rows only is itself a hidden value, so such groups become one without a name.
    """
    nameless = (*[Mark.HIDDEN] * (len(rows[0]) - 3), Mark.TOO_FEW, Mark.TOO_FEW) if rows else ()
    shown = [(*row[:-3], Mark.TOO_FEW, Mark.TOO_FEW) if row[:-3] in gone else row[:-1] for row in rows]
    kept = [show for show, row in zip(shown, rows, strict=True) if row[:-3] not in gone or row[-1]]
    return kept if len(kept) == len(rows) else [*kept, nameless]
