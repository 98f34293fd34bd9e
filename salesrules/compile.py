"""Pack to Program: what an engine needs to answer questions, and nothing that only people read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from salesrules.expr.typed import Typed, leaves
from salesrules.meaning import Meanings
from salesrules.meaning.assignments import Assigning, assigning, cannot_run
from salesrules.pack.pack import Pack

Touched = frozenset[tuple[tuple[str, ...], str, str]]


@dataclass(frozen=True, slots=True)
class Measure:
    """A KPI ready to run: rows of `entity`, one formula over them, and every cell that it touches.

    `touched` names cells as (path from the row, entity there, category): each step of a path counts. Over fewer
    than `min_sample` rows there is no figure.
    """

    id: str
    entity: str
    formula: Typed
    date: Typed | None
    touched: Touched
    min_sample: int = 0


@dataclass(frozen=True, slots=True)
class Program:
    """A pack whose every expression has a meaning; of its KPIs and assignments those that can run."""

    pack: Pack
    meanings: Meanings
    roles: Mapping[str, frozenset[str]]
    measures: Mapping[str, Measure]
    assignments: Mapping[str, Assigning] = field(default_factory=dict)


def compile_pack(pack: Pack, meanings: Meanings) -> Program:
    """Build the Program of a pack that the checks have passed."""
    roles = {role: _included(pack, role) for role in pack.roles}
    measures = {}
    for kpi in pack.kpis.values():
        formula, day = meanings.formulas.get(kpi.id), meanings.dates.get(kpi.id)
        if kpi.of is None or formula is None or not kpi.is_over_rows:  # the checks say that these do not run yet
            continue
        measures[kpi.id] = Measure(
            kpi.id, kpi.of, formula, day, touched_by(pack, kpi.of, formula, day), kpi.min_sample or 0
        )
    assignments = {
        one.id: assigning(pack, meanings, one)
        for one in pack.assignments.values()
        if not cannot_run(pack, meanings, one)
    }
    return Program(pack, meanings, roles, measures, assignments)


def touched_by(pack: Pack, entity: str, *trees: Typed | None) -> Touched:
    """The cells that expressions on rows of `entity` read, step by step along their paths."""
    found: set[tuple[tuple[str, ...], str, str]] = set()
    for tree in trees:
        for leaf in leaves(tree) if tree is not None else ():
            at = entity
            for depth, step in enumerate(leaf.path if leaf.root == "row" else ()):
                field = pack.entities[at].fields[step]
                found.add((leaf.path[:depth], at, field.category))
                at = field.to or at
            if leaf.part.startswith("many "):  # rows beside a record are of the category of its key
                fields = pack.entities[at].fields
                found |= {(leaf.path, at, fields[key].category) for key in pack.entities[at].key}
    return frozenset(found)


def _included(pack: Pack, role: str) -> frozenset[str]:
    """The role and all that it includes, any depth."""
    found: set[str] = set()
    ahead = [role]
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead.extend(pack.roles[name].includes)
    return frozenset(found)
