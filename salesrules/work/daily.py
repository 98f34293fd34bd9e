"""The log and a day to the tasks that were planned for it: done, not done, and what was done besides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from salesrules.access.snapshot import Snapshot
from salesrules.expr.sql import literal, quoted
from salesrules.meaning import PERSON
from salesrules.sources.org.trees import below
from salesrules.work.clock.clocks import Clock
from salesrules.work.clock.due import Due, due
from salesrules.work.clock.running import Look
from salesrules.work.clock.telling import told_for
from salesrules.work.gates import known_to
from salesrules.work.kinds import SEEN, TASK_DONE
from salesrules.work.state import EVENTS

Outcome = Literal["done", "not_done", "besides"]


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a person on a day: by which clock, of which record, when it was due in UTC, and what became of it."""

    clock: str
    entity: str
    key: str
    until: datetime | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Day:
    """What a person had to do on a day, and did.

    Planned is each task that was open when the day began and due by its end: it was done on the day, or it was not.
    What was done on the day without being planned was done besides.
    """

    person: str
    day: date
    tasks: tuple[Task, ...]

    def count(self, *outcomes: Outcome) -> int:
        """How many tasks came out so."""
        return sum(task.outcome in outcomes for task in self.tasks)


def days_of(look: Look, clocks: Sequence[Clock], day: date, people: Sequence[str]) -> list[Day]:
    """The day of each of these people, as far as whoever looks may know; who left most undone first.

    Whether a task is asked for, and whose an open one is, is as it is now.
    """
    found: dict[str, list[Task]] = defaultdict(list)
    begin, last = look.times.begin(day), look.times.end(day)
    tasks = {clock.id: clock for clock in clocks if clock.do == "task" and clock.entity in look.states.watched}
    for each in due(replace(look, now=last, reminded=True), list(tasks.values())):
        if each.since < begin and each.person is not None:
            found[each.person].append(_open(each))
    for clock in tasks.values():
        for key, actor, at, since in _done(look, clock, begin):
            until = look.times.later(since, clock.after) if since is not None and clock.after is not None else None
            planned = since is not None and since < begin and until is not None and until <= last
            if at <= last or planned:
                outcome: Outcome = "not_done" if at > last else "done" if planned else "besides"
                found[actor].append(Task(clock.id, clock.entity, key, until, outcome))
    order: list[Outcome] = ["not_done", "done", "besides"]
    by_outcome = {id: sorted(found[id], key=lambda task: order.index(task.outcome)) for id in people}
    days = [Day(id, day, tuple(by_outcome[id])) for id in people]
    return sorted(days, key=lambda one: (-one.count("not_done"), one.person))


def team_of(snapshot: Snapshot, person: str) -> list[str]:
    """Somebody, and all who report to that person, directly or not."""
    manager = snapshot.program.pack.tree_of(PERSON)
    if manager is None:
        return [person]
    return sorted(below({id: row[manager] for id, row in snapshot.organisation.people.items()}, [person]))


def _open(found: Due) -> Task:
    return Task(found.clock, found.entity, found.key, found.at, "not_done")


def _done(look: Look, clock: Clock, begin: datetime) -> Iterator[tuple[str, str, datetime, datetime | None]]:
    """When a task was done from a moment on, by whom, and since when the record was in its stage then."""
    assert clock.process is not None
    watched = look.states.watched[clock.entity]
    field = watched.stages[clock.process.id]
    own = f"e.entity = {literal(clock.entity)} AND e.kind = '{TASK_DONE}' AND e.rule = {literal(clock.id)}"
    stage = f"s.entity = e.entity AND s.key = e.key AND s.seq < e.seq AND s.{quoted(f'says {field}')}"
    if field in watched.in_table:
        stage += f" AND s.kind IN ({', '.join(map(literal, SEEN))})"
    since = f'(SELECT max(s."at") FROM {EVENTS} AS s WHERE {stage})'
    sql = f'SELECT e.key, e.actor, e."at", {since} FROM {EVENTS} AS e WHERE {own} AND e."at" >= {literal(begin)}'
    rows = look.states.engine.rows(f"{sql} ORDER BY e.seq")
    told = _told(look, clock, sorted({key for key, *_ in rows}))
    yield from ((key, actor, at, since) for key, actor, at, since in rows if (key, actor) in told or (key, "") in told)


def _told(look: Look, clock: Clock, keys: list[str]) -> set[tuple[str, str]]:
    """The records of which whoever looks may be told that a task is done: by anybody, or by nobody but this person."""
    asker = look.principal
    if asker is None:
        return {(key, "") for key in keys}
    query, watched = look.query(clock), look.states.watched[clock.entity]
    told = told_for(query, look.snapshot, asker, watched, clock, mine=False)
    known = known_to(query, look.snapshot, clock.entity)
    where = f"{query.column(())} IN (SELECT unnest($keys::VARCHAR[])) AND ({known})"
    sql = f"SELECT {query.column(())}, ({told}) IS TRUE FROM {query.source} WHERE {where}"
    return {
        (key, "" if all_ else asker.id) for key, all_ in look.states.engine.rows(sql, {**query.values, "keys": keys})
    }
