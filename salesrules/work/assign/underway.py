"""The state of records to what their table does not show yet: who is to have which, and instead of whom."""

from __future__ import annotations

from datetime import date, datetime

from salesrules.access.snapshot import Snapshot
from salesrules.expr.sql import literal
from salesrules.meaning.assignments import Assigning
from salesrules.run.query import Query
from salesrules.work.assign.agreeing import waiting
from salesrules.work.assign.arrivals import nobody
from salesrules.work.assign.run import Moving
from salesrules.work.gates import open_proposal
from salesrules.work.kinds import ASSIGNED
from salesrules.work.state import EVENTS, States, value_of


def is_followed(states: States, entity: str, sets: str) -> bool:
    """Whether the log knows what is proposed for a field of which the table is right; else a change counts at once."""
    watched = states.watched.get(entity)
    return watched is not None and sets in watched.in_table


def on_the_way(states: States, query: Query, entity: str, sets: str, now: datetime) -> str:
    """Whether a record is to have another owner than its table shows, as SQL that is never null.

    A table that shows neither what was seen when it was proposed nor an empty owner has gone its own way since.
    Args: now: in UTC, without a zone.
    """
    if not is_followed(states, entity, sets):
        return "FALSE"
    shown, seen, wanted = query.column((sets,)), query.state(sets), query.state(f"{sets} wanted")
    still = f"({shown} IS NULL OR {shown} = {seen}) AND {shown} IS DISTINCT FROM {wanted}"
    return f"coalesce({still} AND {open_proposal(query, sets, now)}, FALSE)"


def proposed(states: States, snapshot: Snapshot, assigning: Assigning, now: datetime, day: date) -> dict[str, Moving]:
    """Records with who is to have each, None for a pool, and whom the table shows; of owned ones those that are active.

    Args: now: in UTC, without a zone.
    """
    entity, sets = assigning.entity, assigning.sets
    if not is_followed(states, entity, sets):
        return {}
    query = Query(snapshot, nobody(day), entity, states.engine.dialect)
    shown, wanted = query.column((sets,)), query.state(f"{sets} wanted")
    where = (
        f"{on_the_way(states, query, entity, sets, now)} AND ({shown} IS NULL OR {_active(snapshot, query, entity)})"
    )
    sql = f"SELECT {query.column(())}, {shown}, {wanted} FROM {query.source} WHERE {where}"
    return {key: Moving(old, new) for key, old, new in states.engine.rows(sql, query.values)}


def asked_for(states: States, snapshot: Snapshot, entity: str, day: date) -> dict[str, Moving]:
    """Active records that go to somebody once others agree: they have their owner still, and take up room already."""
    takers = {one.key: one.to for one in waiting(states) if one.entity == entity and one.to is not None}
    if not takers:
        return {}
    query = Query(snapshot, nobody(day), entity, states.engine.dialect)
    where = f"{query.column(())} IN (SELECT unnest($keys::VARCHAR[])) AND {_active(snapshot, query, entity)}"
    sql = f"SELECT {query.column(())} FROM {query.source} WHERE {where}"
    rows = states.engine.rows(sql, {**query.values, "keys": list(takers)})
    return {key: Moving(None, takers[key]) for (key,) in rows}


def handed_on(
    states: States, snapshot: Snapshot, entity: str, sets: str, start: datetime, end: datetime
) -> dict[str, int]:
    """How many records of an entity handovers gave to each person in `[start, end)`, in UTC without a zone."""
    names = ", ".join(map(literal, snapshot.program.pack.handovers))
    if not names:
        return {}
    where = (
        f'kind = \'{ASSIGNED}\' AND entity = {literal(entity)} AND "at" >= {literal(start)} AND "at" < {literal(end)}'
    )
    where += f" AND contains(rule, '/') AND split_part(rule, '/', 1) IN ({names}) AND {value_of(sets)} IS NOT NULL"
    sql = f"SELECT {value_of(sets)}, count(DISTINCT key) FROM {EVENTS} WHERE {where} GROUP BY ALL"
    return dict(states.engine.rows(sql))


def _active(snapshot: Snapshot, query: Query, entity: str) -> str:
    """Whether a record is active, as SQL."""
    active = snapshot.program.meanings.active.get(entity)
    return f"({query.expression(active)})" if active is not None else "TRUE"
