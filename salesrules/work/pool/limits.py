"""The log and the records to what counts against the limits of a person: claims of a day, records in hand, old ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from salesrules.access.snapshot import Hat, Principal, Snapshot
from salesrules.expr.sql import literal
from salesrules.pack.followed import OWNER
from salesrules.pack.pools import Pool
from salesrules.run.query import Query
from salesrules.work.clock.times import Times
from salesrules.work.gates import is_somebodys
from salesrules.work.kinds import CLAIMED, SEEN
from salesrules.work.pool.parts import parts_of
from salesrules.work.state import EVENTS, States


def rule_of(pool: str, part: str | None) -> str:
    """What a pool and a part of it are called in the log."""
    return pool if part is None else f"{pool}/{part}"


def claims_today(states: States, entity: str, person: str, times: Times, now: datetime) -> Counter[str]:
    """How many records of an entity a person has claimed since the day began, by pool and part."""
    start, end = (times.begin(times.day(now) + timedelta(days)) for days in (0, 1))
    where = f"kind = '{CLAIMED}' AND entity = {literal(entity)} AND actor = $person"
    where += f' AND "at" >= {literal(start)} AND "at" < {literal(end)}'
    sql = f"SELECT rule, count(*) FROM {EVENTS} WHERE {where} GROUP BY rule"
    return Counter(dict(states.engine.rows(sql, {"person": person})))


def in_hand(
    states: States, snapshot: Snapshot, person: Principal, hat: Hat, pool: Pool, now: datetime
) -> Counter[str | None]:
    """How many records a person holds, by the part of the pool that they lie in.

    What was proposed for the person and is open counts. What is not active does not, nor what the pool does not count;
    where that cannot be told, it counts.
    """
    entity, meanings = str(pool.entity), snapshot.program.meanings
    watched, parts = states.watched[entity], parts_of(snapshot, pool, person.day)
    query = Query(snapshot, person, entity, states.engine.dialect)
    conditions = [is_somebodys(query, watched, now)]
    if entity in meanings.active:
        conditions.append(f"({query.expression(meanings.active[entity])}) IS NOT FALSE")
    if pool.claim.not_counted is not None:
        conditions.append(f"({query.expression(meanings.conditions[pool.claim.not_counted], hat=hat)}) IS NOT TRUE")
    place = query.column((parts.by,), "lft") if parts.by is not None else "CAST(NULL AS INTEGER)"
    sql = f"SELECT {place} AS place, count(*) FROM {query.source} WHERE {' AND '.join(conditions)} GROUP BY 1"
    found: Counter[str | None] = Counter()
    for at, count in states.engine.rows(sql, {**query.values, "person": person.id}):
        found[parts.of(at)] += count
    return found


def given_up(states: States, entity: str, person: str) -> Mapping[str, datetime]:
    """When each record stopped to be a person's, the last time; where the table is right, as it was seen there."""
    said = f'entity = {literal(entity)} AND "says {OWNER}"'
    if OWNER in states.watched[entity].in_table:
        said += f" AND kind IN ({', '.join(map(literal, SEEN))})"
    sql = (
        f'WITH said AS (SELECT key, "at", "is {OWNER}" AS owner,'
        f' lag("is {OWNER}") OVER (PARTITION BY key ORDER BY seq) AS before FROM {EVENTS} WHERE {said})'
        ' SELECT key, max("at") FROM said WHERE before = $person AND owner IS DISTINCT FROM $person GROUP BY key'
    )
    return dict(states.engine.rows(sql, {"person": person}))
