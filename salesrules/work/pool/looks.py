"""Records that are shown to a person to those that wait in a pool and count, and those beyond the cap of the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.expr.sql import literal
from salesrules.pack.pools import Pool
from salesrules.run.query import Query
from salesrules.store import Event
from salesrules.work.clock.times import Times
from salesrules.work.kinds import VIEWED
from salesrules.work.pool.against import runs
from salesrules.work.pool.situation import Situation, pools_of, situations
from salesrules.work.state import EVENTS, States


@dataclass(frozen=True, slots=True)
class Looks:
    """Which records a person looks at for the first time that day, by pool, and which are kept back until `opens`.

    `limit` is the cap that keeps the first of them back, none where no table tells it; moments are in UTC.
    """

    new: tuple[tuple[str, str], ...]
    kept: frozenset[str]
    limit: int | None
    opens: datetime

    def events(self, entity: str, person: str, now: datetime, release: str) -> list[Event]:
        """The facts of the new looks."""
        return [Event(now, entity, key, VIEWED, person, {}, pool, release) for pool, key in self.new]


def is_capped(snapshot: Snapshot, entity: str) -> bool:
    """Whether looks at records of an entity count."""
    return any(pool.view_max is not None for pool in pools_of(snapshot, entity))


def looks(
    states: States,
    snapshot: Snapshot,
    person: Principal,
    entity: str,
    keys: Sequence[str],
    times: Times,
    now: datetime,
) -> Looks:
    """What becomes of records that are to be shown, in this order; one that was looked at that day is free.

    Who runs the part of the pool, and roles from which it hides nothing, look without a cap. In the place of another
    it is that one's cap, and the looks of a day are those of whoever looks, in whose place it may be.
    """
    found = {at.key: at for at in situations(states, snapshot, person, person, entity, "claim", now, keys)}
    capped = {key: at for key, at in found.items() if _counts(snapshot, person, at)}
    limits, seen = _limits(states, snapshot, person, entity, capped), _seen(states, entity, person.actor, times, now)
    new, kept = list[tuple[str, str]](), list[str]()
    for key in dict.fromkeys(key for key in keys if key in capped):
        pool, limit = capped[key].pool, limits[key]
        assert pool is not None  # else it does not count
        already = seen.setdefault(pool.id, set())
        if key in already:
            continue
        if limit is not None and len(already) < limit:
            already.add(key)
            new.append((pool.id, key))
        else:
            kept.append(key)
    opens = times.begin(times.day(now) + timedelta(1))
    return Looks(tuple(new), frozenset(kept), limits[kept[0]] if kept else None, opens)


def _counts(snapshot: Snapshot, person: Principal, at: Situation) -> bool:
    """Whether a record waits in a pool that caps the looks of a person."""
    if at.owner is not None or at.pool is None or at.pool.view_max is None or at.wanted == person.id:
        return False
    hidden = at.pool.before_claim
    free = hidden is not None and not person.roles.isdisjoint(map(str, hidden.except_))
    return not free and not (at.pool.manager is not None and runs(snapshot, person, at.pool, at.part))


def _limits(
    states: States, snapshot: Snapshot, person: Principal, entity: str, capped: dict[str, Situation]
) -> dict[str, int | None]:
    """By record the cap under the post that fares best; none where none is told."""
    pools = {at.pool.id: at.pool for at in capped.values() if at.pool is not None}
    told = {id: _told(states, snapshot, person, entity, pool, list(capped)) for id, pool in pools.items()}
    return {key: told[at.pool.id].get(key) for key, at in capped.items() if at.pool is not None}


def _told(
    states: States, snapshot: Snapshot, person: Principal, entity: str, pool: Pool, keys: Sequence[str]
) -> dict[str, int | None]:
    query = Query(snapshot, person, entity, states.engine.dialect)
    assert pool.view_max is not None  # else nothing of it is capped
    tree = snapshot.program.meanings.conditions[pool.view_max]
    best = ", ".join(query.expression(tree, hat=hat) for hat in person.hats)
    where = f"{query.column(())} IN (SELECT unnest($keys::VARCHAR[]))"
    sql = f"SELECT {query.column(())}, greatest({best}) FROM {query.source} WHERE {where}"
    return dict(states.engine.rows(sql, {**query.values, "keys": list(keys)}))


def _seen(states: States, entity: str, person: str, times: Times, now: datetime) -> dict[str, set[str]]:
    """By pool what a person has looked at since the day began."""
    start, end = (times.begin(times.day(now) + timedelta(days)) for days in (0, 1))
    where = f"kind = '{VIEWED}' AND entity = {literal(entity)} AND actor = $person"
    where += f' AND "at" >= {literal(start)} AND "at" < {literal(end)}'
    found: dict[str, set[str]] = {}
    for pool, key in states.engine.rows(f"SELECT rule, key FROM {EVENTS} WHERE {where}", {"person": person}):
        found.setdefault(pool, set()).add(key)
    return found
