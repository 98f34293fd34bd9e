"""Rules of conduct and the records of today to the events of what is broken, and of what is kept again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from salesrules.access.snapshot import Snapshot
from salesrules.expr.sql import literal
from salesrules.pack.conduct import ConductRule
from salesrules.run.query import Query
from salesrules.store import Event
from salesrules.work.clock.due import Due
from salesrules.work.clock.running import nobody
from salesrules.work.clock.times import Times
from salesrules.work.kinds import KEPT_AGAIN, PERSON, SYSTEM, VIOLATED
from salesrules.work.state import EVENTS, States


def charged(
    states: States, snapshot: Snapshot, times: Times, now: datetime, release: str
) -> Iterator[tuple[Due | None, Event]]:
    """The event of each violation that is new, with whom it is told to, and of each rule that is kept again.

    A record breaks a rule once, until the condition was false: neither a value that is missing nor a record that is
    gone ends a violation, and nobody is charged where the path leads to nobody.
    """
    for rule in snapshot.program.pack.conduct.values():
        broken = lasting(states, rule.entity, rule.id)
        for key, holds, person, told in _rows(states, snapshot, times, now, rule, broken):
            if not holds:
                yield None, Event(now, rule.entity, key, KEPT_AGAIN, SYSTEM, {}, rule.id, release)
            elif person is not None and key not in broken:
                due = Due(now, rule.entity, key, "violation", rule.id, now, person, told)
                yield due, Event(now, rule.entity, key, VIOLATED, SYSTEM, {PERSON: person}, rule.id, release)


def lasting(states: States, entity: str, rule: str) -> dict[str, int]:
    """The records that break a rule since a run of the clocks, each with the place of that violation in the log."""
    own = f"entity = {literal(entity)} AND rule = {literal(rule)} AND kind IN ('{VIOLATED}', '{KEPT_AGAIN}')"
    sql = f"SELECT key, max(seq) FROM {EVENTS} WHERE {own} GROUP BY key HAVING arg_max(kind, seq) = '{VIOLATED}'"
    return dict(states.engine.rows(sql))


def _rows(
    states: States, snapshot: Snapshot, times: Times, now: datetime, rule: ConductRule, broken: dict[str, int]
) -> list[tuple[str, bool, str | None, str | None]]:
    """Each record that breaks a rule now, and each that broke it and does no more: whose fault, and who is told."""
    trees = snapshot.program.meanings.conditions
    query = Query(snapshot, nobody(times.day(now)), rule.entity, states.engine.dialect)
    key, holds = query.column(()), f"({query.expression(trees[rule.when])})"
    people = [f"CAST({query.expression(trees[rule.by])} AS VARCHAR)"]
    people += [f"CAST({query.expression(trees[rule.tell])} AS VARCHAR)" if rule.tell is not None else "NULL"]
    where = f"{holds} IS TRUE OR ({holds} IS FALSE AND {key} IN (SELECT unnest($broken::VARCHAR[])))"
    sql = f"SELECT {key}, {holds}, {', '.join(people)} FROM {query.source} WHERE {where} ORDER BY 1"
    return [tuple(row) for row in states.engine.rows(sql, {**query.values, "broken": sorted(broken)})]
