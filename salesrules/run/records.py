"""The list of an entity as one person sees it: rows with at least one readable category, other cells hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.engines.engine import Engine
from salesrules.expr.sql import quoted
from salesrules.expr.typed import Leaf, Related, leaves, nodes
from salesrules.issue import AccessDenied, Issue, Span
from salesrules.run.answer import Answer, Mark
from salesrules.run.joins import Joins
from salesrules.run.query import Query
from salesrules.sources.beside import tables_of
from salesrules.sources.tables import KEY


def list_records(
    engine: Engine, snapshot: Snapshot, principal: Principal, entity: str, limit: int, offset: int
) -> Answer:
    """A page of the records that the principal reads, by key, with how many rows show which categories."""
    fields = snapshot.program.pack.entities[entity].fields
    categories: list[str] = sorted({field.category for field in fields.values()})
    query = Query(snapshot, principal, entity, engine.dialect)
    flags = [
        f"{query.allowed('read', (), entity, category)} AS {quoted('shows ' + category)}" for category in categories
    ]
    seen = f"(SELECT t.*, {', '.join(flags)} FROM {query.source}) AS seen"
    listed = " OR ".join(quoted("shows " + category) for category in categories)
    groups = ", ".join(quoted("shows " + category) for category in categories)
    counts = engine.rows(f"SELECT {groups}, count(*) FROM {seen} WHERE {listed} GROUP BY {groups}", query.values)
    visible = {frozenset(c for c, flag in zip(categories, row, strict=False) if flag): row[-1] for row in counts}
    key = snapshot.program.pack.entities[entity].key
    cells = [
        quoted(f.id) if f.id in key else f"CASE WHEN {quoted('shows ' + f.category)} THEN {quoted(f.id)} END"
        for f in fields.values()
    ]
    page = f"ORDER BY {engine.dialect.by_characters.format(quoted(KEY))} LIMIT {limit:d} OFFSET {offset:d}"
    sql = f"SELECT {groups}, {', '.join(cells)}, {quoted(KEY)} FROM {seen} WHERE {listed} {page}"
    rows, keys = [], []
    for row in engine.rows(sql, query.values):
        shown = {c for c, flag in zip(categories, row, strict=False) if flag}
        values = zip(fields.values(), row[len(categories) : -1], strict=True)
        rows.append(tuple(v if f.category in shown or f.id in key else Mark.HIDDEN for f, v in values))
        keys.append(row[-1])
    slices = sorted(
        {line.grant.slice for c in categories for line in snapshot.cell(principal, entity, "read", c).allows}
    )
    return Answer(entity, tuple(fields), tuple(rows), sum(visible.values()), visible, tuple(slices), tuple(keys))


def record_leaves(
    engine: Engine, snapshot: Snapshot, principal: Principal, entity: str, key: str
) -> Mapping[Leaf, Any]:
    """The values of one record that any grant on it reads, with full rights; it is the caller's to keep them inside.

    Raises: AccessDenied if there is no such record, in the same words as for one that may not be seen.
    """
    conditions = [tree for (_, on), tree in snapshot.program.meanings.slices.items() if on == entity]
    beside: dict[Leaf, tuple[Related, set[Leaf]]] = {}
    for node in (node for condition in conditions for node in nodes(condition) if isinstance(node, Related)):
        _, read = beside.setdefault(node.rows, (node, set()))
        read |= {leaf for leaf in leaves(node.where) if leaf.root == "many"}
    wanted = {leaf for condition in conditions for leaf in leaves(condition) if leaf.root == "row"}
    ordered = sorted(wanted, key=lambda leaf: (leaf.path, leaf.part))
    rows = Joins(tables_of(snapshot.program.pack), entity, "t")
    # of rows beside a record, the key that they name comes first
    columns = [rows.column(leaf.path, "value" if leaf in beside else leaf.part) for leaf in ordered]
    sql = f"SELECT {', '.join([*columns, '1'])} FROM {rows.clause} WHERE t.{quoted(KEY)} = $key"
    found = engine.rows(sql, {"key": key})
    if not found:
        raise no_such_record(entity, key)
    values = dict(zip(ordered, found[0], strict=False))
    return {leaf: _beside(engine, snapshot, *beside[leaf], v) if leaf in beside else v for leaf, v in values.items()}


def _beside(
    engine: Engine, snapshot: Snapshot, node: Related, read: set[Leaf], owner: str | None
) -> list[Mapping[Leaf, Any]]:
    """The rows that point at a record, as what conditions read of them."""
    rows, ordered = Joins(tables_of(snapshot.program.pack), node.entity, "m"), list(read)
    columns = ", ".join([*(rows.column(leaf.path, leaf.part) for leaf in ordered), "1"])
    found = engine.rows(f"SELECT {columns} FROM {rows.clause} WHERE {rows.column((node.by,))} = $key", {"key": owner})
    return [dict(zip(ordered, row, strict=False)) for row in found]


def no_such_record(entity: str, key: str) -> AccessDenied:
    """The one answer for records that do not exist and for those that the asker does not see."""
    return AccessDenied([Issue("access.no_record", Span(entity), {"entity": entity, "key": key})])
