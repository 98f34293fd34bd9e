"""The log and the state of records to what went before a run at a moment, with all that tables do not show yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from salesrules.access.snapshot import Snapshot
from salesrules.engines.duckdb import DuckDB
from salesrules.meaning.assignments import Assigning
from salesrules.run.query import Query
from salesrules.store import Store
from salesrules.work.assign.arrivals import nobody
from salesrules.work.assign.past import before, of_day
from salesrules.work.assign.run import Before
from salesrules.work.assign.underway import asked_for, handed_on, is_followed, proposed
from salesrules.work.state import States


def so_far(store: Store, states: States, snapshot: Snapshot, assigning: Assigning, at: datetime, day: date) -> Before:
    """What went before a run; the state of records is brought up to date first.

    Args: at: the moment, with its zone.
    """
    states.refresh()
    entity, sets, zone = assigning.entity, assigning.sets, snapshot.program.pack.about.timezone

    def unshown(keys: Sequence[str]) -> list[str]:
        return _without_owner(states.engine, snapshot, assigning, day, keys)

    found = before(store, entity, assigning.id, at, day, zone, None if is_followed(states, entity, sets) else unshown)
    ways = proposed(states, snapshot, assigning, at.replace(tzinfo=None), day)
    free = {key: way.new for key, way in ways.items() if way.old is None and way.new is not None}
    owned = {key: way for key, way in ways.items() if way.old is not None}
    begins, over = (each.replace(tzinfo=None) for each in of_day(day, zone))
    handed = handed_on(states, snapshot, entity, sets, begins, over)
    return replace(
        found,
        waiting={**found.waiting, **free},
        moving=asked_for(states, snapshot, entity, day) | owned,
        today=Counter(found.today) + Counter(handed),
    )


def _without_owner(
    engine: DuckDB, snapshot: Snapshot, assigning: Assigning, day: date, keys: Sequence[str]
) -> list[str]:
    """Those of some records whose table shows no owner."""
    query = Query(snapshot, nobody(day), assigning.entity, engine.dialect)
    where = f"{query.column((assigning.sets,))} IS NULL AND {query.column(())} IN (SELECT unnest($keys::VARCHAR[]))"
    sql = f"SELECT {query.column(())} FROM {query.source} WHERE {where}"
    return [key for (key,) in engine.rows(sql, {**query.values, "keys": list(keys)})]
