"""A record and a person to the signatures that the record needs and that the person can give, as events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from zoneinfo import ZoneInfo

from salesrules.expr.sql import literal
from salesrules.issue import AccessDenied, Issue, QuestionError, Several, Span
from salesrules.pack.stages import Process, Stage
from salesrules.store import Event
from salesrules.work.asker import Asker
from salesrules.work.gates import approval_id
from salesrules.work.kinds import APPROVAL, APPROVED, FIGURES, FOR, LEFT_BY, PROCESS
from salesrules.work.passages import missing_approvals
from salesrules.work.record import may, refused, stages_of, told
from salesrules.work.signing import APPROVE, passed_from, signing
from salesrules.work.standing_in import lenders, owned
from salesrules.work.state import EVENTS, value_of


def approved(asker: Asker, entity: str, key: str, release: str) -> list[Event]:
    """The signatures that a record needs in its stage and that a person can give, all of them.

    It takes the right to approve the record and, for each, a post in its role whose scope the record lies in, or that
    who had such a post left the approval to the person. What is left is signed in the place of those for whom the
    person stands in, as far as they could.
    Raises: as `may`; QuestionError if none is needed; AccessDenied if those that are needed are for others.
    """
    if asker.principal.lent is not None:
        return _given_for(asker, entity, key, release)
    events, refusal = _given(asker, entity, key, release)
    known = {(event.values[PROCESS], event.values[APPROVAL]) for event in events}
    for one, lender in lenders(asker) if entity in asker.states.watched else ():
        if not lender.covers(APPROVE, entity) or key in owned(asker, entity):
            continue
        for event in _given(asker.as_(replace(lender, lent=None)), entity, key, release)[0]:
            signed = event.values[PROCESS], event.values[APPROVAL]
            if signed not in known:
                known.add(signed)
                left = {LEFT_BY: event.values[FOR]} if FOR in event.values else {}
                events.append(replace(event, actor=asker.principal.id, values={**event.values, **left, FOR: one.giver}))
    if not events and refusal is not None:
        raise refusal
    return events


def _given_for(asker: Asker, entity: str, key: str, release: str) -> list[Event]:
    """The signatures that can be given in the place of one person alone.

    Raises: as `approved`; a record that who stands in may not know is refused like one that is not there.
    """
    events: list[Event] = []
    refusal: AccessDenied | QuestionError = refused("delegation.not_to_sign", entity, key, giver=asker.principal.id)
    if asker.principal.covers(APPROVE, entity):
        events, why = _given(asker.as_(replace(asker.principal, lent=None)), entity, key, release)
        refusal = why or refusal
    if not events:
        may(asker, APPROVE, entity, key)
        raise refusal
    return events


def _given(
    asker: Asker, entity: str, key: str, release: str
) -> tuple[list[Event], AccessDenied | QuestionError | None]:
    """The signatures that a person can give, or why there are none."""
    try:
        return _signed(asker, entity, key, release), None
    except (AccessDenied, QuestionError) as refusal:
        return [], refusal


def _signed(asker: Asker, entity: str, key: str, release: str) -> list[Event]:
    approves = may(asker, APPROVE, entity, key)
    events, needed = [], []
    for process, stage, at in stages_of(asker, entity, key):
        open_ = {unmet.id for unmet in missing_approvals(stage, at)}
        for nth in range(len(stage.approvals)):
            id = approval_id(stage, nth)
            if id not in open_:
                continue
            needed.append(id)
            own, giver = _signs(asker, process, stage, nth, key)
            if approves and (own or giver is not None):
                values = {PROCESS: process.id, APPROVAL: id, FIGURES: at.figures[id]}
                values |= {} if own or giver is None else {FOR: giver}
                rule = f"{process.id}.{stage.id}.{id}"
                events.append(Event(asker.now, entity, key, APPROVED, asker.principal.id, values, rule, release))
    if not needed:
        raise QuestionError([(_signed_already(asker, entity, key) if approves else None) or _nothing(key)])
    if not events:
        raise refused("work.not_your_approval", entity, key, roles=Several.of(needed))
    return events


def _nothing(key: str) -> Issue:
    return Issue("work.nothing_to_approve", Span(key), {"key": key})


def _signed_already(asker: Asker, entity: str, key: str) -> Issue | None:
    """The last signature of those that a record has in its stage: by whom, for whom and when."""
    given = [id for _, _, at in stages_of(asker, entity, key) for id in at.signed or ()]
    if not given:
        return None
    told = ", ".join(['"at"', "actor", value_of(FOR), value_of(APPROVAL)])
    which = f"kind = {literal(APPROVED)} AND {value_of(APPROVAL)} IN ({', '.join(map(literal, given))})"
    where = f"entity = {literal(entity)} AND key = {literal(key)} AND {which}"
    sql = f"SELECT {told} FROM {EVENTS} WHERE {where} ORDER BY seq DESC LIMIT 1"
    ((at, person, giver, id),) = asker.states.engine.rows(sql)
    zone = ZoneInfo(asker.snapshot.program.pack.about.timezone)
    words = {"key": key, "person": person, "approval": id, "giver": giver or ""}
    words["at"] = f"{at.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M}"
    return Issue("work.signed_for" if giver else "work.signed_already", Span(key), words)


def _signs(asker: Asker, process: Process, stage: Stage, nth: int, key: str) -> tuple[bool, str | None]:
    """Whether a post of the person gives the role that signs, where the record lies, and who left it to the person."""
    posts, left = asker.query(process.entity), asker.query(process.entity)
    own = signing(asker, posts, stage.approvals[nth], process.entity)
    giver = passed_from(asker, left, process, stage, nth)
    return told(asker.states, posts, own, key) is True, told(asker.states, left, giver, key)
