"""A person, records and a stage to Passages and the events of those that may go; nobody goes around this."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.pack.stages import Process
from salesrules.run.records import no_such_record
from salesrules.store import Event
from salesrules.work.gates import Standing, standings
from salesrules.work.kinds import ADVANCED, FROM, PROCESS
from salesrules.work.passage import Passage
from salesrules.work.passages import ADVANCE, passage
from salesrules.work.state import States
from salesrules.work.unmet import with_terms


def known_standings(
    states: States,
    snapshot: Snapshot,
    principal: Principal,
    process: Process,
    keys: Sequence[str],
    rights: Sequence[str],
    now: datetime,
) -> list[Standing]:
    """How records stand that the person may know of.

    Raises: AccessDenied, in the same words, for one that is not there and for one that may not be known.
    """
    found = {each.key: each for each in standings(states, snapshot, principal, process, keys, rights, now)}
    for key in keys:
        if key not in found or not found[key].known:
            raise no_such_record(process.entity, key)
    return [found[key] for key in dict.fromkeys(keys)]


def advance(
    states: States,
    snapshot: Snapshot,
    principal: Principal,
    process: Process,
    keys: Sequence[str],
    to: str,
    now: datetime,
    release: str,
) -> tuple[tuple[Passage, ...], list[Event]]:
    """For each record whether it may go to a stage, and the event of each that may.

    Raises: AccessDenied for a record that is not there or may not be known.
    """
    field = states.watched[process.entity].stages[process.id]
    proposed = field in states.watched[process.entity].in_table
    passages, events = [], []
    for at in known_standings(states, snapshot, principal, process, keys, [ADVANCE], now):
        found = passage(process, at, to, proposed)
        passages.append(with_terms(states.engine, snapshot, principal, process, found))
        if not found.unmet:
            values = {field: to, FROM: at.stage, PROCESS: process.id}
            rule = f"{process.id}.{at.stage or to}"
            events.append(Event(now, process.entity, at.key, ADVANCED, principal.id, values, rule, release))
    return tuple(passages), events
