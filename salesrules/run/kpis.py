"""A KPI over the rows that one person may aggregate, in groups; a group that would tell on few rows is withheld."""

from __future__ import annotations

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.compile import Measure, Touched, touched_by
from salesrules.engines.engine import Engine
from salesrules.expr.typed import Typed
from salesrules.issue import AccessDenied, Issue, Span
from salesrules.run.answer import Answer, Mark
from salesrules.run.query import Query

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
    needed, every = _needed(snapshot, measure.entity, touched)
    word = " AND " if every else " OR "
    smallest = max(snapshot.program.pack.categories[category].smallest_group for _, _, category in needed)
    query = Query(snapshot, principal, measure.entity, engine.dialect)
    inside = _open(query, "aggregate", needed, word)
    unread = f"count(*) FILTER (WHERE NOT ({_open(query, 'read', needed, word)}))"
    figure = f"CASE WHEN count(*) >= {measure.min_sample:d} THEN {query.expression(measure.formula)} END"
    figures = f"{figure}, count(*), {unread}"
    total = engine.rows(f"SELECT {figures} FROM {query.source} WHERE {inside}", query.values)
    *all_of_it, hidden = total[0]
    last = [Mark.TOO_FEW] * 2 if _withheld([hidden], smallest) else all_of_it
    columns = (*(name for name, _ in by), measure.id, "rows")
    if not by:
        return Answer(measure.entity, columns, (tuple(last),), 1, {})
    groups = ", ".join(query.expression(tree) for _, tree in by)
    named = f"bool_or({_open(query, 'read', labels)})"
    places = ", ".join(str(at + 1) for at in range(len(by)))
    sql = f"SELECT {groups}, {figures}, {named} FROM {query.source} WHERE {inside} GROUP BY {places}"
    found = sorted(engine.rows(sql, query.values), key=lambda row: _order(row[: len(by)]))
    rows = _told(found, smallest)
    return Answer(measure.entity, columns, (*rows, (*[None] * len(by), *last)), len(rows), {})


def closed(snapshot: Snapshot, principal: Principal, entity: str, touched: Touched) -> list[tuple[str, str]]:
    """The categories, each as (entity, category), for which a question that touches these cells is refused.

    All must be open on some row, to read or at least to aggregate; of a question that touches none, any of `entity`.
    """
    cells, every = _needed(snapshot, entity, touched)
    pairs = sorted({(at, category) for _, at, category in cells})
    actions = ("aggregate", "read")  # reading gives aggregating
    shut = [pair for pair in pairs if not any(snapshot.cell(principal, pair[0], a, pair[1]).allows for a in actions)]
    return shut if every or len(shut) == len(pairs) else []


def _needed(snapshot: Snapshot, entity: str, touched: Touched) -> tuple[Touched, bool]:
    """The cells that a row must open to count, and whether all of them or any one.

    A KPI that names no field still tells how many rows there are: those of which some category is open.
    """
    fields = snapshot.program.pack.entities[entity].fields.values()
    return (touched, True) if touched else (frozenset(((), entity, field.category) for field in fields), False)


def _open(query: Query, action: str, cells: Touched, word: str = " AND ") -> str:
    """True where these cells are open; a reference that is empty has no record whose cells could be closed."""
    conditions = []
    for at, entity, category in sorted(cells):
        empty = f"{query.column(at)} IS NULL OR " if at else ""
        conditions.append(f"({empty}{query.allowed(action, at, entity, category)})")
    return word.join(conditions) or "TRUE"


def _order(labels: Row) -> list[tuple[bool, object]]:
    """The place of a group: by its labels, those without one last, text by its characters whatever the engine."""
    return [(label is None, label) for label in labels]


def _told(rows: list[Row], smallest: int) -> list[Row]:
    """The groups as they may be shown: (labels, figure, count of rows).

    Args: rows: labels, figure, count of rows, count of those that the asker cannot read, and whether the asker
        reads the labels on any row. A label that stands on a few unread rows only is itself a hidden value, so
        such groups become one without a name.
    """
    gone = _withheld([int(str(row[-2])) for row in rows], smallest)
    nameless = (*[Mark.HIDDEN] * (len(rows[0]) - 4), Mark.TOO_FEW, Mark.TOO_FEW) if rows else ()
    shown = [(*row[:-4], Mark.TOO_FEW, Mark.TOO_FEW) if i in gone else row[:-2] for i, row in enumerate(rows)]
    kept = [row for i, row in enumerate(shown) if i not in gone or rows[i][-1]]
    return kept if len(kept) == len(rows) else [*kept, nameless]


def _withheld(unread: list[int], smallest: int) -> set[int]:
    """The groups to withhold, by place, of which `unread` has the counts of rows that the asker cannot read.

    Those with fewer than `smallest`, but some; and as the total less what is shown gives away what all of them
    are together, so many more as bring these to `smallest` rows, those with the fewest unread ones first.
    """
    gone = {i for i, count in enumerate(unread) if 0 < count < smallest}
    more = sorted((count, i) for i, count in enumerate(unread) if count and i not in gone)
    for _, i in more:
        if gone and sum(unread[j] for j in gone) < smallest:
            gone.add(i)
    return gone
