"""The log to the Appeals that are open, and what a person appeals or closes to the event of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from salesrules.expr.sql import literal
from salesrules.store import Decision, Event
from salesrules.work.kinds import APPEAL, APPEAL_CLOSED, APPEALED, BECAUSE, OUTCOME, RUN
from salesrules.work.state import EVENTS, States, value_of

Outcome = Literal["upheld", "dismissed"]
OUTCOMES: tuple[str, ...] = get_args(Outcome)


@dataclass(frozen=True, slots=True)
class Appeal:
    """Somebody contests the decision of a run about a record; `id` is its place in the log, `at` is UTC."""

    id: int
    at: datetime
    person: str
    entity: str
    key: str
    run: str
    because: str


def open_appeals(states: States) -> list[Appeal]:
    """The appeals that nobody has closed, the oldest first."""
    told = ", ".join(["seq", '"at"', "actor", "entity", "key", value_of(RUN), value_of(BECAUSE)])
    closed = f"SELECT {value_of(APPEAL)} FROM {EVENTS} WHERE kind = {literal(APPEAL_CLOSED)}"
    where = f"kind = {literal(APPEALED)} AND CAST(seq AS VARCHAR) NOT IN ({closed})"
    return [Appeal(*row) for row in states.engine.rows(f"SELECT {told} FROM {EVENTS} WHERE {where} ORDER BY seq")]


def appealed(decision: Decision, person: str, because: str, now: datetime, release: str) -> Event:
    """That a person contests a decision."""
    values = {RUN: decision.run, BECAUSE: because}
    return Event(now, decision.entity, decision.key, APPEALED, person, values, decision.rule, release)


def closed(appeal: Appeal, person: str, outcome: str, because: str, now: datetime, release: str) -> Event:
    """That a person has decided about an appeal."""
    values = {APPEAL: str(appeal.id), OUTCOME: outcome, BECAUSE: because}
    return Event(now, appeal.entity, appeal.key, APPEAL_CLOSED, person, values, "", release)


def involved(appeal: Appeal, decision: Decision, events: Iterator[Event]) -> frozenset[str]:
    """Who may not close an appeal: who appealed, who got the record, and who had it given out."""
    gave = {event.actor for event in events if event.at == decision.at}
    return frozenset({appeal.person, *gave, *([decision.person] if decision.person is not None else [])})
