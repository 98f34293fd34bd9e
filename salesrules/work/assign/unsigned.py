"""A person who goes to each approval that waits for their signature, and to who gives it instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.expr.typed import leaves
from salesrules.meaning import PERSON as PEOPLE
from salesrules.pack.assignment import Handover
from salesrules.pack.stages import Process, Stage
from salesrules.run.query import Query
from salesrules.store import Event
from salesrules.work.asker import Asker
from salesrules.work.assign.arrivals import nobody
from salesrules.work.gates import approval_id, standings
from salesrules.work.kinds import APPROVAL, FOR, PASSED, PERSON, PROCESS, SYSTEM
from salesrules.work.present import as_last, at_work, everyone_at_work, managers
from salesrules.work.signing import APPROVE, Signature, can_sign, signatures
from salesrules.work.standing_in import owned
from salesrules.work.state import States


@dataclass(frozen=True, slots=True)
class Unsigned:
    """An approval that waits for somebody who goes: `to` gives it instead, or one of `others` who can already.

    Neither is there where nobody may give it. `passes` says that `to` may because of the handover alone.
    """

    signature: Signature
    to: str | None
    others: tuple[str, ...]
    passes: bool


def unsigned(
    states: States, snapshot: Snapshot, handover: Handover, person: str, day: date, now: datetime
) -> tuple[Unsigned, ...]:
    """Every approval that a person could give, on a day or, if the person is gone by then, when last at work.

    It goes to whom the handover names in `approvals`, without that to the nearest manager who works here, if a grant
    lets that person approve the record.
    """
    leaver = as_last(snapshot, person, day)
    if leaver is None or not (waiting := signatures(asker := Asker(states, snapshot, leaver, now))):
        return ()
    to = _instead(states, snapshot, handover, person, day)
    rest = [one for one in everyone_at_work(snapshot, day) if one.id != person]
    found: list[Unsigned] = []
    for process, stage in _places(snapshot, waiting):
        here = [one for one in waiting if (one.process, one.stage) == (process.id, stage.id)]
        keys = sorted({one.key for one in here})
        able = {other.id: _able(asker.as_(other), process, stage, keys) for other in _concerned(rest, stage, to)}
        may = _may_approve(asker.as_(to), process, keys) if to is not None else frozenset()
        may -= owned(asker.as_(to), process.entity) if to is not None else frozenset()
        for one in here:
            others = tuple(id for id, can in able.items() if (one.key, one.approval) in can)
            takes = to.id if to is not None and (to.id in others or one.key in may) else None
            others = tuple(id for id in others if id != takes)
            passes = takes is not None and (one.key, one.approval) not in able[takes]
            found.append(Unsigned(one, takes, others, passes))
    return tuple(sorted(found, key=lambda each: (each.signature.entity, each.signature.key, each.signature.approval)))


def passing(found: Iterable[Unsigned], person: str, rule: str, at: datetime, release: str) -> Iterator[Event]:
    """The facts that leave approvals to those who may give them from now on."""
    for one in found:
        if one.passes:
            signed = one.signature
            values = {PROCESS: signed.process, APPROVAL: signed.approval, PERSON: one.to, FOR: person}
            yield Event(at, signed.entity, signed.key, PASSED, SYSTEM, values, rule, release)


def _instead(states: States, snapshot: Snapshot, handover: Handover, person: str, day: date) -> Principal | None:
    """Who signs in the place of a person who goes."""
    if handover.approvals is not None:
        tree = snapshot.program.meanings.conditions[handover.approvals]
        if any(leaf.root not in ("row", "today") for leaf in leaves(tree)):
            return None
        query = Query(snapshot, nobody(day), PEOPLE, states.engine.dialect)
        sql = f"SELECT {query.expression(tree)} FROM {query.source} WHERE {query.column(())} = $key"
        ((named,),) = states.engine.rows(sql, {**query.values, "key": person})
        return at_work(snapshot, named, day) if named != person else None
    return next(filter(None, (at_work(snapshot, each, day) for each in managers(snapshot, person))), None)


def _places(snapshot: Snapshot, waiting: Sequence[Signature]) -> Iterator[tuple[Process, Stage]]:
    """The stages in which something waits."""
    at = {(one.process, one.stage) for one in waiting}
    for process in snapshot.program.pack.processes.values():
        yield from ((process, stage) for stage in process.stages if (process.id, stage.id) in at)


def _concerned(rest: Sequence[Principal], stage: Stage, to: Principal | None) -> Iterator[Principal]:
    """Who has a role that signs in a stage, and who is to."""
    roles = {str(approval.role) for approval in stage.approvals}
    for one in rest:
        if not roles.isdisjoint(one.roles) or (to is not None and one.id == to.id):
            yield one


def _able(asker: Asker, process: Process, stage: Stage, keys: Sequence[str]) -> frozenset[tuple[str, str]]:
    """The approvals of these records in their stage that a person can give."""
    query = asker.query(process.entity)
    columns = [query.column(()), *can_sign(asker, query, process, stage)]
    where = (
        f"{query.column(())} IN (SELECT unnest($keys::VARCHAR[])) AND {query.allowed(APPROVE, (), process.entity, '*')}"
    )
    sql = f"SELECT {', '.join(columns)} FROM {query.source} WHERE {where}"
    rows = asker.states.engine.rows(sql, {**query.values, "keys": list(keys)})
    return frozenset((key, approval_id(stage, nth)) for key, *can in rows for nth, is_able in enumerate(can) if is_able)


def _may_approve(asker: Asker, process: Process, keys: Sequence[str]) -> frozenset[str]:
    """The records that the grants let a person approve, of those that the person may know."""
    found = standings(asker, process, keys, [APPROVE])
    return frozenset(at.key for at in found if at.known and at.rights[APPROVE])
