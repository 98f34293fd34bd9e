"""The facts about ranks that need meanings: each row of a result is one person's, and results are numbers."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.expr.kinds import NUMBERS
from salesrules.issue import Issue
from salesrules.meaning import Meanings
from salesrules.meaning.assignments import person_of
from salesrules.pack.pack import Pack
from salesrules.pack.pick import ByRank
from salesrules.pack.word import Word


def results_are_of_people(pack: Pack, meanings: Meanings) -> Iterator[Issue]:
    """Credit that several people share is nobody's result yet."""
    for kpi in _results(pack):
        entity = pack.kpis[kpi].of
        if entity in pack.entities and person_of(pack, meanings, str(entity)) is None:
            yield Issue("assignment.of_nobody", kpi.span, {"kpi": str(kpi), "entity": str(entity)})


def results_are_numbers(pack: Pack, meanings: Meanings) -> Iterator[Issue]:
    """The last day, a text or a yes may be a figure, but nobody is ahead of others by it."""
    for kpi in _results(pack):
        tree = meanings.formulas.get(kpi)
        if tree is not None and tree.kind.name not in NUMBERS:
            yield Issue("assignment.no_number", kpi.span, {"kpi": str(kpi), "found": tree.kind.term})


def _results(pack: Pack) -> Iterator[Word]:
    """The KPIs that people are ranked by, where they stand."""
    for pick in (rule.pick for assignment in pack.assignments.values() for rule in assignment.rules):
        if isinstance(pick, ByRank) and pick.rank.kpi in pack.kpis:
            yield pick.rank.kpi
