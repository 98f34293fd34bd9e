"""Events to the state of each record: one row a record in the engine, brought up to date from the end of the log."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import literal, quoted
from salesrules.pack.followed import OWNER, POOL
from salesrules.run.projected import DATABASE, state_table
from salesrules.store import Store
from salesrules.work.kinds import ASSIGNED, BY_CLOCKS, CLAIMED, FOLLOWED_UP, GONE, SEEN
from salesrules.work.watched import Watched

EVENTS = f"{DATABASE}.events"
_CHUNK = 100_000  # events that are handed to the engine at a time
_COLUMNS = {"seq": "BIGINT", "at": "TIMESTAMP", "entity": "VARCHAR", "key": "VARCHAR", "kind": "VARCHAR"}
_COLUMNS |= {"actor": "VARCHAR", "values": "VARCHAR", "rule": "VARCHAR", "release": "VARCHAR"}


def value_of(name: str) -> str:
    """The value that an event gives a name, as SQL on the table of events."""
    return f"json_extract_string({quoted('values')}, {_path(name)})"


def _path(name: str) -> str:
    return literal(f'$."{name}"')


class States:
    """The events of a store in an engine, and what they come to; one refreshes at a time.

    The table of each entity has a row for each record that anything happened to. For each name that is followed it
    has the value, and as `NAME seq` and `NAME at` since when; where the table is right, `NAME wanted` with the same
    two for what was last proposed. `#seq` is the last event; `created`, `changed`, `followed_up`, `claimed` and
    `assigned` are the moments, in UTC, at which that last happened, the first of them the first of all.
    """

    def __init__(self, engine: DuckDB, store: Store, watched: Mapping[str, Watched], timezone: str) -> None:
        self.engine = engine
        self.watched = watched
        self._store = store
        self._timezone = timezone
        self._lock = threading.Lock()
        names = dict.fromkeys(name for each in watched.values() for name in (*each.fields, GONE))
        self._names = tuple(names)
        self._start()

    def _start(self) -> None:
        """Empty tables, unless the engine has them already."""
        self.engine.rows(f"ATTACH IF NOT EXISTS ':memory:' AS {DATABASE} (READ_WRITE)")
        columns = [f"{quoted(name)} {kind}" for name, kind in _COLUMNS.items()]
        for name in self._names:
            columns += [f"{quoted('is ' + name)} VARCHAR", f"{quoted('says ' + name)} BOOLEAN"]
        self.engine.rows(f"CREATE TABLE IF NOT EXISTS {EVENTS} ({', '.join(columns)})")
        for each in self.watched.values():
            self.engine.rows(f"CREATE TABLE IF NOT EXISTS {state_table(each.entity)} AS {self._sql(each, 'FALSE')}")

    def refresh(self) -> int:
        """Take in what was appended since, and return the place of the last event.

        Only records that something happened to are computed anew.
        """
        with self._lock:
            at, last = self._loaded(), self._store.last()
            for first in range(at, last, _CHUNK):
                self._load(first, min(first + _CHUNK, last))
            for each in self.watched.values() if at < last else ():
                touched = f"SELECT key FROM {EVENTS} WHERE seq > {at} AND entity = {literal(each.entity)}"
                table = state_table(each.entity)
                self.engine.rows(f'DELETE FROM {table} WHERE "#key" IN ({touched})')
                self.engine.rows(f"INSERT INTO {table} {self._sql(each, f'key IN ({touched})')}")
            return last

    def forget(self, after: int) -> None:
        """Let go of the events behind a place: they were written in a stretch that failed, and are not in the log."""
        with self._lock:
            self.engine.rows(f"DELETE FROM {EVENTS} WHERE seq > {after}")
        self.recompute()

    def recompute(self) -> None:
        """Compute the state of all records from the first event on."""
        with self._lock:
            for each in self.watched.values():
                self.engine.rows(f"CREATE OR REPLACE TABLE {state_table(each.entity)} AS {self._sql(each, 'TRUE')}")

    def _loaded(self) -> int:
        return int(self.engine.rows(f"SELECT coalesce(max(seq), 0) FROM {EVENTS}")[0][0])

    def _load(self, after: int, upto: int) -> None:
        columns = self._store.event_columns(after, upto)
        names = ", ".join(quoted(name) for name in _COLUMNS)
        lists = ", ".join(f"unnest(${name}::{kind}[]) AS {quoted(name)}" for name, kind in _COLUMNS.items())
        said = [f"{value_of(name)}, json_exists({quoted('values')}, {_path(name)})" for name in self._names]
        sql = f"INSERT INTO {EVENTS} SELECT {', '.join([names, *said])} FROM (SELECT {lists})"
        self.engine.rows(sql, columns)

    def _sql(self, each: Watched, where: str) -> str:
        """The statement that folds the events of an entity into one row for each record."""
        columns = ['key AS "#key"', 'max(seq) AS "#seq"', 'min("at") AS created']
        columns += [f'max("at") FILTER (WHERE kind NOT IN ({_listed(BY_CLOCKS)})) AS changed']
        columns += [
            f"max(\"at\") FILTER (WHERE kind = '{kind}') AS {kind}" for kind in (FOLLOWED_UP, CLAIMED, ASSIGNED)
        ]
        for name in each.fields:
            seen = f"kind IN ({_listed(SEEN)})" if name in each.in_table else "TRUE"
            columns += _last(name, "", seen)
            if name in each.in_table:
                columns += _last(name, " wanted", f"NOT {seen}")
        columns += _last(GONE, "", "TRUE")
        of = f"entity = {literal(each.entity)} AND ({where})"
        folded = f"SELECT {', '.join(columns)} FROM {EVENTS} WHERE {of} GROUP BY key"
        moved = ", ".join(quoted(f"{name} at") for name in (OWNER, POOL) if name in each.fields)
        days = f"{self._day(f'greatest({moved})')} AS since, {self._day(FOLLOWED_UP)} AS last_follow_up"
        return f"SELECT *, {days} FROM ({folded})"

    def _day(self, moment: str) -> str:
        """The day of a moment where the pack's days begin."""
        return f"CAST(timezone({literal(self._timezone)}, timezone('UTC', {moment})) AS DATE)"


def _last(name: str, suffix: str, which: str) -> Iterator[str]:
    """The last value that these events gave a name, with its place in the log and its moment."""
    value, says = quoted(f"is {name}"), quoted(f"says {name}")
    where = f"FILTER (WHERE {says} AND {which})"
    yield f"arg_max_null({value}, seq) {where} AS {quoted(name + suffix)}"
    yield f"max(seq) {where} AS {quoted(f'{name}{suffix} seq')}"
    yield f'arg_max("at", seq) {where} AS {quoted(f"{name}{suffix} at")}'


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(literal, names))
