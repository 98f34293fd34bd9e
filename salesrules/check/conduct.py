"""Facts about rules of conduct."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.check.names import unless_known
from salesrules.issue import Issue
from salesrules.meaning import PERSON
from salesrules.pack.conduct import ConductRule, DeviationRule
from salesrules.pack.pack import Pack
from salesrules.pack.values import ALL, NOTHING


def conduct_is_of_an_entity(pack: Pack) -> Iterator[Issue]:
    """The log names a record by one key."""
    for rule in pack.conduct.values():
        yield from unless_known("conduct.unknown_entity", rule.entity, pack.entities)
        entity = pack.entities.get(rule.entity)
        if entity is not None and len(entity.key) > 1:
            yield Issue("conduct.several_keys", rule.entity.span, {"entity": entity.id})


def someone_settles_violations(pack: Pack) -> Iterator[Issue]:
    """Violations are settled by those to whom the person reports."""
    if PERSON in pack.entities and pack.tree_of(PERSON) is None:
        rules: list[ConductRule | DeviationRule] = [*pack.conduct.values(), *pack.deviations.values()]
        for rule in rules:
            yield Issue("conduct.nobody_settles", rule.span, {"rule": rule.id, "person": PERSON})


def deviations_can_come_about(pack: Pack) -> Iterator[Issue]:
    """A deviation is of some days out of at least as many, below a share that a day can miss, and has its own name."""
    for rule in pack.deviations.values():
        words = {"rule": rule.id, "days": str(rule.days), "of": str(rule.window)}
        if not 1 <= rule.days <= rule.window:
            yield Issue("deviation.no_days", rule.span, words)
        if not NOTHING < rule.below <= ALL:
            yield Issue("deviation.no_share", rule.span, words)
        if rule.id in pack.conduct:
            yield Issue("deviation.named_twice", rule.span, words, other=pack.conduct[rule.id].span)
