"""Facts about rules of quality."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.check.names import all_known, unless_known
from salesrules.issue import Issue
from salesrules.pack.pack import Pack
from salesrules.pack.values import ALL, NOTHING


def quality_is_asked_of_known_fields(pack: Pack) -> Iterator[Issue]:
    for entity in pack.entities.values():
        known = {field.category for field in entity.fields.values()}
        for rule in entity.quality.values():
            yield from unless_known("quality.unknown_category", rule.category, known, entity=entity.id)
            yield from all_known("quality.unknown_field", rule.filled, entity.fields, entity=entity.id)


def quality_asks_one_thing(pack: Pack) -> Iterator[Issue]:
    """A rule names fields or a condition, and a share above nothing that can be reached."""
    for entity in pack.entities.values():
        for rule in entity.quality.values():
            if bool(rule.filled) == (rule.expect is not None):
                yield Issue("quality.one_question", rule.span, {"rule": rule.id})
            if not NOTHING < rule.at_least <= ALL:
                yield Issue("quality.share", rule.span, {"rule": rule.id})
