"""Candidates to those who could read a record once it is theirs: what the grants open, with the owner already new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from salesrules.access.decision import Decision
from salesrules.access.snapshot import Cell, Line, Principal, Snapshot
from salesrules.expr.typed import Apply, Leaf, Lookup, Related, Typed, fold
from salesrules.work.assign.lineup import Lineup
from salesrules.work.assign.posed import Columns, Record


def owned(tree: Typed, sets: str) -> Typed:
    """A condition on a record as it will be when the person who asks is its owner."""

    def move(node: Typed, found: Sequence[Typed]) -> Typed:
        if isinstance(node, Leaf) and node.root == "row" and node.path[:1] == (sets,):
            return replace(node, root="user", path=node.path[1:])
        if isinstance(node, Apply | Lookup):
            return replace(node, arguments=tuple(found))
        if isinstance(node, Related):
            return replace(node, where=owned(node.where, sets))
        return node

    return fold(tree, move)


class Sight:
    """Who reads anything of a record that is about to be theirs.

    Most grants open what is one's own, and then no record needs to be looked at; `reads` is what the others ask of it.
    """

    def __init__(self, snapshot: Snapshot, lineup: Lineup, entity: str, sets: str, columns: Columns) -> None:
        self.always = 0
        self._asked: dict[int, list[tuple[Decision, tuple[int, ...]]]] = {}
        moved: dict[str, Typed] = {}
        categories = sorted({field.category for field in snapshot.program.pack.entities[entity].fields.values()})
        for at, one in enumerate(lineup.people):
            if one.principal is None:
                continue
            ready = [_decision(snapshot, one.principal, entity, sets, category, moved) for category in categories]
            if any(not decision.reads and decision(()) for decision in ready):
                self.always |= 1 << at
            elif asked := [(decision, _places(decision, columns)) for decision in ready if decision.reads]:
                self._asked[at] = asked
        self.reads = tuple(sorted({at for asked in self._asked.values() for _, places in asked for at in places}))

    def of(self, people: int, record: Record) -> int:
        """Those of the people who could read the record."""
        found = people & self.always
        for at, asked in self._asked.items():
            if people >> at & 1 and any(decision(tuple(record[c] for c in places)) for decision, places in asked):
                found |= 1 << at
        return found


def _decision(
    snapshot: Snapshot, principal: Principal, entity: str, sets: str, category: str, moved: dict[str, Typed]
) -> Decision:
    """Args: moved: the slices of the entity with the owner already new, by name; each is moved once for all people."""
    cell = snapshot.cell(principal, entity, "read", category)

    for line in (*cell.allows, *cell.denies):
        if line.grant.slice not in moved:
            moved[line.grant.slice] = owned(line.condition, sets)
    there = Cell(*(tuple(_on_moved(line, moved) for line in lines) for lines in (cell.allows, cell.denies)))
    return snapshot.decision(principal, there, entity, "read", category)


def _on_moved(line: Line, moved: Mapping[str, Typed]) -> Line:
    return replace(line, condition=moved[line.grant.slice])


def _places(decision: Decision, columns: Columns) -> tuple[int, ...]:
    return tuple(columns.place((leaf, decision.related.get(leaf, ()))) for leaf in decision.reads)
