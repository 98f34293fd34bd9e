"""The list of an entity as one person sees it: rows with at least one readable category, other cells hidden."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.engines.engine import Answering, Engine
from salesrules.expr.sql import quoted
from salesrules.expr.typed import Leaf, Related, leaves, nodes
from salesrules.issue import AccessDenied, Issue, Span
from salesrules.meaning.reads import Read, field_at, reads_of
from salesrules.run.answer import Answer, Mark, Masked
from salesrules.run.page import MATCHED, NOT_EXPORTED, UNCOMPARED, Page, Statement, page_statement
from salesrules.run.question import Question
from salesrules.run.reads import closed, each_of
from salesrules.sources.rows.beside import tables_of
from salesrules.sources.rows.joins import Joins
from salesrules.sources.rows.places import Places
from salesrules.sources.rows.tables import KEY


def list_records(
    engine: Engine, snapshot: Snapshot, principal: Principal, asked: Question, page: Page, action: str = "read"
) -> Answer:
    """A page of the records that the principal reads, or may export, with how many rows show which categories.

    Raises: AccessDenied if no grant could open to the asker what the filter or the order use, or anything to export.
    """
    _refuse(snapshot, principal, asked, action)
    statement = page_statement(snapshot, principal, asked, action, page, engine.dialect)
    found = engine.rows(statement.sql, statement.values)
    counts = [(_shown(statement, shows), fate, rows) for shows, fate, rows in found[0][0] or ()]
    fates = {fate: sum(rows for _, at, rows in counts if at == fate) for fate in (UNCOMPARED, MATCHED, NOT_EXPORTED)}
    kept = [row[1:] for row in found if row[1] is not None]
    fields = [field_at(snapshot.program.pack, asked.entity, leaf.path)[1] for leaf in asked.columns]
    lines = [
        line for c in chain(*statement.together) for line in snapshot.cell(principal, asked.entity, "read", c).allows
    ]
    return Answer(
        asked.entity,
        tuple(".".join(leaf.path) for leaf in asked.columns),
        tuple(_cells(statement, row[1:]) for row in kept),
        total=fates[MATCHED],
        visible={shown: rows for shown, fate, rows in counts if fate == MATCHED},
        slices=tuple(sorted({line.grant.slice for line in lines})),
        keys=tuple(row[0] for row in kept),
        types=tuple(field.type for field in fields),
        filtered=asked.where is not None,
        uncompared=fates[UNCOMPARED],
        not_exported=fates[NOT_EXPORTED],
    )


def _refuse(snapshot: Snapshot, principal: Principal, asked: Question, action: str) -> None:
    pack, entity = snapshot.program.pack, asked.entity
    used = {
        "--where": reads_of(pack, entity, asked.where),
        "--sort": reads_of(pack, entity, *(order.path for order in asked.order)),
    }
    issues = [
        Issue("access.list_refused", Span(option), {"entity": at, "category": category})
        for option, reads in used.items()
        for at, category in closed(snapshot, principal, each_of(reads))
    ]
    own = frozenset(Read((), entity, field.category) for field in pack.entities[entity].fields.values())
    if action == "export" and closed(snapshot, principal, (own,), action):
        issues.append(Issue("access.export_refused", Span(entity), {"entity": entity}))
    if issues:
        raise AccessDenied(issues)


def _shown(statement: Statement, shows: int) -> frozenset[str]:
    return frozenset(chain(*(group for bit, group in enumerate(statement.together) if shows >> bit & 1)))


def _cells(statement: Statement, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The cells of one row of a statement, each as it may be shown."""

    def cell(value: Any, may_read: bool, may_leave: bool) -> Any:
        if may_read:
            return value if may_leave else Mark.NOT_EXPORTED
        return Mark.HIDDEN if value is None else Masked(value)

    return tuple(
        cell(row[i], row[read], row[out])
        for i, (read, out) in enumerate(zip(statement.read, statement.out, strict=True))
    )


def record_leaves(
    engine: Answering, snapshot: Snapshot, principal: Principal, entity: str, key: str
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
    places = snapshot.organisation.on(principal.day)
    rows = Joins(tables_of(snapshot.program.pack), entity, "t", places)
    # of rows beside a record, the key that they name comes first
    columns = [rows.column(leaf.path, "value" if leaf in beside else leaf.part) for leaf in ordered]
    sql = f"SELECT {', '.join([*columns, '1'])} FROM {rows.clause} WHERE t.{quoted(KEY)} = $key"
    found = engine.rows(sql, {"key": key})
    if not found:
        raise no_such_record(entity, key)
    values = dict(zip(ordered, found[0], strict=False))
    return {
        leaf: _beside(engine, snapshot, places, *beside[leaf], v) if leaf in beside else v for leaf, v in values.items()
    }


def _beside(
    engine: Answering, snapshot: Snapshot, places: Places, node: Related, read: set[Leaf], owner: str | None
) -> list[Mapping[Leaf, Any]]:
    """The rows that point at a record, as what conditions read of them."""
    rows, ordered = Joins(tables_of(snapshot.program.pack), node.entity, "m", places), list(read)
    columns = ", ".join([*(rows.column(leaf.path, leaf.part) for leaf in ordered), "1"])
    sql = f"SELECT {columns} FROM {rows.clause} WHERE {rows.column((node.by,), 'written')} = $key"
    found = engine.rows(sql, {"key": owner})
    return [dict(zip(ordered, row, strict=False)) for row in found]


def no_such_record(entity: str, key: str) -> AccessDenied:
    """The one answer for records that do not exist and for those that the asker does not see."""
    return AccessDenied([Issue("access.no_record", Span(entity), {"entity": entity, "key": key})])
