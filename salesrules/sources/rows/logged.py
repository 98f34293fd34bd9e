"""Fields of which the log is right to columns of the typed tables: each record has what was last said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import quoted
from salesrules.pack.entities import Entity, Field
from salesrules.pack.followed import followed
from salesrules.pack.pack import Pack
from salesrules.sources.org.stages import stage_meant
from salesrules.sources.rows.faults import Reject
from salesrules.sources.rows.storage import choice_of
from salesrules.sources.rows.tables import KEY
from salesrules.sources.settings.bindings import Binding, Settings
from salesrules.store import open_store

_NO_COLUMN = "-"


@dataclass(frozen=True, slots=True)
class Logged:
    """What the log says of fields, by entity and field and then by key; `last` is the place of its last event."""

    last: int = 0
    values: Mapping[tuple[str, str], Mapping[str, str | None]] = field(default_factory=dict)


def in_log(pack: Pack, entity: Entity, binding: Binding | None) -> tuple[str, ...]:
    """The fields of an entity of which the log is right: those of which a binding says so, or that have no column."""
    if binding is None:
        return ()
    return tuple(
        name
        for name in followed(pack).get(entity.id, ())
        if name in entity.fields and (binding.master.get(name) == "log" or binding.columns.get(name) == _NO_COLUMN)
    )


def read_log(pack: Pack, settings: Settings, bindings: Mapping[str, Binding]) -> Logged:
    """What the log says of all these fields; where there are none, it is not opened.

    Raises: EngineError if it cannot be read.
    """
    found = {entity.id: in_log(pack, entity, bindings.get(entity.id)) for entity in pack.entities.values()}
    wanted = {entity: names for entity, names in found.items() if names}
    if not wanted or not settings.has_log:
        return Logged()
    store = open_store(settings.log_place)
    try:
        values: dict[tuple[str, str], dict[str, str | None]] = {}
        for entity, names in wanted.items():
            for event in store.events(entity=entity):
                for name in names:
                    if name in event.values:
                        values.setdefault((entity, name), {})[event.key] = event.values[name]
        return Logged(store.last(), values)
    finally:
        store.close()


def overlay(engine: DuckDB, pack: Pack, bindings: Mapping[str, Binding], logged: Logged) -> list[Reject]:
    """Put what the log says into the typed tables; where it says nothing there is nothing.

    Returns: the records that stand in a stage which the pack does not have any more.
    """
    return [
        reject
        for entity in pack.entities.values()
        for name in in_log(pack, entity, bindings.get(entity.id))
        for reject in _write(engine, entity, entity.fields[name], logged.values.get((entity.id, name), {}))
    ]


def _write(engine: DuckDB, entity: Entity, field: Field, said: Mapping[str, str | None]) -> list[Reject]:
    table, column, scratch = quoted(entity.id), quoted(field.id), quoted("said by the log")
    columns: dict[str, list[Any]] = {"id": list(said), "value": list(said.values())}
    engine.insert("said by the log", columns, dict.fromkeys(columns, "VARCHAR"))
    text = f"{scratch}.value"
    text = stage_meant(field.process, text) if field.process is not None else text
    value = f"TRY_CAST({text} AS {choice_of(field) or 'VARCHAR'})"
    engine.rows(f"UPDATE {table} SET {column} = NULL")
    engine.rows(f"UPDATE {table} SET {column} = {value} FROM {scratch} WHERE {scratch}.id = {table}.{quoted(KEY)}")
    here = f"{table} JOIN {scratch} ON {scratch}.id = {table}.{quoted(KEY)}"
    gone = f"count(*), min({scratch}.value) FROM {here} WHERE {scratch}.value IS NOT NULL AND {table}.{column} IS NULL"
    found = engine.rows(f"SELECT {gone}") if field.process is not None else []
    engine.rows(f"DROP TABLE {scratch}")
    return [Reject(entity.id, field.id, "reject.stage_gone", count, example) for count, example in found if count]
