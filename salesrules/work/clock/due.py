"""Clocks and the state of records to what is due at a moment: each with the fact that it runs from, and for whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from salesrules.access.snapshot import Hat, Principal, Snapshot
from salesrules.expr.sql import literal
from salesrules.pack.followed import OWNER
from salesrules.run.query import Query
from salesrules.sources.org.posts import Post
from salesrules.work.clock.clocks import Clock, Do
from salesrules.work.clock.times import Times, latest
from salesrules.work.gates import PROPOSED_FOR, known_to, right_about
from salesrules.work.kinds import ESCALATED, PROCESS, RECYCLED, REMINDED, SINCE, TASK, TASK_DONE
from salesrules.work.state import EVENTS, States, value_of
from salesrules.work.watched import Watched

KIND_OF = {"remind": REMINDED, "task": REMINDED, "escalate": ESCALATED, "recycle": RECYCLED}


@dataclass(frozen=True, slots=True)
class Due:
    """Something that is due: what is done, with which record, by which clock, and for whom.

    `since` is the moment of the fact that the clock runs from, `at` the moment at which it struck, both in UTC;
    `owner` has the record now. `pool` is where the record goes, or will; `task` what is still to be done.
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


def due(
    states: States,
    snapshot: Snapshot,
    clocks: Sequence[Clock],
    times: Times,
    now: datetime,
    principal: Principal | None,
    mine: bool = False,
) -> list[Due]:
    """What is due at a moment in UTC and not done yet, the longest overdue first.

    Args: principal: who asks, and is told only of records that this person may know; None for the clocks themselves.
        mine: only what is for the person.
    """
    found = [each for clock in clocks for each in _due(states, snapshot, clock, times, now, principal, mine)]
    return sorted(found, key=lambda each: (each.at, each.entity, each.key, each.clock))


def _due(
    states: States,
    snapshot: Snapshot,
    clock: Clock,
    times: Times,
    now: datetime,
    principal: Principal | None,
    mine: bool,
) -> Iterator[Due]:
    watched = states.watched.get(clock.entity)
    before = latest(lambda since: _struck(times, clock, since), now)
    if watched is None or before is None:
        return
    query = Query(snapshot, principal or _nobody(times.day(now)), clock.entity, states.engine.dialect)
    start, owner = _start(query, watched, clock), right_about(query, watched, OWNER)
    conditions = [f"{start} <= {literal(before)}", *_where(query, snapshot, watched, clock, owner)]
    conditions += _unprotected(query, clock, times, now)
    conditions += [f"({known_to(query, snapshot, clock.entity)})"] if principal is not None else []
    conditions += _not_yet(query, watched, clock, start, now)
    who = query.expression(snapshot.program.meanings.conditions[clock.who]) if clock.who is not None else owner
    conditions += [f"CAST({who} AS VARCHAR) = {literal(principal.id)}"] if mine and principal is not None else []
    columns = ", ".join([query.column(()), start, owner, who])
    sql = f"SELECT {columns} FROM {query.source} WHERE {' AND '.join(conditions)} ORDER BY 1"
    place = clock.process.id if clock.process else None, clock.stage.id if clock.stage else None
    for key, since, of, person in states.engine.rows(sql, query.values):
        at = _struck(times, clock, since)
        assert at is not None  # it lies before now
        yield Due(at, clock.entity, key, clock.do, clock.id, since, of, person, clock.pool, clock.task, *place)


def _nobody(day: date) -> Principal:
    """In whose place clocks ask: conditions about who asks hold for nobody."""
    return Principal("", day, {}, (Hat(Post("", "", {}, None, None), frozenset()),))


def _unprotected(query: Query, clock: Clock, times: Times, now: datetime) -> Iterator[str]:
    """That the time for which a record stays with its owner whatever happens is over."""
    if clock.protect is not None:
        held = times.latest_start(clock.protect.for_, now)
        since = query.state("claimed" if clock.protect.since == "claim" else f"{OWNER} at")
        over = f" OR {since} <= {literal(held)}" if held is not None else ""
        yield f"({since} IS NULL{over})"


def _struck(times: Times, clock: Clock, since: datetime) -> datetime | None:
    """The moment at which a clock strikes that runs from a fact."""
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


def _where(query: Query, snapshot: Snapshot, watched: Watched, clock: Clock, owner: str) -> Iterator[str]:
    """For which records a clock runs."""
    trees = snapshot.program.meanings.conditions
    if clock.process is not None and clock.stage is not None:
        stage = right_about(query, watched, watched.stages[clock.process.id])
        yield f"{stage} = {literal(clock.stage.id)}"
        if clock.process.when is not None:
            yield f"({query.expression(trees[clock.process.when])}) IS TRUE"
    if clock.stage is None or clock.do == "recycle":
        yield f"{owner} IS NOT NULL"
    if clock.when is not None:  # a task that may be asked for is; nothing else is done in doubt
        holds = "IS NOT FALSE" if clock.do == "task" else "IS TRUE"
        yield f"({query.expression(trees[clock.when])}) {holds}"


def _not_yet(query: Query, watched: Watched, clock: Clock, start: str, now: datetime) -> Iterator[str]:
    """That a clock has not struck for this fact, and a task is not done; a proposal that lapsed counts for nothing."""
    own = f"e.entity = {literal(clock.entity)} AND e.key = {query.column(())}"
    kind, text = KIND_OF[clock.do], f"strftime({start}, '%Y-%m-%dT%H:%M:%S.%f')"  # as `isoformat` writes it
    struck = f"{own} AND e.kind = '{kind}' AND e.rule = {literal(clock.id)} AND {value_of(SINCE)} = {text}"
    if clock.do == "recycle" and OWNER in watched.in_table:
        struck += f' AND e."at" > {literal(now - PROPOSED_FOR)}'
    yield f"NOT EXISTS (SELECT 1 FROM {EVENTS} AS e WHERE {struck})"
    if clock.task is None or clock.process is None:
        return
    began = query.state(f"{watched.stages[clock.process.id]} seq")
    done = f"{own} AND e.kind = '{TASK_DONE}' AND e.seq > {began} AND {value_of(TASK)} = {literal(clock.task)}"
    done += f" AND {value_of(PROCESS)} = {literal(clock.process.id)}"
    yield f"NOT EXISTS (SELECT 1 FROM {EVENTS} AS e WHERE {done})"
