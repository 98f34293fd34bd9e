"""A computed cell to its Origin: what said the member, with as much of what it was read off as the asker may know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.engines.engine import Engine
from salesrules.expr.kinds import BOOLEAN, TEXT
from salesrules.expr.sql import quoted
from salesrules.expr.typed import Apply, Constant, Leaf, Typed, leaves
from salesrules.meaning.computed import Classified, Computation, Staged
from salesrules.meaning.reads import reads_of
from salesrules.run.answer import Mark, Masked
from salesrules.run.knowable import known_on
from salesrules.run.page import Page
from salesrules.run.query import Query
from salesrules.run.question import Question
from salesrules.run.records import list_records
from salesrules.sources.rows.tables import KEY, line_column

_NOT_SHOWN = (Mark, Masked)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the member of a computed cell comes from.

    `lines` are those of `computation.lines` that may have said it: the first that was true, or, where the asker does
    not read all that was read to find it, every line that says this member, for which of them it was would tell on
    hidden cells. `cells` are what lines up to the last of them read, path by path, hidden ones as marks.
    """

    computation: Computation
    member: str | None
    lines: tuple[int, ...] = ()
    cells: tuple[tuple[str, Any], ...] = ()


def origin_of(
    engine: Engine, snapshot: Snapshot, principal: Principal, entity: str, key: str, field: str
) -> Origin | None:
    """The origin of one cell; None for a field that is not computed, and for a cell that the asker may not know."""
    computed = snapshot.program.meanings.computed
    found = next((each for each in computed if (each.entity, each.field.id) == (entity, field)), None)
    if found is None:
        return None
    paths = _paths(found.conditions)
    columns = tuple(Leaf(TEXT, "row", path) for path in ((field,), *paths))
    this = Apply(BOOLEAN, "=", (Leaf(TEXT, "row", ()), Constant(TEXT, key)))
    answer = list_records(engine, snapshot, principal, Question(entity, columns, this), Page(1, 0))
    shown = answer.rows[0] if answer.rows else [Mark.HIDDEN] * len(columns)
    member, *values = _known(engine, snapshot, principal, (entity, key), columns, shown)
    if isinstance(member, _NOT_SHOWN):
        return None
    if isinstance(found, Staged):
        return Origin(found, member)
    cells = dict(zip(paths, values, strict=True))
    lines = _lines(found, member, _line(engine, found, key), cells)
    read = _paths(found.conditions[: lines[-1] + 1 if lines else None])
    return Origin(found, member, lines, tuple((".".join(path), cells[path]) for path in read))


def _known(
    engine: Engine,
    snapshot: Snapshot,
    principal: Principal,
    record: tuple[str, str],
    columns: Sequence[Leaf],
    shown: Sequence[Any],
) -> Sequence[Any]:
    """The cells as they are shown, and those that the asker does not read but audits by their values."""
    entity, key = record
    query = Query(snapshot, principal, entity, engine.dialect)
    known = [(known_on(query, reads_of(snapshot.program.pack, entity, leaf)), leaf) for leaf in columns]
    pairs = (f"({flag}), CASE WHEN {flag} THEN {query.column(leaf.path)} END" for flag, leaf in known)
    sql = f"SELECT {', '.join(pairs)} FROM {query.source} WHERE {query.column(())} = $key"
    rows = engine.rows(sql, {**query.values, "key": key})
    cells = zip(rows[0][::2], rows[0][1::2], shown, strict=True) if rows else ()
    return [value if knows else seen for knows, value, seen in cells] or shown


def _paths(conditions: Sequence[Typed]) -> list[tuple[str, ...]]:
    """Every path that conditions read, in their order; the key comes with the record."""
    read = (leaf for tree in conditions for leaf in leaves(tree))
    return list(dict.fromkeys(leaf.path for leaf in read if leaf.root == "row" and leaf.path))


def _lines(
    found: Classified, member: str | None, line: int | None, cells: Mapping[tuple[str, ...], Any]
) -> tuple[int, ...]:
    if line is None:
        return ()
    if not any(isinstance(cells[path], _NOT_SHOWN) for path in _paths(found.conditions[: line + 1])):
        return (line,)
    return tuple(at for at, (_, rule) in enumerate(found.lines) if rule.is_ == member)


def _line(engine: Engine, found: Classified, key: str) -> int | None:
    """The line that was true first when the tables were built."""
    line = quoted(line_column(found.field.id))
    rows = engine.rows(f"SELECT {line} FROM {quoted(found.entity)} WHERE {quoted(KEY)} = $key", {"key": key})
    return rows[0][0] if rows else None
