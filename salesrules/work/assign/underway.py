"""The state of records to what was done by hand and their table does not show: who claimed one, or put it back."""

from __future__ import annotations

from datetime import date, datetime

from salesrules.access.snapshot import Snapshot
from salesrules.meaning.assignments import Assigning
from salesrules.run.query import Query
from salesrules.work.assign.arrivals import nobody
from salesrules.work.gates import open_proposal
from salesrules.work.kinds import ASSIGNED
from salesrules.work.state import States


def proposed(
    states: States, snapshot: Snapshot, assigning: Assigning, now: datetime, day: date
) -> dict[str, str | None]:
    """Records that show no owner, with who is to have each, None for the pool; what runs gave out is left to them.

    Args: now: in UTC, without a zone.
    """
    watched = states.watched.get(assigning.entity)
    if watched is None or assigning.sets not in watched.in_table:
        return {}  # then a claim counts at once, and the record has its owner
    query = Query(snapshot, nobody(day), assigning.entity, states.engine.dialect)
    wanted, at, given = (query.state(n) for n in (f"{assigning.sets} wanted", f"{assigning.sets} wanted at", ASSIGNED))
    where = f"{query.column((assigning.sets,))} IS NULL AND {open_proposal(query, assigning.sets, now)}"
    where += f" AND ({given} IS NULL OR {at} > {given})"
    sql = f"SELECT {query.column(())}, {wanted} FROM {query.source} WHERE {where}"
    return dict(states.engine.rows(sql, query.values))
