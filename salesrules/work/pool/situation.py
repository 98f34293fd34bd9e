"""Records to how they stand towards pools and the person who is to have them: everything asked of all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.expr.sql import literal
from salesrules.pack.followed import OWNER, POOL
from salesrules.pack.pools import Pool
from salesrules.run.query import Query
from salesrules.work.gates import changes_owner, known_to, right_about
from salesrules.work.pool.parts import Parts, parts_of
from salesrules.work.state import EVENTS, States
from salesrules.work.watched import Watched

_NOTHING = "CAST(NULL AS VARCHAR)"


@dataclass(frozen=True, slots=True)
class UnderPost:
    """What a pool says of a record to a post of the person who is to have it; a limit that no table tells is None.

    `counts` says whether the record, once it is the person's, counts against what the person may hold.
    """

    member: bool
    counts: bool
    per_day: int | None
    hold_max: int | None


@dataclass(frozen=True, slots=True)
class Situation:
    """How a record stands at a moment: who has it, the change of owner that is proposed, and the pool it belongs to.

    `astray` is one whose owner is named and is not in the tables: it waits in no pool.
    `right` says whether the grants let the asker do what is in question; `came` is the moment at which the owner last
    changed, `created` that at which the log saw the record first; `part` is the part of the pool that it lies in, and
    `under` what the pool says to each post of the person who is to have it.
    """

    key: str
    owner: str | None
    waits: bool
    wanted: str | None
    known: bool
    right: bool
    created: datetime | None
    came: datetime | None
    astray: bool
    pool: Pool | None = None
    part: str | None = None
    under: tuple[UnderPost, ...] = ()


def situations(
    states: States,
    snapshot: Snapshot,
    asker: Principal,
    receiver: Principal,
    entity: str,
    right: str,
    now: datetime,
    keys: Sequence[str] | None = None,
) -> list[Situation]:
    """How these records stand, by key; without `keys`, all that nobody owns. One that is not there is left out.

    Args: right: the action that the grants of the asker are asked for.
    """
    pools = pools_of(snapshot, entity)
    split = {pool.id: parts_of(snapshot, pool, receiver.day) for pool in pools}
    watched = states.watched[entity]
    query = Query(snapshot, asker, entity, states.engine.dialect)
    columns = [query.column(()), right_about(query, watched, OWNER), *_proposed(query, watched, now)]
    columns += [f"({known_to(query, snapshot, entity)})", query.allowed(right, (), entity, "*")]
    lost = query.lost((OWNER,)) if OWNER in watched.fields else "FALSE"
    columns += [query.state("created"), query.state(f"{OWNER} at"), lost]
    columns += [right_about(query, watched, POOL)]
    columns += [_place(query, split[pool.id]) for pool in pools]
    columns += [sql for pool in pools for sql in _of_posts(query.asking(receiver), snapshot, receiver, pool)]
    named = ", ".join(f"{column} AS c{at}" for at, column in enumerate(columns))
    where = f"{columns[1]} IS NULL AND NOT ({columns[8]})"
    if keys is not None:
        where = f"{query.column(())} IN (SELECT unnest($keys::VARCHAR[]))"
    values = {**query.values, **({"keys": list(keys)} if keys is not None else {})}
    homes = _homes(states, entity)
    found = []
    for row in states.engine.rows(f"SELECT {named} FROM {query.source} WHERE {where} ORDER BY 1", values):
        at = Situation(*row[:9])
        pool = _home(pools, row[9], homes.get(at.key))
        found.append(at if pool is None else _in_pool(at, pool, pools, split[pool.id], receiver, row[10:]))
    return found


def pools_of(snapshot: Snapshot, entity: str) -> list[Pool]:
    """The pools in which records of an entity wait."""
    return [pool for pool in snapshot.program.pack.pools.values() if pool.entity == entity]


def _proposed(query: Query, watched: Watched, now: datetime) -> tuple[str, str]:
    """Whether a change of owner is proposed and open, and to whom."""
    if OWNER not in watched.in_table:
        return "FALSE", _NOTHING
    open_ = changes_owner(query, watched, now)
    return open_, f"CASE WHEN {open_} THEN {query.state(f'{OWNER} wanted')} END"


def _place(query: Query, parts: Parts) -> str:
    return query.column((parts.by,), "lft") if parts.by is not None else "CAST(NULL AS INTEGER)"


def _of_posts(query: Query, snapshot: Snapshot, receiver: Principal, pool: Pool) -> Iterator[str]:
    """Whether each post makes a member, whether the record does not count for it, and the limits that it has."""
    trees, claim = snapshot.program.meanings.conditions, pool.claim
    limits = ((claim.per_day, _NOTHING), (claim.hold_max, _NOTHING))
    for hat in receiver.hats:
        for said, otherwise in ((pool.members, "TRUE"), (claim.not_counted, "FALSE"), *limits):
            yield query.expression(trees[said], hat=hat) if said is not None else otherwise


def _in_pool(
    at: Situation, pool: Pool, pools: Sequence[Pool], parts: Parts, receiver: Principal, cells: Sequence[Any]
) -> Situation:
    """The record in its pool: `cells` are its place for each pool, then four for each pool and post."""
    nth, posts = pools.index(pool), len(receiver.hats)
    part = parts.of(cells[nth])
    own = cells[len(pools) + 4 * posts * nth :]
    under = tuple(
        UnderPost(
            own[4 * h] is True and parts.reaches(hat, part), own[4 * h + 1] is not True, *own[4 * h + 2 : 4 * h + 4]
        )
        for h, hat in enumerate(receiver.hats)
    )
    return replace(at, pool=pool, part=part, under=under)


def _homes(states: States, entity: str) -> Mapping[str, str]:
    """The pool that the log named last for each record, whatever became of it since."""
    said = f'entity = {literal(entity)} AND "is {POOL}" IS NOT NULL'
    return dict(states.engine.rows(f'SELECT key, arg_max("is {POOL}", seq) FROM {EVENTS} WHERE {said} GROUP BY key'))


def _home(pools: Sequence[Pool], *named: str | None) -> Pool | None:
    """The pool that is named first, by id or label; where none is, the only one that there is."""
    for name in named:
        if name is not None:
            return next((pool for pool in pools if name in (pool.id, pool.label.en, pool.label.zh)), None)
    return pools[0] if len(pools) == 1 else None
