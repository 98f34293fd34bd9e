"""What is wanted of a log to what it has: rows of the database, segments and stretches, put together in order."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import sqlalchemy as sql

from salesrules.issue import EngineError, Issue, Span
from salesrules.store.databases import as_driven, shown
from salesrules.store.pieces import Piece, cut
from salesrules.store.rows import cells_named, cells_of, event_of, read_rows, text_of
from salesrules.store.seals import body_of, seals
from salesrules.store.segments import Seal, Segments, named
from salesrules.store.sound import place, sound_columns
from salesrules.store.stretches import NAMES, Stretch, as_logged, body_of_stretch, lost, stretches
from salesrules.store.tables import DECISION, EVENT
from salesrules.store.wanted import Wanted, conditions

_KEYS = 10_000  # that a database is asked for at a time
_CHUNK = 100_000  # rows that are handed over at a time


class Reading:
    """A connection that reads, with the segments and stretches that it finds."""

    def __init__(self, connection: sql.Connection, segments: Segments) -> None:
        self._connection = connection
        self._segments = segments
        self._place = shown(connection.engine)

    def parts(self, after: int) -> Iterator[str | Mapping[str, Sequence[Any]]]:
        """All events behind a place: stretches and segments as SQL, and rows column by column."""
        wanted = Wanted(after, table=EVENT)
        if some := self.stretches(wanted):
            yield f"SELECT * FROM {self.stretched(some)} WHERE seq > {after}"
        yield from (self.sealed_in(EVENT, seal) for seal in filter(wanted.matches, self._seals(wanted)))
        query = sql.select(*(EVENT.c[name] for name in NAMES)).order_by(EVENT.c.seq).limit(_CHUNK)
        rows = as_driven(self._connection, query.where(EVENT.c.seq > after))
        while rows:
            columns = dict(zip(NAMES, zip(*rows, strict=True), strict=True))
            if not sound_columns(EVENT, columns):
                deque(read_rows(EVENT, (dict(zip(NAMES, row, strict=True)) for row in rows), event_of, self._place), 0)
            yield columns
            rows = as_driven(self._connection, query.where(EVENT.c.seq > rows[-1][0]))

    def sealed_in(self, table: sql.Table, seal: Seal) -> str:
        """The facts of a segment as SQL.

        Raises: EngineError if it is gone, or is not the one that was sealed.
        """
        if not self._segments.known(seal.sha256):
            body = body_of(self._connection, seal)
            if body is None:
                words = {"run": seal.run}
                raise EngineError([Issue("store.segment", Span(self._place), words)])
            self._segments.lay_out(seal.sha256, body)
        return self._segments.events(seal) if table is EVENT else self._segments.decisions(seal)

    def stretches(self, wanted: Wanted) -> list[Stretch]:
        """The stretches in which something of it can lie.

        Raises: EngineError if any stretch is gone.
        """
        every = stretches(self._connection) if wanted.table is EVENT else []
        return [each for each in every if wanted.reaches(each.first, each.last)]

    def stretched(self, some: Sequence[Stretch]) -> str:
        """The rows of stretches as SQL, in no order, with moments as such.

        Raises: EngineError if one is not the one that was sealed.
        """
        for each in some:
            if not self._segments.known(each.sha256):
                body = body_of_stretch(self._connection, each)
                if body is None:
                    raise lost(self._connection, each.first)
                self._segments.lay_out(each.sha256, body)
        return self._segments.laid_out(each.sha256 for each in some)

    def chunk(self, wanted: Wanted, most: int) -> list[dict[str, Any]]:
        """The first facts that are wanted, with all that the log has of each."""
        if wanted.key is not None:
            return self._of_record(wanted, most)
        found: list[dict[str, Any]] = []
        for part, piece in self._parts(wanted):
            left = most - len(found)
            found += self._sealed(part, piece, left) if piece is not None else self._rows(part, left)
            if len(found) == most:
                break
        return found

    def _of_record(self, wanted: Wanted, most: int) -> list[dict[str, Any]]:
        """The first facts about one record: all stretches are searched at once."""
        found = list(self._rows(wanted, most))
        for seal in filter(wanted.matches, self._seals(wanted)):
            found += self._sealed(wanted, seal, most)
        if some := self.stretches(wanted):
            found += self._sealed(wanted, some, most)
        return sorted(found, key=lambda row: place(row["seq"]))[:most]

    def _parts(self, wanted: Wanted) -> Iterator[tuple[Wanted, Piece | None]]:
        """A question cut where segments and stretches begin and end: to rows, and to these."""
        for first, last, piece in cut(wanted.table, self._seals(wanted), self.stretches(wanted)):
            if not wanted.reaches(first, last) or (isinstance(piece, Seal) and not wanted.matches(piece)):
                continue
            if wanted.after < first - 1:
                yield replace(wanted, before=min(first, wanted.before or first)), None
            yield replace(wanted, before=min(last + 1, wanted.before or last + 1)), piece
            wanted = wanted.behind(last)
        yield wanted, None

    def _seals(self, wanted: Wanted) -> list[Seal]:
        """The seals by which a log is cut: events by all, for a stretch has no row that stands for a run."""
        texts = wanted.tests() if wanted.table is DECISION else {}
        texts.pop("key", None)
        return list(seals(self._connection, **texts))

    def _rows(self, wanted: Wanted, most: int | None = None) -> Iterator[dict[str, Any]]:
        table = wanted.table
        columns = [column for column in table.c if column.name != "hash"]
        query = sql.select(*columns).order_by(table.c.seq)
        query = query.where(*conditions(wanted))
        query = query.limit(most) if most is not None else query
        if wanted.keys is None:
            yield from map(cells_of, self._connection.execute(query).mappings())
            return
        for at in range(0, len(wanted.keys), _KEYS):
            some = query.where(table.c.key.in_(wanted.keys[at : at + _KEYS]))
            yield from map(cells_of, self._connection.execute(some).mappings())

    def _sealed(self, wanted: Wanted, piece: Piece | Sequence[Stretch], most: int) -> Iterator[dict[str, Any]]:
        names = [column.name for column in wanted.table.c if column.name != "hash"]
        source, where, values = self._source(wanted, piece)
        query = f"SELECT {', '.join(map(named, names))} FROM ({source}) WHERE {where} ORDER BY seq LIMIT {most}"
        for row in self._segments.rows(query, values):
            yield dict(zip(names, row, strict=True))

    def _source(self, wanted: Wanted, piece: Piece | Sequence[Stretch]) -> tuple[str, str, dict[str, Any]]:
        """A segment or stretches as SQL, what is wanted of them, and the values of that."""
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
        if isinstance(piece, Seal):
            return self.sealed_in(wanted.table, piece), " AND ".join(tests), values
        some = [piece] if isinstance(piece, Stretch) else piece
        for name, sign, moment in (("since", ">=", wanted.since), ("until", "<", wanted.until)):
            if moment is not None:
                values[name] = text_of(moment)
                tests.append(f'"at" {sign} ${name}')
        return as_logged(self.stretched(some)), " AND ".join(tests), values

    def columns(self, names: Sequence[str], wanted: Wanted) -> dict[str, list[Any]]:
        """Some columns in order, or in order for each of the keys that are wanted; of the detail too, by name."""
        found: dict[str, list[Any]] = {name: [] for name in names}
        for part, piece in self._parts(wanted):
            if piece is not None:
                source, where, values = self._source(part, piece)
                query = f"SELECT {_named(names)} FROM ({source}) WHERE {where} ORDER BY seq"
                for name, column in self._segments.columns(query, values).items():
                    found[name] += column
                continue
            for cells in self._cells(names, part):
                for name, cell in zip(names, cells, strict=True):
                    found[name].append(cell)
        return found

    def _cells(self, names: Sequence[str], part: Wanted) -> Iterator[list[Any]]:
        """Some cells of each row of the database."""
        return read_rows(part.table, self._rows(part), partial(cells_named, names), self._place)

    def counts(self, names: Sequence[str], wanted: Wanted) -> Counter[tuple[Any, ...]]:
        """How many have the same in all these columns."""
        found: Counter[tuple[Any, ...]] = Counter()
        for part, piece in self._parts(wanted):
            if piece is not None:
                source, where, values = self._source(part, piece)
                query = f"SELECT {_named(names)}, count(*) FROM ({source}) WHERE {where} GROUP BY ALL"
                rows: Iterable[Sequence[Any]] = self._segments.rows(query, values)
                for *cells, count in rows:
                    found[tuple(cells)] += count
            elif part.keys is not None or not set(names) <= set(wanted.table.c.keys()):
                found.update(map(tuple, self._cells(names, part)))
            else:
                found.update(self._counted(names, part))
        return found

    def _counted(self, names: Sequence[str], part: Wanted) -> dict[tuple[Any, ...], int]:
        """How many rows of the database have the same in all these columns, which the database counts."""
        columns = [part.table.c[name] for name in names]
        first = sql.func.min(part.table.c.seq)  # so that it can be told where a group is that cannot be read
        counted = sql.select(first, *columns, sql.func.count()).where(*conditions(part)).group_by(*columns)
        groups = self._connection.execute(counted).all()
        rows = [{"seq": seq, **dict(zip(names, cells, strict=True))} for seq, *cells, _ in groups]
        read = read_rows(part.table, rows, partial(cells_named, names), self._place)
        return {tuple(cells): group[-1] for cells, group in zip(read, groups, strict=True)}


def _named(names: Sequence[str]) -> str:
    """Columns of decisions in a segment as SQL, those of the detail too."""
    parts = {name: named(name) if name in DECISION.c else f"detail.{named(name)}" for name in names}
    return ", ".join(f"{part} AS {named(name)}" for name, part in parts.items())
