"""What is wanted of a log to what it has: rows of the database and segments, put together in the order of the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sql

from salesrules.issue import EngineError, Issue, Span
from salesrules.store.chain import from_json
from salesrules.store.databases import shown
from salesrules.store.rows import cells_of, text_of
from salesrules.store.seals import body_of, seals
from salesrules.store.segments import Seal, Segments, named
from salesrules.store.tables import DECISION, EVENT

_KEYS = 10_000  # that a database is asked for at a time


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of a log: what lies behind the place `after` and before `before`, and says all that is named.

    `since` and `until` are moments, the latter not included. `given` leaves out what nobody got, `of_records` what is
    about no record.
    """

    after: int = 0
    before: int | None = None
    entity: str | None = None
    key: str | None = None
    run: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    given: bool = False
    of_records: bool = False
    keys: tuple[str, ...] | None = None
    table: sql.Table = DECISION

    def behind(self, after: int) -> Wanted:
        """The same behind another place."""
        return replace(self, after=after)

    def matches(self, seal: Seal) -> bool:
        """Whether a segment can have any of it."""
        first, last = places(self.table, seal)
        return (
            last > self.after
            and (self.before is None or first < self.before)
            and (self.since is None or seal.at >= text_of(self.since))
            and (self.until is None or seal.at < text_of(self.until))
        )

    def tests(self) -> dict[str, Any]:
        """The columns that must be equal to a text."""
        return {name: text for name in ("entity", "key", "run") if (text := getattr(self, name)) is not None}


def places(table: sql.Table, seal: Seal) -> tuple[int, int]:
    """The places of the first and the last fact of a segment in a log."""
    first = (seal.seq if table is EVENT else seal.decision) + 1
    return first, first + seal.rows - 1


class Reading:
    """A connection that reads, with the segments that it finds."""

    def __init__(self, connection: sql.Connection, segments: Segments) -> None:
        self._connection = connection
        self._segments = segments

    def seals(self, table: sql.Table, after: int = 0) -> list[Seal]:
        """The seals with facts behind a place."""
        return [seal for seal in seals(self._connection) if places(table, seal)[1] > after]

    def sealed_in(self, table: sql.Table, seal: Seal) -> str:
        """The facts of a segment as SQL.

        Raises: EngineError if it is gone, or is not the one that was sealed.
        """
        if not self._segments.known(seal):
            body = body_of(self._connection, seal)
            if body is None:
                words = {"run": seal.run}
                raise EngineError([Issue("store.segment", Span(shown(self._connection.engine)), words)])
            self._segments.lay_out(seal, body)
        return self._segments.events(seal) if table is EVENT else self._segments.decisions(seal)

    def chunk(self, wanted: Wanted, most: int) -> list[dict[str, Any]]:
        """The first facts that are wanted, with all that the log has of each."""
        found: list[dict[str, Any]] = []
        for part, seal in self._parts(wanted):
            left = most - len(found)
            found += self._sealed(part, seal, left) if seal is not None else self._rows(part, left)
            if len(found) == most:
                break
        return found

    def _parts(self, wanted: Wanted) -> Iterator[tuple[Wanted, Seal | None]]:
        """A question cut where segments begin and end: to rows, and to segments."""
        texts = wanted.tests()
        texts.pop("key", None)
        for seal in seals(self._connection, **texts):
            if wanted.matches(seal):
                first, last = places(wanted.table, seal)
                yield replace(wanted, before=min(first, wanted.before or first)), None
                yield wanted, seal
                wanted = wanted.behind(max(last, wanted.after))
        yield wanted, None

    def _rows(self, wanted: Wanted, most: int | None = None) -> Iterator[dict[str, Any]]:
        table = wanted.table
        columns = [column for column in table.c if column.name != "hash"]
        query = sql.select(*columns).order_by(table.c.seq)
        query = query.where(*_tests(wanted))
        query = query.limit(most) if most is not None else query
        if wanted.keys is None:
            yield from map(cells_of, self._connection.execute(query).mappings())
            return
        for at in range(0, len(wanted.keys), _KEYS):
            some = query.where(table.c.key.in_(wanted.keys[at : at + _KEYS]))
            yield from map(cells_of, self._connection.execute(some).mappings())

    def _sealed(self, wanted: Wanted, seal: Seal, most: int) -> Iterator[dict[str, Any]]:
        names = [column.name for column in wanted.table.c if column.name != "hash"]
        source, where, values = self._source(wanted, seal)
        query = f"SELECT {', '.join(map(named, names))} FROM ({source}) WHERE {where} ORDER BY seq LIMIT {most}"
        for row in self._segments.rows(query, values):
            yield dict(zip(names, row, strict=True))

    def _source(self, wanted: Wanted, seal: Seal) -> tuple[str, str, dict[str, Any]]:
        """A segment as SQL, what is wanted of it, and the values of that."""
        values: dict[str, Any] = {"after": wanted.after, **wanted.tests()}
        tests = ["seq > $after", *(f'"{name}" = ${name}' for name in wanted.tests())]
        if wanted.before is not None:
            values["before"] = wanted.before
            tests.append("seq < $before")
        if wanted.given:
            tests.append("person IS NOT NULL")
        if wanted.keys is not None:
            values["keys"] = list(wanted.keys)
            tests.append("key IN (SELECT unnest($keys::VARCHAR[]))")
        return self.sealed_in(wanted.table, seal), " AND ".join(tests), values

    def columns(self, names: Sequence[str], wanted: Wanted) -> dict[str, list[Any]]:
        """Some columns in order, or in order for each of the keys that are wanted; of the detail too, by name."""
        found: dict[str, list[Any]] = {name: [] for name in names}
        for part, seal in self._parts(wanted):
            if seal is not None:
                source, where, values = self._source(part, seal)
                query = f"SELECT {_cells(names)} FROM ({source}) WHERE {where} ORDER BY seq"
                for name, column in self._segments.columns(query, values).items():
                    found[name] += column
                continue
            for row in self._rows(part):
                detail = {} if set(names) <= set(row) else from_json(row["detail"])
                for name in names:
                    found[name].append(row[name] if name in row else detail.get(name))
        return found

    def counts(self, names: Sequence[str], wanted: Wanted) -> Counter[tuple[Any, ...]]:
        """How many have the same in all these columns."""
        found: Counter[tuple[Any, ...]] = Counter()
        for part, seal in self._parts(wanted):
            if seal is not None:
                source, where, values = self._source(part, seal)
                query = f"SELECT {_cells(names)}, count(*) FROM ({source}) WHERE {where} GROUP BY ALL"
                rows: Iterable[Sequence[Any]] = self._segments.rows(query, values)
            elif part.keys is not None or not set(names) <= set(wanted.table.c.keys()):
                found.update(zip(*self.columns(names, part).values(), strict=True))
                continue
            else:
                columns = [wanted.table.c[name] for name in names]
                counted = sql.select(*columns, sql.func.count()).where(*_tests(part)).group_by(*columns)
                rows = self._connection.execute(counted).all()
            for *cells, count in rows:
                found[tuple(cells)] += count
        return found


def _cells(names: Sequence[str]) -> str:
    """Columns of decisions in a segment as SQL, those of the detail too."""
    parts = {name: named(name) if name in DECISION.c else f"detail.{named(name)}" for name in names}
    return ", ".join(f"{part} AS {named(name)}" for name, part in parts.items())


def _tests(wanted: Wanted) -> Iterator[sql.ColumnElement[bool]]:
    """What is wanted, of the rows of the database."""
    columns = wanted.table.c
    yield columns.seq > wanted.after
    if wanted.before is not None:
        yield columns.seq < wanted.before
    yield from (columns[name] == text for name, text in wanted.tests().items())
    if wanted.since is not None:
        yield columns.at >= text_of(wanted.since)
    if wanted.until is not None:
        yield columns.at < text_of(wanted.until)
    if wanted.given:
        yield columns.person.is_not(None)
    if wanted.of_records:
        yield columns.key != ""
