"""A question for a KPI to the groups that are not shown, because few rows that the asker cannot read are behind them.

What is told of such rows is decided once for a KPI and an asker (`released`), so whatever groupings one KPI is asked
for, and however the answers are subtracted from each other, no outcome is about few of them. Two KPIs whose filters
differ by few rows can still be subtracted: who writes a pack decides which KPIs there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.compile import Measure
from salesrules.engines.engine import Engine
from salesrules.expr.typed import Typed
from salesrules.run.kinds import OUTSIDE, read_kinds
from salesrules.run.reads import needed
from salesrules.run.released import Released, released
from salesrules.run.unread import Unread, unread_rows


@dataclass(frozen=True, slots=True)
class Withheld:
    """The groups, by their labels, that are not shown, and whether the total is."""

    groups: frozenset[tuple[object, ...]]
    total: bool


@dataclass(frozen=True, slots=True)
class _Group:
    """A group of a question, or all its rows: what it is called, and its labels under fields that are released.

    `hidden` are its rows that hide anything; `beyond` and `alone` are rows that must not be, if few is too few.
    """

    name: tuple[object, ...]
    labels: Mapping[int, str] | None
    hidden: int
    beyond: int
    alone: int


def withheld(
    engine: Engine, snapshot: Snapshot, principal: Principal, measure: Measure, by: tuple[Typed, ...]
) -> Withheld:
    """Decide which groups of a question are withheld; none where the asker reads all that could be summed up."""
    asked = needed(snapshot.program.pack, measure.entity, measure.touched, *by)
    if not any(snapshot.cell(principal, r.entity, "aggregate", r.category).allows for each in asked for r in each):
        return Withheld(frozenset(), False)
    rows = unread_rows(snapshot, principal, measure, by, engine.dialect)
    known = tuple(at for at, way in enumerate(rows.ways) if way in by)
    of_groups = _statement(rows, known), tuple(rows.values.items())
    groups = engine.found(of_groups, lambda: tuple(_groups(engine, rows, known)))
    if not groups:
        return Withheld(frozenset(), False)
    # of nothing that is asked, so that it is the same for every question
    kinds = unread_rows(snapshot, principal, measure, (), engine.dialect).kinds
    pairs = len(known) > 1

    def find() -> Released | None:
        return released(read_kinds(engine, kinds), kinds.smallest, pairs) if kinds.smallest > 1 else None

    of_rows = kinds.select, tuple(kinds.values.items()), kinds.counts, kinds.smallest, pairs
    let = engine.found(of_rows, find)
    gone = [each for each in groups if each.beyond or (let is not None and (each.alone or not _told(let, each, known)))]
    return Withheld(
        frozenset(each.name for each in gone if each.labels is not None), any(each.labels is None for each in gone)
    )


def _statement(rows: Unread, known: Sequence[int]) -> str:
    """The statement for the groups with rows that hide something that the question needs, and all rows if some do."""
    labels = [rows.labels[at] for at in known]
    by = ", ".join([*rows.group, *labels])
    alone = " OR ".join(rows.alone) or "FALSE"
    conditions = (rows.hiding, rows.beyond, f"{rows.unread} AND ({alone})")
    counts = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in conditions)
    return f"""
        SELECT {f"grouping({by}) > 0" if by else "TRUE"}, {", ".join([*rows.group, *labels, counts])}
        FROM ({rows.select}) AS each WHERE {rows.inside}
        GROUP BY GROUPING SETS ({f"({by}), " if by else ""}()) HAVING count(*) FILTER (WHERE {rows.unread}) > 0
    """


def _groups(engine: Engine, rows: Unread, known: Sequence[int]) -> Iterator[_Group]:
    size = len(rows.group)
    for is_total, *found in engine.rows(_statement(rows, known), rows.values):
        *named, hidden, beyond, few = found
        under = None if is_total else dict(zip(known, named[size:], strict=True))
        yield _Group(tuple(named[:size]), under, hidden, beyond, few)


def _told(let: Released, group: _Group, known: Sequence[int]) -> bool:
    """Whether the unread rows of a group are those of one that may be told; of all, those that are left out."""
    ways = [way for size in range(3) for way in combinations(known, size)]
    if group.labels is not None:
        labels = group.labels
        return any(let.groups.get(way, {}).get(tuple(labels[at] for at in way)) == group.hidden for way in ways)
    outside = let.rows - group.hidden
    left_out = (let.groups.get(way, {}).get((OUTSIDE,) * len(way)) for way in ways if way)
    return () in let.groups and (not outside or any(rows == outside for rows in left_out))
