"""The log to the cases that are open, and cases that were found to the events that open them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime

from salesrules.expr.sql import literal
from salesrules.pack.assignment import Conflict
from salesrules.store import Event
from salesrules.work.conflict.case import Case, Party
from salesrules.work.gates import PROPOSED_FOR
from salesrules.work.kinds import CASE, CONTESTED, FIRST, JUDGED, PERSON, STANDS, SYSTEM
from salesrules.work.state import EVENTS, States, value_of


def open_cases(states: States, conflict: Conflict) -> list[Case]:
    """The cases of an entity that nobody has judged, as the rule stood when each side was noted."""
    found: dict[str, tuple[str, dict[tuple[str, str], Party]]] = {}
    for case, key, kind, same, person, first, stands, _ in _noted(states, conflict):
        if kind == JUDGED:
            found.pop(case, None)
        else:
            sides = found.setdefault(case, (same, {}))[1]
            sides[key, person] = Party(key, person, date.fromisoformat(first) if first else None, stands is not None)
    return [Case(id, conflict.id, same, tuple(sides.values())) for id, (same, sides) in found.items()]


def as_of_today(case: Case, found: Iterable[Case]) -> Case:
    """A case with what the rule of today says of each side that is still one."""
    same = (each for each in found if each.same == case.same and each.keys & case.keys)
    now = {(party.key, party.person): party for each in same for party in each.parties}
    return replace(case, parties=tuple(now.get((side.key, side.person), side) for side in case.parties))


def named(states: States, conflict: Conflict, found: Iterable[Case]) -> list[Case]:
    """Cases by their name in the log: one that any of its records was noted in last, or the next number.

    A hash of what the records share, or of their keys, could be guessed by whoever is on a side.
    """
    noted = _noted(states, conflict)
    last = {(same, key): case for case, key, _, same, *_ in noted}
    number = max((int(case.rpartition("-")[2]) for case, *_ in noted), default=0)
    told = []
    for case in found:
        known = [last[case.same, key] for key in sorted(case.keys) if (case.same, key) in last]
        number += not (case.id or known)
        id = case.id or (known[0] if known else f"{conflict.id}-{number}")
        last |= {(case.same, key): id for key in case.keys}
        told.append(replace(case, id=id))
    return told


def contested(
    states: States, conflict: Conflict, found: Iterable[Case], now: datetime, release: str
) -> Iterator[Event]:
    """The event of each side that is new; what was judged less than a day ago waits for the table to show it."""
    known: set[tuple[str, str, str]] = set()
    judged: dict[str, datetime] = {}
    for case, key, kind, _, person, _, _, at in _noted(states, conflict):
        if kind == JUDGED:
            known, judged = {side for side in known if side[0] != case}, {**judged, case: at}
        else:
            known.add((case, key, person))
    for each in named(states, conflict, found):
        if each.id in judged and now - judged[each.id] < PROPOSED_FOR:
            continue
        for party in each.parties:
            if (each.id, party.key, party.person) not in known:
                known.add((each.id, party.key, party.person))
                first = party.first.isoformat() if party.first is not None else None
                values = {CASE: each.id, PERSON: party.person, FIRST: first, STANDS: "yes" if party.stands else None}
                yield Event(now, conflict.id, party.key, CONTESTED, SYSTEM, values, each.same, release)


def _noted(
    states: States, conflict: Conflict
) -> list[tuple[str, str, str, str, str, str | None, str | None, datetime]]:
    cells = ", ".join(value_of(name) for name in (PERSON, FIRST, STANDS))
    where = f"entity = {literal(conflict.id)} AND kind IN ('{CONTESTED}', '{JUDGED}')"
    sql = f'SELECT {value_of(CASE)}, key, kind, rule, {cells}, "at" FROM {EVENTS} WHERE {where} ORDER BY seq'
    return [tuple(row) for row in states.engine.rows(sql)]
