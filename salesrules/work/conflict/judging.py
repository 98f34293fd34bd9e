"""A case and who asks to what that person is told of it, and to the events of a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from salesrules.access.snapshot import Hat, Principal, Snapshot
from salesrules.expr.kinds import BOOLEAN
from salesrules.expr.reading import Scope
from salesrules.expr.resolve import resolve
from salesrules.expr.syntax import Expression
from salesrules.pack.assignment import Conflict
from salesrules.pack.followed import OWNER, POOL
from salesrules.run.query import Query
from salesrules.store import Event
from salesrules.work.conflict.case import Case
from salesrules.work.gates import known_to
from salesrules.work.kinds import CASE, JUDGED, NOTE
from salesrules.work.pool.parts import split_by
from salesrules.work.state import States


def told(states: States, snapshot: Snapshot, principal: Principal, conflict: Conflict, case: Case) -> Case | None:
    """A case as a person may know it; none where the person is on no side of it and does not judge it.

    Who judges it knows every side. Others know the sides that are their own, and how many more there are.
    """
    if judges(states, snapshot, principal, conflict, case):
        return case
    known = _known(states, snapshot, principal, case)
    own = tuple(party for party in case.parties if party.person == principal.id and party.key in known)
    return replace(case, parties=own, hidden=len(case.parties) - len(own)) if own else None


def judges(states: States, snapshot: Snapshot, principal: Principal, conflict: Conflict, case: Case) -> bool:
    """Whether a person has a post in the role that judges, whose scope every record lies in, and may know them all."""
    if not case.keys <= _known(states, snapshot, principal, case):
        return False
    return any(_in_scope(states, snapshot, principal, hat, conflict, case) for hat in principal.hats)


def verdict(case: Case, to: str, actor: str, note: str, now: datetime, release: str) -> Iterator[Event]:
    """The events by which one person gets every record of a case."""
    values = {OWNER: to, POOL: None, CASE: case.id, **({NOTE: note} if note else {})}
    for key in sorted(case.keys):
        yield Event(now, case.entity, key, JUDGED, actor, values, case.same, release)


def _in_scope(
    states: States, snapshot: Snapshot, principal: Principal, hat: Hat, conflict: Conflict, case: Case
) -> bool:
    if conflict.judge not in hat.roles:
        return False
    pack = snapshot.program.pack
    bound = [dimension for dimension, member in hat.post.scope.items() if member is not None]
    fields = [(split_by(pack, pack.entities[case.entity], dimension), dimension) for dimension in bound]
    asked = [f"within({field}, post.{dimension})" for field, dimension in fields if field is not None]
    if not asked:
        return True
    scope = Scope(snapshot.program.meanings.vocabulary, case.entity, frozenset({"post"}))
    tree, _ = resolve(Expression(" and ".join(asked), conflict.span), scope, BOOLEAN)
    assert tree is not None  # posts are bound to members of the dimensions that the fields choose from
    query = Query(snapshot, principal, case.entity, states.engine.dialect)
    holds = _keys_where(states, query, case, f"({query.expression(tree, hat=hat)}) IS TRUE")
    return holds >= case.keys


def _known(states: States, snapshot: Snapshot, principal: Principal, case: Case) -> set[str]:
    query = Query(snapshot, principal, case.entity, states.engine.dialect)
    return _keys_where(states, query, case, f"({known_to(query, snapshot, case.entity)})")


def _keys_where(states: States, query: Query, case: Case, condition: str) -> set[str]:
    """The records of a case for which a condition holds."""
    keys = sorted(case.keys)
    where = f"{query.column(())} IN (SELECT unnest($keys::VARCHAR[])) AND {condition}"
    sql = f"SELECT {query.column(())} FROM {query.source} WHERE {where}"
    return {key for (key,) in states.engine.rows(sql, {**query.values, "keys": keys})}
