"""Tables and the state as it was last seen to observations: one event for each record that is no longer as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import quoted
from salesrules.run.projected import state_table
from salesrules.sources.rows.tables import KEY
from salesrules.store import Event
from salesrules.work.kinds import GONE, OBSERVED, SYSTEM
from salesrules.work.state import States
from salesrules.work.watched import Watched


def observed(
    states: States, now: datetime, release: str, entity: str | None = None, keys: Sequence[str] | None = None
) -> Iterator[Event]:
    """What the tables show that the log has not seen yet, of all that is watched or of some records of an entity.

    A record that is seen for the first time says all that the table is right about; later only what is new. Asked
    again after these events are in the log and the state is refreshed, there is nothing.
    """
    for each in states.watched.values():
        if entity in (None, each.entity):
            for key, values in _changes(states.engine, each, keys):
                yield Event(now, each.entity, key, OBSERVED, SYSTEM, values, "", release)


def _changes(engine: DuckDB, each: Watched, keys: Sequence[str] | None) -> Iterator[tuple[str, dict[str, str | None]]]:
    """The records that are otherwise than last seen, each with what is new of it."""
    key, gone = quoted(KEY), f"s.{quoted(GONE)}"
    differs, columns = [f"{gone} IS NOT NULL"], []
    for name in each.in_table:
        now, seen = f"CAST(t.{quoted(name)} AS VARCHAR)", f"s.{quoted(name)}"
        new = f"({now} IS DISTINCT FROM {seen} OR s.{quoted(f'{name} seq')} IS NULL)"
        differs.append(new)
        columns += [now, new]
    some = f" AND coalesce(t.{key}, s.{key}) IN (SELECT unnest($keys::VARCHAR[]))" if keys is not None else ""
    columns = [f"coalesce(t.{key}, s.{key})", f"t.{key} IS NULL", f"{gone} IS NOT NULL", *columns]
    was_lost = f"t.{key} IS NULL AND {gone} IS NULL"
    is_new = f"t.{key} IS NOT NULL AND (s.{key} IS NULL OR {' OR '.join(differs)})"
    sql = (
        f"SELECT {', '.join(columns)} FROM {quoted(each.entity)} AS t"
        f" FULL JOIN {state_table(each.entity)} AS s ON s.{key} = t.{key}"
        f" WHERE ({was_lost} OR {is_new}){some} ORDER BY 1"
    )
    for id, lost, back, *cells in engine.rows(sql, {"keys": list(keys)} if keys is not None else None):
        if lost:
            yield id, {GONE: "yes"}
            continue
        values: dict[str, str | None] = {GONE: None} if back else {}
        values |= {name: cells[2 * at] for at, name in enumerate(each.in_table) if cells[2 * at + 1]}
        yield id, values
