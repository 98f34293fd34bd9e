"""Clocks and the state of records to what is due at a moment: each with the fact that it runs from, and for whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from salesrules.expr.sql import literal
from salesrules.pack.followed import OWNER
from salesrules.pack.stages import Priority
from salesrules.pack.values import Duration
from salesrules.run.query import Query
from salesrules.work.clock.clocks import Clock, Do
from salesrules.work.clock.on_day import Struck, struck_on_day
from salesrules.work.clock.running import KIND_OF, Look, runs_for, who_has_it
from salesrules.work.clock.times import Times, latest
from salesrules.work.gates import PROPOSED_FOR
from salesrules.work.kinds import PROCESS, SINCE, TASK, TASK_DONE
from salesrules.work.state import EVENTS, value_of
from salesrules.work.watched import Watched

_RANKS: Mapping[Priority, int] = {"high": 0, "normal": 1, "low": 2}


@dataclass(frozen=True, slots=True)
class Due:
    """Something that is due: what is done, with which record, by which clock, and for whom.

    `since` is the moment of the fact that the clock runs from, `at` the moment at which it struck, both in UTC;
    `owner` has the record now. `pool` is where the record goes, or will; `task` what is still to be done. `on_day`
    says that the clock waits for the day of `since` and counts from nothing.
    """

    at: datetime
    entity: str
    key: str
    do: Do
    clock: str
    since: datetime
    owner: str | None
    person: str | None
    pool: str | None = None
    task: str | None = None
    process: str | None = None
    stage: str | None = None
    on_day: bool = False
    priority: Priority = "normal"


def due(look: Look, clocks: Sequence[Clock]) -> list[Due]:
    """What is due and not done yet, the most urgent first."""
    found = [each for clock in clocks for each in _due(look, clock)]
    return most_urgent_first(found, look.times, look.times.day(look.now))


def most_urgent_first(found: Iterable[Due], times: Times, today: date) -> list[Due]:
    """What is overdue, by priority and then the longest overdue first; then the rest by day, of one day by priority.

    Overdue is what was due on an earlier day.
    """

    def urgency(each: Due) -> tuple[object, ...]:
        day, rank = times.day(each.at), _RANKS[each.priority]
        by_day = (False, rank) if day < today else (True, day, rank)
        return (*by_day, each.at, each.entity, each.key, each.clock)

    return sorted(found, key=urgency)


def _due(look: Look, clock: Clock) -> Iterator[Due]:
    if clock.entity not in look.states.watched:
        return
    way = struck_on_day if clock.on is not None else _lapsed if clock.idle is None else _lapsed_each
    place = clock.process.id if clock.process else None, clock.stage.id if clock.stage else None
    for one in way(look, clock):
        about = (one.key, clock.do, clock.id, one.since, one.owner, one.person, clock.pool, clock.task)
        yield Due(one.at, clock.entity, *about, *place, on_day=clock.on is not None, priority=clock.priority)


def _lapsed_each(look: Look, clock: Clock) -> Iterator[Struck]:
    """What a clock has struck for of which each record says how long: as a clock for each length that there is."""
    assert clock.idle is not None
    query = replace(look, principal=None).query(clock)
    lengths = look.states.engine.rows(
        f"SELECT DISTINCT {query.expression(clock.idle)} FROM {query.source}", query.values
    )
    for (length,) in lengths:
        if length is not None:  # where no row of the table tells, nothing is taken back
            one = replace(clock, after=Duration.of(length))
            yield from _lapsed(look, one)


def _lapsed(look: Look, clock: Clock) -> Iterator[Struck]:
    """What a clock has struck for, once a time has passed since a fact."""
    states, times, now = look.states, look.times, look.now
    before = latest(lambda since: _struck(times, clock, since), now)
    if before is None:
        return
    watched = states.watched[clock.entity]
    query = look.query(clock)
    start = _start(query, watched, clock)
    conditions = [f"{start} <= {literal(before)}"]
    conditions += runs_for(query, look, clock)
    conditions += _not_yet(query, look, clock, start)
    if clock.idle is not None:
        conditions.append(f"{query.expression(clock.idle)} = {literal(str(clock.after))}")
    columns = ", ".join([query.column(()), start, *who_has_it(query, look, clock)])
    sql = f"SELECT {columns} FROM {query.source} WHERE {' AND '.join(conditions)} ORDER BY 1"
    for key, since, of, person in states.engine.rows(sql, query.values):
        at = _struck(times, clock, since)
        assert at is not None  # it lies before now
        yield Struck(key, at, since, of, person)


def _struck(times: Times, clock: Clock, since: datetime) -> datetime | None:
    """The moment at which a clock strikes that runs from a fact."""
    assert clock.after is not None
    ends = times.later(since, clock.after)
    return times.earlier(ends, clock.before) if ends is not None and clock.before is not None else ends


def _start(query: Query, watched: Watched, clock: Clock) -> str:
    """The moment from which a clock runs; whoever is new, and what has moved, has as long as after a follow-up."""
    stage = watched.stages[clock.process.id] if clock.process is not None else None
    moved = [f"{name} at" for name in (OWNER, stage) if name is not None and name in watched.fields]
    names = {
        "follow_up": ["followed_up", *moved],
        "stage": [f"{stage} at"],
        "claim": ["claimed", f"{OWNER} at"],
        "assign": [f"{OWNER} at"],
        "change": ["changed"],
        "create": ["created"],
    }[clock.since]
    return f"greatest({', '.join(map(query.state, names))})"


def _not_yet(query: Query, look: Look, clock: Clock, start: str) -> Iterator[str]:
    """That a clock has not struck for this fact, and a task is not done; a proposal that lapsed counts for nothing."""
    watched = look.states.watched[clock.entity]
    own = f"e.entity = {literal(clock.entity)} AND e.key = {query.column(())}"
    kind, text = KIND_OF[clock.do], f"strftime({start}, '%Y-%m-%dT%H:%M:%S.%f')"  # as `isoformat` writes it
    struck = f"{own} AND e.kind = '{kind}' AND e.rule = {literal(clock.id)} AND {value_of(SINCE)} = {text}"
    if clock.do == "recycle" and OWNER in watched.in_table:
        struck += f' AND e."at" > {literal(look.now - PROPOSED_FOR)}'
    if not (look.reminded and clock.do == "task"):
        yield f"NOT EXISTS (SELECT 1 FROM {EVENTS} AS e WHERE {struck})"
    if clock.task is None or clock.process is None:
        return
    began = query.state(f"{watched.stages[clock.process.id]} seq")
    done = f"{own} AND e.kind = '{TASK_DONE}' AND e.seq > {began} AND {value_of(TASK)} = {literal(clock.task)}"
    done += f" AND {value_of(PROCESS)} = {literal(clock.process.id)}"
    yield f"NOT EXISTS (SELECT 1 FROM {EVENTS} AS e WHERE {done})"
