"""Clocks and the state of records to what waits for one person: what is due, what will be, and what is to be signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from salesrules.work.asker import Asker
from salesrules.work.clock.clocks import Clock
from salesrules.work.clock.due import Due, due, most_urgent_first
from salesrules.work.clock.running import Look
from salesrules.work.clock.times import Times
from salesrules.work.signing import Signature, signatures
from salesrules.work.standing_in import StandIn, lent_signatures

AHEAD = timedelta(days=366)
"""How far ahead tasks are looked for."""


@dataclass(frozen=True, slots=True)
class Agenda:
    """What waits for a person: what is `due`, the most urgent first; tasks that are `coming`, by day; what to sign.

    `lent` is what is to sign in the place of somebody else.
    """

    due: tuple[Due, ...]
    coming: tuple[Due, ...]
    signatures: tuple[Signature, ...]
    lent: tuple[tuple[StandIn, Signature], ...] = ()


def agenda(asker: Asker, clocks: Sequence[Clock], times: Times) -> Agenda:
    """What waits for a person, about records that the person may know."""
    now = asker.now
    look = Look(asker.states, asker.snapshot, times, now, asker.principal, mine=True, reminded=True)
    tasks = [clock for clock in clocks if clock.do == "task"]
    ahead = due(replace(look, now=now + AHEAD), tasks)
    coming = most_urgent_first((each for each in ahead if each.at > now), times, times.day(now))
    own = signatures(asker)
    lent = tuple(each for each in lent_signatures(asker) if each[1] not in own)
    return Agenda(tuple(due(look, clocks)), tuple(coming), tuple(own), lent)
