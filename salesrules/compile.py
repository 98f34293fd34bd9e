"""Pack to Program: what an engine needs to answer questions, and nothing that only people read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from salesrules.expr.typed import Typed
from salesrules.meaning import Meanings
from salesrules.meaning.assignments import Assigning, assigning, cannot_run
from salesrules.meaning.reads import Read, reads_of
from salesrules.meaning.slices import slice_meanings
from salesrules.meaning.unclaimed import unclaimed
from salesrules.pack.pack import Pack
from salesrules.pack.policies import Grant
from salesrules.pack.roles import Role


@dataclass(frozen=True, slots=True)
class Measure:
    """A KPI ready to run: rows of `entity`, one formula over them, and every cell that it touches.

    Over fewer than `min_sample` rows there is no figure.
    """

    id: str
    entity: str
    formula: Typed
    date: Typed | None
    touched: frozenset[Read]
    min_sample: int = 0


class Inclusions(Mapping[str, frozenset[str]]):
    """Each role with all that it includes, any depth; found when it is asked for, because few roles are held."""

    def __init__(self, roles: Mapping[str, Role]) -> None:
        self._roles = roles
        self._found: dict[str, frozenset[str]] = {}

    def __getitem__(self, role: str) -> frozenset[str]:
        if role not in self._found:
            found: set[str] = set()
            ahead: list[str] = [self._roles[role].id]
            while ahead:
                name = ahead.pop()
                if name not in found:
                    found.add(name)
                    ahead.extend(self._roles[name].includes)
            self._found[role] = frozenset(found)
        return self._found[role]

    def __iter__(self) -> Iterator[str]:
        return iter(self._roles)

    def __len__(self) -> int:
        return len(self._roles)


@dataclass(frozen=True, slots=True)
class Program:
    """A pack whose every expression has a meaning; of its KPIs and assignments those that can run.

    `closing` are the denies by which pools keep something back until it is claimed; their slices are in the pack.
    """

    pack: Pack
    meanings: Meanings
    roles: Mapping[str, frozenset[str]]
    measures: Mapping[str, Measure]
    assignments: Mapping[str, Assigning] = field(default_factory=dict)
    closing: tuple[Grant, ...] = ()

    @property
    def grants(self) -> tuple[Grant, ...]:
        """Every line that decides on access."""
        return (*self.pack.grants, *self.closing)


def compile_pack(pack: Pack, meanings: Meanings) -> Program:
    """Build the Program of a pack that the checks have passed."""
    kept, closing = unclaimed(pack)
    pack = replace(pack, slices={**pack.slices, **kept})
    of_pools, _ = slice_meanings(replace(pack, slices=kept), meanings.vocabulary)
    meanings = replace(meanings, slices={**meanings.slices, **of_pools})
    measures = {}
    for kpi in pack.kpis.values():
        formula, day = meanings.formulas.get(kpi.id), meanings.dates.get(kpi.id)
        if kpi.of is None or formula is None or not kpi.is_over_rows:  # the checks say that these do not run yet
            continue
        touched = reads_of(pack, kpi.of, formula, day, keys=True)
        measures[kpi.id] = Measure(kpi.id, kpi.of, formula, day, touched, kpi.min_sample or 0)
    assignments = {
        one.id: assigning(pack, meanings, one)
        for one in pack.assignments.values()
        if not cannot_run(pack, meanings, one)
    }
    return Program(pack, meanings, Inclusions(pack.roles), measures, assignments, closing)
