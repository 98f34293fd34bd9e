"""Events to the state of each record: one row a record in the engine, brought up to date from the end of the log."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from salesrules.engines.duckdb import DuckDB
from salesrules.engines.engine import Statements
from salesrules.expr.sql import literal, quoted
from salesrules.issue import EngineError
from salesrules.run.projected import DATABASE, state_table
from salesrules.store import Store
from salesrules.work.folding import (
    EVENTS,
    LAST,
    SEEN_OR_MEANT,
    WORDS,
    counted,
    fold,
    merged,
    with_days,
)
from salesrules.work.kinds import GONE
from salesrules.work.watched import Watched

__all__ = ["EVENTS", "TAIL", "States", "value_of"]
TAIL = f"{DATABASE}.tail"
_UNTIDY = "1GB"
"""So much may change before the engine writes its tables anew, without what was deleted."""
_COLUMNS = {"seq": "BIGINT", "at": "TIMESTAMP", "entity": "VARCHAR", "key": "VARCHAR", "kind": "VARCHAR"}
_COLUMNS |= {"actor": "VARCHAR", "values": "VARCHAR", "rule": "VARCHAR", "release": "VARCHAR"}

_ONE_AT_A_TIME = threading.Lock()  # all who opened one file in this process share its tables


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
        self._lock = _ONE_AT_A_TIME
        names = dict.fromkeys([*(name for each in watched.values() for name in each.fields), GONE])
        in_table = {name for each in watched.values() for name in each.in_table}
        self._hows = {name: SEEN_OR_MEANT if name in in_table else LAST for name in names}
        with self._lock:
            self._start()

    def _start(self) -> None:
        """Empty tables, unless the engine has them already."""
        self.engine.rows(f"ATTACH IF NOT EXISTS ':memory:' AS {DATABASE} (READ_WRITE)")
        self.engine.rows(f"SET checkpoint_threshold = '{_UNTIDY}'")
        columns = [f"{quoted(name)} {kind}" for name, kind in _COLUMNS.items()]
        for name in self._hows:
            columns += [f"{quoted('is ' + name)} VARCHAR", f"{quoted('says ' + name)} BOOLEAN"]
        columns += ["counts TINYINT"]
        self.engine.rows(f"CREATE TABLE IF NOT EXISTS {WORDS} (code BIGINT, text VARCHAR)")
        self.engine.rows(f"CREATE TABLE IF NOT EXISTS {EVENTS} ({', '.join(columns)})")
        for each in self.watched.values():
            self.engine.rows(f"CREATE TABLE IF NOT EXISTS {state_table(each.entity)} AS {self._states(each)}")

    def refresh(self) -> int:
        """Take in what was appended since, and return the place of the last event.

        Only records that something happened to are computed anew, out of what was known of them and the new events.
        """
        with self._lock:
            at = self._loaded()
            try:
                self.take_in(self._store.events_behind(at), at)
                last = self._loaded()
                if at < last:
                    self._follow(at)
            except BaseException as error:  # the next time it would be taken for a log that is known up to its end
                self.engine.rows(f"DELETE FROM {EVENTS} WHERE seq > {at}")
                if isinstance(error, EngineError):
                    deque(self._store.events(at), 0)  # says which row it is, if it is one that cannot be read
                raise
            return last

    def _follow(self, after: int) -> None:
        """Bring the states of all entities up to the events behind a place; from the first event on, if it is that."""
        if not after:
            self._compute_all()
            return
        with self.engine.together() as run:  # whoever reads meanwhile finds the old rows or the new ones
            run("BEGIN TRANSACTION")
            for each in self.watched.values():
                self._merge(each, after, run)
            run("COMMIT")

    def _states(self, each: Watched) -> str:
        """What all events of an entity come to."""
        return with_days(each, fold(each, self._hows, 0), self._timezone)

    def _merge(self, each: Watched, after: int, run: Statements) -> None:
        states = state_table(each.entity)
        run(f"CREATE OR REPLACE TABLE {TAIL} AS {fold(each, self._hows, after)}")
        run(f"INSERT INTO {states} {with_days(each, merged(each, TAIL), self._timezone)}")
        run(f'DELETE FROM {states} WHERE "#seq" <= {after} AND "#key" IN (SELECT "#key" FROM {TAIL})')
        run(f"DROP TABLE {TAIL}")

    def forget(self, after: int) -> None:
        """Let go of the events behind a place: they were written in a stretch that failed, and are not in the log."""
        with self._lock:
            self.engine.rows(f"DELETE FROM {EVENTS} WHERE seq > {after}")
        self.recompute()

    def recompute(self) -> None:
        """Compute the state of all records from the first event on."""
        with self._lock:
            self._compute_all()

    def _compute_all(self) -> None:
        for each in self.watched.values():
            self.engine.rows(f"CREATE OR REPLACE TABLE {state_table(each.entity)} AS {self._states(each)}")

    def _loaded(self) -> int:
        return int(self.engine.rows(f"SELECT coalesce(max(seq), 0) FROM {EVENTS}")[0][0])

    def take_in(self, parts: Iterable[str | Mapping[str, Sequence[Any]]], after: int) -> None:
        """Put all events behind a place, SQL or columns as the store hands them over, behind those that are there."""
        for part in parts:
            if isinstance(part, str):
                self.engine.rows(self._insert(f"({part})"))
            else:
                self.engine.take(part, self._insert("taken"))
        self._learn(after)

    def _insert(self, events: str) -> str:
        """The statement that puts events behind those that are there, with what each says of the names."""
        paths, said = f"[{', '.join(map(_path, self._hows))}]", []
        for at, name in enumerate(self._hows, start=1):
            said += [f"texts[{at}] AS {quoted(f'is {name}')}", f"there[{at}] AS {quoted(f'says {name}')}"]
        cells = ", ".join(f"CAST({quoted(name)} AS {kind}) AS {quoted(name)}" for name, kind in _COLUMNS.items())
        found = f'json_extract_string("values", {paths}) AS texts, json_exists("values", {paths}) AS there'
        return (
            f"INSERT INTO {EVENTS} SELECT * EXCLUDE (texts, there), {', '.join(said)}, {counted('kind')}"
            f" FROM (SELECT {cells}, {found} FROM {events})"
        )

    def _learn(self, after: int) -> None:
        """Give a code to each word that the events behind a place say and none before did."""
        texts = " UNION ".join(
            f"SELECT {quoted(f'is {name}')} AS text FROM {EVENTS} WHERE seq > {after}" for name in self._hows
        )
        self.engine.rows(
            f"INSERT INTO {WORDS} SELECT (SELECT count(*) FROM {WORDS}) + row_number() OVER (), text FROM ({texts})"
            f" WHERE text IS NOT NULL AND text NOT IN (SELECT text FROM {WORDS})"
        )
