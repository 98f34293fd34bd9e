"""A KPI over the rows that one person may aggregate, in groups; a group that would tell on few rows is withheld."""

from __future__ import annotations

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.compile import Measure, Touched, touched_by
from salesrules.engines.duckdb import DuckDB
from salesrules.expr.typed import Typed
from salesrules.issue import AccessDenied, Issue, Span
from salesrules.run.answer import Answer, Mark
from salesrules.run.query import Query


def run_kpi(
    engine: DuckDB, snapshot: Snapshot, principal: Principal, measure: Measure, by: tuple[tuple[str, Typed], ...]
) -> Answer:
    """The figure by groups, then the figure over all of them in a last row without group members.

    Raises: AccessDenied if the KPI touches a category that no grant opens to the asker.
    """
    touched = measure.touched | touched_by(snapshot.program.pack, measure.entity, *(tree for _, tree in by))
    if refused := closed(snapshot, principal, touched):
        words = [{"kpi": measure.id, "entity": entity, "category": category} for entity, category in refused]
        raise AccessDenied([Issue("access.kpi_refused", Span(measure.id), each) for each in words])
    query = Query(snapshot, principal, measure.entity)
    inside, readable = [], []
    for at, entity, category in sorted(touched):
        # a reference that is empty has no record whose cells could be closed
        empty = f"{query.column(at)} IS NULL OR " if at else ""
        inside.append(f"({empty}{query.allowed('aggregate', at, entity, category)})")
        readable.append(f"({empty}{query.allowed('read', at, entity, category)})")
    smallest = max((snapshot.program.pack.categories[category].smallest_group for _, _, category in touched), default=0)
    figure = query.expression(measure.formula)
    unread = f"count(*) FILTER (WHERE NOT ({' AND '.join(readable) or 'TRUE'}))"
    groups = [query.expression(tree) for _, tree in by]
    select = ", ".join([*groups, figure, "count(*)", unread])
    where = " AND ".join(inside) or "TRUE"
    sql = f"SELECT {select} FROM {query.source} WHERE {where}"
    rows = engine.rows(f"{sql} GROUP BY ALL ORDER BY ALL" if groups else sql, query.values)
    columns = (*(name for name, _ in by), measure.id, "rows")
    kept = tuple(_withheld(rows, smallest))
    if groups:
        figures = [figure, "count(*)", unread]
        total = engine.rows(
            f"SELECT {', '.join(['NULL'] * len(groups) + figures)} FROM {query.source} WHERE {where}", query.values
        )
        kept = (*kept, *_withheld(total, smallest))
    return Answer(measure.entity, columns, kept, len(rows), {})


def closed(snapshot: Snapshot, principal: Principal, touched: Touched) -> list[tuple[str, str]]:
    """The touched categories, each as (entity, category), that no grant lets the person aggregate on any row."""
    pairs = sorted({(entity, category) for _, entity, category in touched})
    actions = ("aggregate", "read")  # reading gives aggregating
    return [pair for pair in pairs if not any(snapshot.cell(principal, pair[0], a, pair[1]).allows for a in actions)]


def _withheld(rows: list[tuple[object, ...]], smallest: int) -> list[tuple[object, ...]]:
    """The rows without their last column, the count of rows that the asker cannot read.

    A group with fewer such rows than `smallest`, but some, is withheld; if it is the only one, the next
    smallest goes with it, or the total would give it away.
    """
    few = {i for i, row in enumerate(rows) if 0 < int(str(row[-1])) < smallest}
    if len(few) == 1 and len(rows) > 1:
        few.add(min((i for i in range(len(rows)) if i not in few), key=lambda i: int(str(rows[i][-2]))))
    return [(*row[:-3], Mark.TOO_FEW, Mark.TOO_FEW) if i in few else row[:-1] for i, row in enumerate(rows)]
