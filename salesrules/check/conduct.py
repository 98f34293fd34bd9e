"""Facts about rules of conduct."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.check.names import unless_known
from salesrules.issue import Issue
from salesrules.meaning import PERSON
from salesrules.pack.pack import Pack


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
        for rule in pack.conduct.values():
            yield Issue("conduct.nobody_settles", rule.span, {"rule": rule.id, "person": PERSON})
