"""Events and Decisions to two logs that only ever grow, and back, in the order in which they were written."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import sqlalchemy as sql
from sqlalchemy.exc import SQLAlchemyError

from salesrules.store.chain import linked
from salesrules.store.databases import WAIT, alone, insertion, refused, shown, steady
from salesrules.store.facts import Batch, Decision, Event
from salesrules.store.heads import head, move_head
from salesrules.store.old_rows import seal_old_rows
from salesrules.store.reading import Reading
from salesrules.store.rows import Cells, cells_of, decision_cells, decision_of, event_cells, event_of, read_rows
from salesrules.store.seals import sealing
from salesrules.store.segments import Segments, sealed
from salesrules.store.tables import DECISION, EVENT, SEGMENT
from salesrules.store.unsealed import unsealed
from salesrules.store.verify import Verdict, verified
from salesrules.store.wanted import Wanted

_CHUNK = 10_000  # rows held at a time
_SEALED_FROM = 2_000
"""A run about so many records is sealed; one about fewer stands in rows, where an index finds each record at once."""
_TAIL = 100_000
"""So many events stand in rows; beyond it the oldest are sealed, half as many at a time, which takes about a second."""


class Store:
    """A database of facts; threads and processes may share it, and one of them writes at a time.

    Of a run about `sealed_from` records or more, and of events when there are more than `tail`, no rows are kept.
    """

    def __init__(self, engine: sql.Engine, sealed_from: int = _SEALED_FROM, tail: int = _TAIL) -> None:
        self._engine = engine
        self._mine = threading.local()
        self._segments = Segments(self.place)
        self._sealed_from = sealed_from
        self._tail = tail

    @property
    def place(self) -> str:
        """Where it lies, as people call it."""
        return shown(self._engine)

    def close(self) -> None:
        """Let go of the database."""
        self._segments.close()
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
    def _connected(self) -> Iterator[sql.Connection]:
        with _told(self.place):
            if (held := self._held) is not None:
                yield held
                return
            with self._engine.connect() as connection:
                yield steady(connection)

    @contextmanager
    def _reading(self) -> Iterator[Reading]:
        with self._connected() as connection:
            yield Reading(connection, self._segments)

    def append(self, events: Iterable[Event], decisions: Iterable[Decision] = ()) -> int:
        """Write these at the end of the logs, all or none, and return the place of the last event.

        Raises: EngineError if another process writes all the time, or the database refuses.
        """
        with self.alone(), self._connected() as connection:
            before = head(connection, EVENT)[0]
            last = _append(connection, EVENT, map(event_cells, events))
            _append(connection, DECISION, map(decision_cells, decisions))
            if last > before:  # who appends much seals as much; who appends a line, one stretch at most
                seal_old_rows(connection, self._tail, 1 + (last - before) // max(1, self._tail // 2))
            return last

    def keep(self, batch: Batch) -> None:
        """Write what a run did, all or none: what all share as one decision, and each record with its own.

        A large one becomes a segment in the same stretch: an event and that one decision stand for it in the logs,
        with its hash, so that neither can be there without the other.
        Raises: as `append`.
        """
        if len(batch) < self._sealed_from:
            self.append(*unsealed(batch))
            return
        with self.alone(), self._connected() as connection:
            body = sealed(batch.columns)
            seal, event, decision = sealing(batch, body, head(connection, EVENT)[0], head(connection, DECISION)[0])
            connection.execute(sql.insert(SEGMENT).values(seq=seal.seq, body=body))
            _append(connection, EVENT, [event_cells(event)], seal.rows)
            _append(connection, DECISION, [decision_cells(decision)], seal.rows)

    def last(self) -> int:
        """The place of the last event, 0 if there is none."""
        with self._connected() as connection:
            return head(connection, EVENT)[0]

    def events(self, after: int = 0, entity: str | None = None, key: str | None = None) -> Iterator[Event]:
        """The events behind the place `after`, in order; those of an entity, or of one record of it."""
        rows = self._each(Wanted(after, entity=entity, key=key, table=EVENT))
        return read_rows(EVENT, rows, event_of, self.place)

    def decisions(
        self, entity: str | None = None, key: str | None = None, run: str | None = None, after: int = 0
    ) -> Iterator[Decision]:
        """The decisions behind the place `after`, in order; those about an entity, one record of it, or of one run."""
        rows = self._each(Wanted(after, entity=entity, key=key, run=run))
        return read_rows(DECISION, rows, decision_of, self.place)

    def decision_columns(self, names: Sequence[str], wanted: Wanted) -> dict[str, list[Any]]:
        """Some columns of the decisions about records that are wanted, in order."""
        with self._reading() as reading:
            return reading.columns(names, replace(wanted, of_records=True))

    def decision_counts(self, names: Sequence[str], wanted: Wanted) -> Counter[tuple[Any, ...]]:
        """How many of the decisions about records that are wanted have the same in all these columns."""
        with self._reading() as reading:
            return reading.counts(names, replace(wanted, of_records=True))

    def events_behind(self, after: int) -> Iterator[str | Mapping[str, Sequence[Any]]]:
        """All events behind a place as they stand at one moment, part by part and in no order.

        A part is SQL that a DuckDB understands, or columns of at most 100,000 rows. `at` is a moment or text, in UTC,
        and `values` is JSON text.
        """
        with self._reading() as reading:
            yield from reading.parts(after)

    def header(
        self, assignment: str | None = None, before: int | None = None, run: str | None = None
    ) -> Decision | None:
        """The last decision that holds what the records of a run share: of an assignment, before a place, of a run."""
        query = sql.select(DECISION).where(DECISION.c.key == "").order_by(DECISION.c.seq.desc()).limit(1)
        query = query if assignment is None else query.where(DECISION.c.assignment == assignment)
        query = query if run is None else query.where(DECISION.c.run == run)
        query = query if before is None else query.where(DECISION.c.seq < before)
        with self._connected() as connection:
            found = map(cells_of, connection.execute(query).mappings().all())
        return next(read_rows(DECISION, found, decision_of, self.place), None)

    def verify(self) -> Verdict:
        """Whether every row of both logs stands where it was written with its segment, and none is missing."""
        with self._connected() as connection:
            return verified(connection)

    def _each(self, wanted: Wanted) -> Iterator[dict[str, Any]]:
        """Rows that are wanted, a chunk at a time, so that no transaction stays open."""
        after = wanted.after
        while True:
            with self._reading() as reading:
                rows = reading.chunk(wanted.behind(after), _CHUNK)
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


def _append(connection: sql.Connection, table: sql.Table, lines: Iterable[Cells], behind: int = 0) -> int:
    """Write rows at the end of a log, with so many places behind them, and return the last place."""
    seq, hash_ = head(connection, table)
    rows = []
    for line in lines:
        seq += 1
        hash_ = linked(hash_, (seq, *line))
        rows.append((seq, *line, hash_))
    if rows:
        seq += behind
        connection.exec_driver_sql(insertion(connection, table), rows)
        move_head(connection, table, seq, hash_)
    return seq
