"""Rules about days and the days that were closed to the events of who is behind the plan, and of who is no more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from salesrules.access.snapshot import Snapshot
from salesrules.meaning import PERSON as PEOPLE
from salesrules.pack.conduct import DeviationRule
from salesrules.run.query import Query
from salesrules.store import Event
from salesrules.work.clock.due import Due
from salesrules.work.clock.running import nobody
from salesrules.work.clock.times import Times
from salesrules.work.conduct.charged import lasting
from salesrules.work.conduct.days import PlannedDay, planned_days
from salesrules.work.kinds import DAYS, KEPT_AGAIN, PERSON, SYSTEM, VIOLATED
from salesrules.work.state import States


def deviating(
    states: States, snapshot: Snapshot, times: Times, now: datetime, release: str
) -> Iterator[tuple[Due | None, Event]]:
    """The event of each deviation that is new, with whom it is told to, and of each that is over.

    A person breaks a rule once, until fewer of the last days fell short; a day without a plan changes nothing.
    """
    rules = snapshot.program.pack.deviations.values()
    closed = planned_days(states, max(rule.window for rule in rules)) if rules else {}
    for rule in rules:
        broken = lasting(states, PEOPLE, rule.id)
        told = _told(states, snapshot, times.day(now), rule)
        for person, days in sorted(closed.items()):
            short = missed(rule, days)
            if len(short) < rule.days and person in broken:
                yield None, Event(now, PEOPLE, person, KEPT_AGAIN, SYSTEM, {}, rule.id, release)
            elif len(short) >= rule.days and person not in broken:
                due = Due(now, PEOPLE, person, "violation", rule.id, now, person, told.get(person))
                values = {PERSON: person, DAYS: written(short)}
                yield due, Event(now, PEOPLE, person, VIOLATED, SYSTEM, values, rule.id, release)


def missed(rule: DeviationRule, days: Sequence[PlannedDay]) -> list[PlannedDay]:
    """Which of the last days that a rule looks at fell short of it."""
    return [one for one in days[-rule.window :] if one.done < rule.below * one.planned]


def written(days: Sequence[PlannedDay]) -> str:
    """Days as an event keeps them."""
    return json.dumps([[one.day.isoformat(), one.planned, one.done] for one in days], separators=(",", ":"))


def read_days(text: str | None) -> tuple[PlannedDay, ...]:
    """The days that an event keeps; none of what is about no days."""
    return tuple(PlannedDay(date.fromisoformat(day), *counts) for day, *counts in json.loads(text or "[]"))


def _told(states: States, snapshot: Snapshot, day: date, rule: DeviationRule) -> dict[str, str]:
    """Who gets the message about whom."""
    if rule.tell is None:
        return {}
    query = Query(snapshot, nobody(day), PEOPLE, states.engine.dialect)
    tell = query.expression(snapshot.program.meanings.conditions[rule.tell])
    sql = f"SELECT {query.column(())}, CAST({tell} AS VARCHAR) FROM {query.source} WHERE {tell} IS NOT NULL"
    return dict(states.engine.rows(sql, query.values))
