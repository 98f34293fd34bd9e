"""The fact about ranks that needs meanings: each row of a result is one person's."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.issue import Issue
from salesrules.meaning import Meanings
from salesrules.meaning.assignments import person_of
from salesrules.pack.pack import Pack
from salesrules.pack.pick import ByRank


def results_are_of_people(pack: Pack, meanings: Meanings) -> Iterator[Issue]:
    """Credit that several people share is nobody's result yet."""
    for pick in (rule.pick for assignment in pack.assignments.values() for rule in assignment.rules):
        if not isinstance(pick, ByRank) or pick.rank.kpi not in pack.kpis:
            continue
        entity = pack.kpis[pick.rank.kpi].of
        if entity in pack.entities and person_of(pack, meanings, str(entity)) is None:
            words = {"kpi": str(pick.rank.kpi), "entity": str(entity)}
            yield Issue("assignment.of_nobody", pick.rank.kpi.span, words)
