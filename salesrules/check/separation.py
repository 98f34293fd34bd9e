"""Facts about separation, delegation and break-glass."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.check.names import all_known, unless_known
from salesrules.issue import Issue
from salesrules.pack.pack import Pack
from salesrules.pack.policies import ACTIONS, LENDABLE, OBJECTS


def separations_are_of_two_powers(pack: Pack) -> Iterator[Issue]:
    for separation in pack.separation.values():
        if len(set(separation.never_both)) != 2:
            yield Issue("separation.not_two", separation.span, {"name": separation.id})
        for power in separation.never_both:
            action, _, object_ = power.partition(" ")
            if action not in ACTIONS or object_ not in {*pack.entities, *OBJECTS}:
                yield Issue("separation.unknown_power", power.span, {"name": power})


def separations_meet_in_dimensions(pack: Pack) -> Iterator[Issue]:
    known = {*pack.dimensions, "period", "record"}
    for separation in pack.separation.values():
        yield from all_known("separation.unknown_dimension", separation.same, known)


def delegations_name_known_things(pack: Pack) -> Iterator[Issue]:
    for rule in pack.delegation.values():
        yield from all_known("delegation.unknown_role", (*rule.from_, *rule.to), pack.roles)
        yield from unless_known("delegation.unknown_role", rule.approve, pack.roles)
        yield from unless_known("delegation.unknown_role", rule.longer.approve if rule.longer else None, pack.roles)
        yield from all_known("delegation.unknown_action", (*rule.what, *rule.never), ACTIONS)


def delegations_lend_what_can_be_lent(pack: Pack) -> Iterator[Issue]:
    for rule in pack.delegation.values():
        for action in rule.what:
            if action in ACTIONS and action not in LENDABLE:
                yield Issue("delegation.never_lent", action.span, {"name": action})


def emergencies_name_known_things(pack: Pack) -> Iterator[Issue]:
    for rule in pack.breakglass.values():
        yield from all_known("breakglass.unknown_role", (*rule.who, *rule.tell), pack.roles)
        yield from all_known("breakglass.unknown_action", rule.what, ACTIONS)
        yield from all_known("breakglass.unknown_category", rule.category, pack.categories)
