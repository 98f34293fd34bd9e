"""What somebody does in the place of another to events that say so, and what nobody does there to a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from salesrules.access.snapshot import Principal
from salesrules.issue import AccessDenied, Issue, Several, Span
from salesrules.store import Event
from salesrules.work.asker import Asker
from salesrules.work.kinds import FOR
from salesrules.work.present import at_work
from salesrules.work.standing_in import in_place_of, owned


def nobody_lends(giver: str) -> AccessDenied:
    """The one answer to whoever would act for somebody who is not there, or who lends them nothing today."""
    return AccessDenied([Issue("delegation.nobody", Span("--for"), {"person": giver})])


def must_be_oneself(principal: Principal) -> None:
    """Refuse whoever acts in the place of another what is somebody's own: their work list, claims, appeals, conflicts.

    Raises: AccessDenied
    """
    if principal.lent is not None:
        raise AccessDenied([Issue("delegation.own_alone", Span("--for"), {"giver": principal.id})])


def still(asker: Asker, today: date) -> Asker:
    """The same person as it is now: what is lent may have ended since it was looked up.

    Raises: AccessDenied
    """
    if asker.principal.lent is None:
        return asker
    taker = at_work(asker.snapshot, asker.principal.actor, asker.principal.day)
    found = in_place_of(asker.as_(taker), asker.principal.id, today) if taker is not None else None
    if found is None:
        raise nobody_lends(asker.principal.id)
    return asker.as_(found[1])


def done_for(asker: Asker, events: Sequence[Event]) -> list[Event]:
    """The same events, by whoever did it, and in whose place.

    Raises: AccessDenied where a record is one's own: nobody does anything to those in the place of another.
    """
    if asker.principal.lent is None:
        return list(events)
    mine = {entity: owned(asker, entity) for entity in {event.entity for event in events}}
    if own := [event.key for event in events if event.key in mine[event.entity]]:
        raise AccessDenied([Issue("delegation.own_record", Span("--for"), {"keys": Several.of(own)})])
    return [
        replace(each, actor=asker.principal.actor, values={**each.values, FOR: asker.principal.id}) for each in events
    ]
