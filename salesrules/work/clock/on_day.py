"""Clocks that wait for a day of the record to what they strike for: once for each day that a record was given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from salesrules.expr.sql import literal
from salesrules.pack.followed import OWNER
from salesrules.work.clock.clocks import Clock
from salesrules.work.clock.running import KIND_OF, Look, runs_for, who_has_it
from salesrules.work.gates import PROPOSED_FOR
from salesrules.work.kinds import SINCE
from salesrules.work.state import EVENTS, States, value_of


@dataclass(frozen=True, slots=True)
class Struck:
    """A clock that struck for a record: at which moment, from which one it ran, who has it, and who is meant."""

    key: str
    at: datetime
    since: datetime
    owner: str | None
    person: str | None


def struck_on_day(look: Look, clock: Clock) -> Iterator[Struck]:
    """What a clock with a day has struck for up to a moment, and was not done yet.

    Whoever got a record on that day or later has it with that day, and keeps it until the day is another one; a record
    that the log has first seen with its owner is nobody's late gain.
    """
    assert clock.on is not None
    query, states, times = look.query(clock), look.states, look.times
    day, moved = query.expression(clock.on), query.state(f"{OWNER} at")
    conditions = [f"{day} IS NOT NULL", *runs_for(query, look, clock)]
    columns = ", ".join([query.column(()), day, *who_has_it(query, look, clock), moved, query.state("created")])
    sql = f"SELECT {columns} FROM {query.source} WHERE {' AND '.join(conditions)} ORDER BY 1"
    done = _done(states, clock, look.now)

    @cache
    def strikes(day: date) -> datetime | None:
        begin = times.begin(day)
        return begin if clock.before is None else times.earlier(begin, clock.before)

    for key, of, owner, person, since, created in states.engine.rows(sql, query.values):
        at, begin = strikes(of), times.begin(of)
        late = since is None or (since >= begin and since != created)
        if (
            at is not None
            and at <= look.now
            and not late
            and (key, begin.isoformat(timespec="microseconds")) not in done
        ):
            yield Struck(key, at, begin, owner, person)


def _done(states: States, clock: Clock, now: datetime) -> set[tuple[str, str]]:
    """For which days a clock was done; a proposal that lapsed counts for nothing."""
    where = f"entity = {literal(clock.entity)} AND kind = '{KIND_OF[clock.do]}' AND rule = {literal(clock.id)}"
    if clock.do == "recycle" and OWNER in states.watched[clock.entity].in_table:
        where += f' AND "at" > {literal(now - PROPOSED_FOR)}'
    return set(states.engine.rows(f"SELECT key, {value_of(SINCE)} FROM {EVENTS} WHERE {where}"))
