"""Facts about KPIs, credits, scorecards and reviews."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from salesrules.check.names import all_known, unless_known, unless_total
from salesrules.expr.aggregates import AGGREGATES
from salesrules.expr.parse import parse
from salesrules.expr.syntax import Call, Name, Node, Operation
from salesrules.issue import Issue
from salesrules.pack.kpis import Kpi, Standing
from salesrules.pack.pack import Pack


def kpis_have_names_of_their_own(pack: Pack) -> Iterator[Issue]:
    for kpi in pack.kpis.values():
        if kpi.id in ("rows", "hidden"):
            yield Issue("kpi.taken_name", kpi.span, {"name": kpi.id})


def kpis_are_not_called_like_what_they_are_grouped_by(pack: Pack) -> Iterator[Issue]:
    for kpi in pack.kpis.values():
        fields = pack.entities[kpi.of].fields if kpi.of is not None and kpi.of in pack.entities else {}
        if kpi.id in fields:
            words = {"name": kpi.id, "entity": str(kpi.of)}
            yield Issue("kpi.called_like_a_field", kpi.span, words, other=fields[kpi.id].span)


def kpis_are_of_an_entity(pack: Pack) -> Iterator[Issue]:
    for kpi in pack.kpis.values():
        yield from unless_known("kpi.unknown_entity", kpi.of, pack.entities, kpi=kpi.id)


def kpis_sum_something_up(pack: Pack) -> Iterator[Issue]:
    """A formula over rows has an aggregate; a formula without rows has none."""
    for kpi in pack.kpis.values():
        names = {node.function for node in _nodes(kpi) if isinstance(node, Call)}
        if kpi.of is None and names & set(AGGREGATES):
            yield Issue("kpi.of_missing", kpi.formula.span, {"kpi": kpi.id})
        elif kpi.of is not None and any(_nodes(kpi)) and not names & set(AGGREGATES):
            yield Issue("kpi.no_aggregate", kpi.formula.span, {"kpi": kpi.id})


def kpis_are_not_made_of_themselves(pack: Pack) -> Iterator[Issue]:
    parts = {kpi.id: _parts(pack, kpi) for kpi in pack.kpis.values()}
    for kpi in pack.kpis.values():
        reached: set[str] = set()
        ahead = list(parts[kpi.id])
        while ahead:
            name = ahead.pop()
            if name == kpi.id:
                yield Issue("kpi.made_of_itself", kpi.formula.span, {"kpi": kpi.id})
                break
            if name not in reached:
                reached.add(name)
                ahead.extend(parts[name])


def goals_and_days_say_something(pack: Pack) -> Iterator[Issue]:
    for kpi in pack.kpis.values():
        if kpi.target is not None and kpi.target.at_least is None and kpi.target.at_most is None:
            yield Issue("kpi.needs", kpi.span, {"kpi": kpi.id, "key": "target", "one": "at_least", "other": "at_most"})
        if isinstance(kpi.date, Standing) and kpi.date.on is None and kpi.date.from_ is None:
            yield Issue("kpi.needs", kpi.span, {"kpi": kpi.id, "key": "date", "one": "on", "other": "from"})


def rows_count_under_dimensions(pack: Pack) -> Iterator[Issue]:
    known = {*pack.dimensions, *pack.entities}
    for entity, members in pack.counts_under.items():
        yield from unless_known("counts.unknown_entity", entity, pack.entities)
        yield from all_known("counts.unknown_dimension", members, known)


def credits_are_of_an_entity(pack: Pack) -> Iterator[Issue]:
    for credit in pack.credits.values():
        yield from unless_known("credit.unknown_entity", credit.of, pack.entities)


def scorecards_name_known_things(pack: Pack) -> Iterator[Issue]:
    for card in pack.scorecards.values():
        yield from unless_known("scorecard.unknown_role", card.for_, pack.roles)
        yield from all_known("scorecard.unknown_kpi", card.weights, pack.kpis)
        yield from all_known("scorecard.unknown_weight", card.score, card.weights)
        yield from all_known("scorecard.unknown_grade", (veto.grade for veto in card.veto), card.grades)


def scorecard_weights_total(pack: Pack) -> Iterator[Issue]:
    for card in pack.scorecards.values():
        yield from unless_total("scorecard.total", card.span, card.weights.values())


def scores_and_grades_are_in_order(pack: Pack) -> Iterator[Issue]:
    """Score curves go up in attainment, grades go down from the best."""
    for card in pack.scorecards.values():
        for kpi, curve in card.score.items():
            if any(later <= earlier for earlier, later in pairwise(curve)):
                yield Issue("scorecard.curve_order", kpi.span, {"kpi": kpi})
        if any(later >= earlier for earlier, later in pairwise(card.grades.values())):
            yield Issue("scorecard.grade_order", card.span, {"name": card.id})


def reviews_name_known_things(pack: Pack) -> Iterator[Issue]:
    for review in pack.reviews.values():
        yield from unless_known("review.unknown_role", review.by, pack.roles)
        yield from all_known("review.unknown_kpi", review.kpis, pack.kpis)


def _parts(pack: Pack, kpi: Kpi) -> set[str]:
    """The other KPIs that a formula is made of; a formula over rows speaks of fields."""
    if kpi.of is not None:
        return set()
    return {node.parts[0] for node in _nodes(kpi) if isinstance(node, Name)} & set(pack.kpis)


def _nodes(kpi: Kpi) -> Iterator[Node]:
    root, _ = parse(kpi.formula)
    ahead = [root] if root is not None else []
    while ahead:
        node = ahead.pop()
        yield node
        if isinstance(node, Operation):
            ahead.extend(node.operands)
        elif isinstance(node, Call):
            ahead.extend(node.arguments)
            ahead.extend([node.where] if node.where is not None else [])
