"""A person and a pool to whether the person may look in, whatever waits there at the moment."""

from __future__ import annotations

from salesrules.access.snapshot import Hat, Principal, Snapshot
from salesrules.pack.pools import Pool
from salesrules.run.query import Query
from salesrules.work.gates import known_to
from salesrules.work.pool.parts import Parts, parts_of
from salesrules.work.state import States


def may_look(states: States, snapshot: Snapshot, person: Principal, pool: Pool) -> bool:
    """Whether the person manages a part of the pool, or is a member for some record that the person knows."""
    parts = parts_of(snapshot, pool, person.day)
    return any(_manages(parts, hat, pool) or _is_member(states, snapshot, person, hat, pool) for hat in person.hats)


def _manages(parts: Parts, hat: Hat, pool: Pool) -> bool:
    """Whether a post manages any part."""
    reached = parts.dimension is None or any(parts.reaches(hat, part, unbound=True) for part in parts.tops)
    return pool.manager in hat.roles and reached


def _is_member(states: States, snapshot: Snapshot, person: Principal, hat: Hat, pool: Pool) -> bool:
    """Whether the pool counts a post as a member for any record, owned or not, that lies in a part it reaches."""
    parts, entity = parts_of(snapshot, pool, person.day), str(pool.entity)
    query = Query(snapshot, person, entity, states.engine.dialect)
    place = query.column((parts.by,), "lft") if parts.by is not None else "CAST(NULL AS INTEGER)"
    where = f"({known_to(query, snapshot, entity)})"
    if pool.members is not None:
        where += f" AND ({query.expression(snapshot.program.meanings.conditions[pool.members], hat=hat)}) IS TRUE"
    rows = states.engine.rows(f"SELECT DISTINCT {place} FROM {query.source} WHERE {where}", query.values)
    return any(parts.reaches(hat, parts.of(at)) for (at,) in rows)
