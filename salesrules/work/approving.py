"""A record and a person to the signatures that the record needs and that the person can give, as events."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.issue import AccessDenied, Issue, QuestionError, Several, Span
from salesrules.pack.stages import Process, Stage
from salesrules.run.query import Query
from salesrules.store import Event
from salesrules.work.gates import approval_id
from salesrules.work.kinds import APPROVAL, APPROVED, FIGURES, FOR, LEFT_BY, PROCESS
from salesrules.work.passages import missing_approvals
from salesrules.work.record import may, refused, stages_of, told
from salesrules.work.signing import APPROVE, passed_from, signing
from salesrules.work.standing_in import lenders, owned
from salesrules.work.state import States


def approved(
    states: States, snapshot: Snapshot, principal: Principal, entity: str, key: str, now: datetime, release: str
) -> list[Event]:
    """The signatures that a record needs in its stage and that a person can give, all of them.

    It takes the right to approve the record and, for each, a post in its role whose scope the record lies in, or that
    who had such a post left the approval to the person. What is left is signed in the place of those for whom the
    person stands in, as far as they could.
    Raises: as `may`; QuestionError if none is needed; AccessDenied if those that are needed are for others.
    """
    if principal.lent is not None:
        return _given_for(states, snapshot, principal, entity, key, now, release)
    events, refusal = _given(states, snapshot, principal, entity, key, now, release)
    known = {(event.values[PROCESS], event.values[APPROVAL]) for event in events}
    for one, lender in lenders(states, snapshot, principal) if entity in states.watched else ():
        if not lender.covers(APPROVE, entity) or key in owned(states, snapshot, principal, entity, now):
            continue
        for event in _given(states, snapshot, replace(lender, lent=None), entity, key, now, release)[0]:
            signed = event.values[PROCESS], event.values[APPROVAL]
            if signed not in known:
                known.add(signed)
                left = {LEFT_BY: event.values[FOR]} if FOR in event.values else {}
                events.append(replace(event, actor=principal.id, values={**event.values, **left, FOR: one.giver}))
    if not events and refusal is not None:
        raise refusal
    return events


def _given_for(
    states: States, snapshot: Snapshot, lender: Principal, entity: str, key: str, now: datetime, release: str
) -> list[Event]:
    """The signatures that can be given in the place of one person alone.

    Raises: as `approved`; a record that who stands in may not know is refused like one that is not there.
    """
    events: list[Event] = []
    refusal: AccessDenied | QuestionError = refused("delegation.not_to_sign", entity, key, giver=lender.id)
    if lender.covers(APPROVE, entity):
        events, why = _given(states, snapshot, replace(lender, lent=None), entity, key, now, release)
        refusal = why or refusal
    if not events:
        may(states, snapshot, lender, APPROVE, entity, key)
        raise refusal
    return events


def _given(
    states: States, snapshot: Snapshot, principal: Principal, entity: str, key: str, now: datetime, release: str
) -> tuple[list[Event], AccessDenied | QuestionError | None]:
    """The signatures that a person can give, or why there are none."""
    try:
        return _signed(states, snapshot, principal, entity, key, now, release), None
    except (AccessDenied, QuestionError) as refusal:
        return [], refusal


def _signed(
    states: States, snapshot: Snapshot, principal: Principal, entity: str, key: str, now: datetime, release: str
) -> list[Event]:
    approves = may(states, snapshot, principal, APPROVE, entity, key)
    events, needed = [], []
    for process, stage, at in stages_of(states, snapshot, principal, entity, key, now):
        open_ = {unmet.id for unmet in missing_approvals(stage, at)}
        for nth in range(len(stage.approvals)):
            id = approval_id(stage, nth)
            if id not in open_:
                continue
            needed.append(id)
            own, giver = _signs(states, snapshot, principal, process, stage, nth, key)
            if approves and (own or giver is not None):
                values = {PROCESS: process.id, APPROVAL: id, FIGURES: at.figures[id]}
                values |= {} if own or giver is None else {FOR: giver}
                rule = f"{process.id}.{stage.id}.{id}"
                events.append(Event(now, entity, key, APPROVED, principal.id, values, rule, release))
    if not needed:
        raise QuestionError([Issue("work.nothing_to_approve", Span(key), {"key": key})])
    if not events:
        raise refused("work.not_your_approval", entity, key, roles=Several.of(needed))
    return events


def _signs(
    states: States, snapshot: Snapshot, principal: Principal, process: Process, stage: Stage, nth: int, key: str
) -> tuple[bool, str | None]:
    """Whether a post of the person gives the role that signs, where the record lies, and who left it to the person."""

    def query() -> Query:
        return Query(snapshot, principal, process.entity, states.engine.dialect)

    posts, left = query(), query()
    own = signing(posts, snapshot, principal, stage.approvals[nth], process.entity)
    giver = passed_from(states, left, principal, process, stage, nth)
    return told(states, posts, own, key) is True, told(states, left, giver, key)
