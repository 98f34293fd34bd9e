"""Days that are over to the facts of them: how much was planned for whom, and how much of that was done."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice

from salesrules.expr.sql import literal
from salesrules.sources.org.leave import is_away
from salesrules.store import Event
from salesrules.work.clock.clocks import Clock
from salesrules.work.clock.running import Look
from salesrules.work.clock.times import Times
from salesrules.work.daily import days_of
from salesrules.work.kinds import DAY_CLOSED, PLAN, SYSTEM
from salesrules.work.present import everyone_at_work
from salesrules.work.state import EVENTS, States, value_of

DAY = "#day"  # what days are called in the log, where entities are; no entity is called so
_LONGEST = 400  # days without work in a row, after which no earlier day is looked for


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """How many tasks were planned for a person's day, at least one, and how many of them were done on it."""

    day: date
    planned: int
    done: int


def closed(look: Look, clocks: Sequence[Clock], release: str) -> Iterator[Event]:
    """The event of each working day that is over and that no run of the clocks has closed, the oldest first.

    A day is closed once, with what is known of it then. The first run closes the last day alone; a later one closes
    those since, as far back as a rule of the pack looks.
    """
    rules = look.snapshot.program.pack.deviations.values()
    if not rules:
        return
    last = _last_closed(look.states)
    reach = max(rule.window for rule in rules) if last is not None else 1
    over = list(islice(_worked_before(look.times, look.times.day(look.now)), reach))
    for day in reversed(over):
        if last is None or day > last:
            plans = json.dumps(_plans(look, clocks, day), ensure_ascii=False, separators=(",", ":"))
            yield Event(look.now, DAY, day.isoformat(), DAY_CLOSED, SYSTEM, {PLAN: plans}, "", release)


def planned_days(states: States, most: int) -> Mapping[str, Sequence[PlannedDay]]:
    """The last days with a plan of each person as they were closed, the oldest first; of each so many at the most."""
    plans = f"CAST(CAST({value_of(PLAN)} AS JSON) AS MAP(VARCHAR, INTEGER[]))"
    each = f"SELECT key AS day, unnest(map_entries({plans})) AS e FROM {EVENTS} WHERE kind = {literal(DAY_CLOSED)}"
    last = f"QUALIFY row_number() OVER (PARTITION BY e.key ORDER BY day DESC) <= {most}"
    found: dict[str, list[PlannedDay]] = defaultdict(list)
    for person, day, planned, done in states.engine.rows(
        f"SELECT e.key, CAST(day AS DATE), e.value[1], e.value[2] FROM ({each}) {last} ORDER BY day"
    ):
        found[person].append(PlannedDay(day, planned, done))
    return found


def _plans(look: Look, clocks: Sequence[Clock], day: date) -> dict[str, tuple[int, int]]:
    """Of everyone who was at work and had something planned: how much, and how much of it was done."""
    away = look.snapshot.organisation.lookups.away
    people = [one.id for one in everyone_at_work(look.snapshot, day) if not is_away(away, one.id, day)]
    found = days_of(replace(look, principal=None, mine=False), clocks, day, people)
    counts = {one.person: (one.count("done", "not_done"), one.count("done")) for one in found}
    return {person: counts[person] for person in people if counts[person][0]}


def _last_closed(states: States) -> date | None:
    sql = f"SELECT max(key) FROM {EVENTS} WHERE kind = {literal(DAY_CLOSED)}"
    ((day,),) = states.engine.rows(sql)
    return date.fromisoformat(day) if day is not None else None


def _worked_before(times: Times, day: date) -> Iterator[date]:
    """The working days before a day, the last one first."""
    before = (day - timedelta(back) for back in range(1, min(_LONGEST, day.toordinal())))
    return (one for one in before if times.works(one))
