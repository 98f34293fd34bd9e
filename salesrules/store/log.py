"""Events and Decisions to rows of two logs that only ever grow, and back, in the order in which they were written."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.exc import SQLAlchemyError

from salesrules.store.chain import BEGINNING, as_json, from_json, linked
from salesrules.store.databases import WAIT, alone, refused, shown
from salesrules.store.facts import Decision, Event
from salesrules.store.tables import DECISION, EVENT, HEAD
from salesrules.store.verify import Verdict, verified

_CHUNK = 10_000  # rows held at a time
_Cells = tuple[Any, ...]


class Store:
    """A database of facts; threads and processes may share it, and one of them writes at a time."""

    def __init__(self, engine: sql.Engine) -> None:
        self._engine = engine
        self._mine = threading.local()

    @property
    def place(self) -> str:
        """Where it lies, as people call it."""
        return shown(self._engine)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def alone(self, wait: float = WAIT) -> Iterator[None]:
        """A stretch in which nobody else writes: all that is appended in it is kept when it ends, or nothing is.

        What is read in it is what stands there, own lines included. Inside another stretch it is part of that one.
        Raises: EngineError if another process writes for longer than `wait` seconds.
        """
        if self._held is not None:
            yield
            return
        with self._engine.connect() as connection, _told(self.place), alone(connection, wait):
            self._mine.connection = connection
            try:
                yield
            finally:
                self._mine.connection = None

    @property
    def _held(self) -> sql.Connection | None:
        """The connection of the stretch that this thread is in."""
        found: sql.Connection | None = getattr(self._mine, "connection", None)
        return found

    @contextmanager
    def _reading(self) -> Iterator[sql.Connection]:
        with _told(self.place):
            if (held := self._held) is not None:
                yield held
                return
            with self._engine.connect() as connection:
                yield connection

    def append(self, events: Iterable[Event], decisions: Iterable[Decision] = ()) -> int:
        """Write these at the end of the logs, all or none, and return the place of the last event.

        Raises: EngineError if another process writes all the time, or the database refuses.
        """
        with self.alone(), self._reading() as connection:
            last = _append(connection, EVENT, map(_event_cells, events))
            _append(connection, DECISION, map(_decision_cells, decisions))
            return last

    def last(self) -> int:
        """The place of the last event, 0 if there is none."""
        with self._reading() as connection:
            return _head(connection, EVENT)[0]

    def events(self, after: int = 0, entity: str | None = None, key: str | None = None) -> Iterator[Event]:
        """The events behind the place `after`, in order; those of an entity, or of one record of it."""
        for row in self._rows(EVENT, after, entity=entity, key=key):
            cells = {name: row[name] for name in ("entity", "key", "kind", "actor", "rule", "release", "seq")}
            yield Event(**cells, at=_moment(row["at"]), values=from_json(row["values"]))

    def event_columns(self, after: int, upto: int) -> dict[str, Sequence[Any]]:
        """The events behind `after` up to the place `upto`, column by column, for an engine that takes many at once.

        `at` is text in UTC and `values` is JSON text.
        """
        names = [column.name for column in EVENT.c if column.name != "hash"]
        query = sql.select(*(EVENT.c[name] for name in names)).where(EVENT.c.seq > after, EVENT.c.seq <= upto)
        with self._reading() as connection:
            rows = connection.execute(query.order_by(EVENT.c.seq)).cursor.fetchall()  # as the driver has them
        columns: Iterable[Sequence[Any]] = zip(*rows, strict=True) if rows else ((),) * len(names)
        return dict(zip(names, columns, strict=True))

    def decisions(
        self, entity: str | None = None, key: str | None = None, run: str | None = None, after: int = 0
    ) -> Iterator[Decision]:
        """The decisions behind the place `after`, in order; those about an entity, one record of it, or of one run."""
        texts = ("run", "entity", "key", "assignment", "rule", "person", "pool", "release", "seed", "seq")
        for row in self._rows(DECISION, after, entity=entity, key=key, run=run):
            cells = {name: row[name] for name in texts}
            yield Decision(**cells, at=_moment(row["at"]), detail=from_json(row["detail"]))

    def verify(self) -> Verdict:
        """Whether every row of both logs stands where it was written, and none is missing."""
        with self._reading() as connection:
            return verified(connection)

    def _rows(self, table: sql.Table, after: int, **wanted: str | None) -> Iterator[dict[str, Any]]:
        """The rows of a log that say all that is wanted, a chunk at a time, so that no transaction stays open."""
        query = sql.select(table).order_by(table.c.seq).limit(_CHUNK)
        for name, text in wanted.items():
            query = query if text is None else query.where(table.c[name] == text)
        while True:
            with self._reading() as connection:
                rows = [dict(row) for row in connection.execute(query.where(table.c.seq > after)).mappings()]
            yield from rows
            if len(rows) < _CHUNK:
                return
            after = rows[-1]["seq"]


@contextmanager
def _told(place: str) -> Iterator[None]:
    """What the database refuses, as a mistake that people can read."""
    try:
        yield
    except SQLAlchemyError as error:
        raise refused(place, error) from error


def _head(connection: sql.Connection, table: sql.Table) -> tuple[int, str]:
    """The place and the hash of the last row of a log."""
    found = connection.execute(sql.select(HEAD.c.seq, HEAD.c.hash).where(HEAD.c.log == table.name)).first()
    return (found[0], found[1]) if found else (0, BEGINNING)


def _append(connection: sql.Connection, table: sql.Table, lines: Iterable[_Cells]) -> int:
    """Write rows at the end of a log, and return the place of the last one."""
    before, hash_ = _head(connection, table)
    names, seq, rows = [column.name for column in table.c], before, []
    for line in lines:
        seq += 1
        hash_ = linked(hash_, (seq, *line))
        rows.append(dict(zip(names, (seq, *line, hash_), strict=True)))
    if rows:
        connection.execute(sql.insert(table), rows)
        connection.execute(sql.delete(HEAD).where(HEAD.c.log == table.name))
        connection.execute(sql.insert(HEAD).values(log=table.name, seq=seq, hash=hash_))
    return seq


def _event_cells(event: Event) -> _Cells:
    values = as_json(dict(event.values))
    return (_text(event.at), event.entity, event.key, event.kind, event.actor, values, event.rule, event.release)


def _decision_cells(one: Decision) -> _Cells:
    found = (one.run, _text(one.at), one.entity, one.key, one.assignment, one.rule, one.person, one.pool)
    return (*found, one.release, one.seed, as_json(dict(one.detail)))


def _text(at: datetime) -> str:
    """A moment as text that sorts as it does; one without a zone is meant in UTC."""
    utc = at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
    return utc.isoformat(timespec="microseconds")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
