"""The rows of the logs to a Verdict: whether each still says what was written, and none is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sql

from salesrules.store.chain import BEGINNING, linked
from salesrules.store.heads import head
from salesrules.store.rows import cells_of
from salesrules.store.seals import astray, behind
from salesrules.store.tables import EVENT, LOGS, PREFIX, SEGMENT, STRETCH
from salesrules.store.walked import walked_stretches

_CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the logs: how many facts each has, its last hash, and every place at which the chain is broken.

    `broken` names places as (log, place): there a row was changed, put in or taken out, or the segment that it stands
    for is not the one that was sealed; of rows that were sealed as a stretch it is the first place. Who rewrites a log
    from some place to its end, with all its hashes, is found by comparing `heads` with one that was noted elsewhere.
    """

    rows: dict[str, int]
    heads: dict[str, str]
    broken: tuple[tuple[str, int], ...]


def verified(connection: sql.Connection) -> Verdict:
    """Go through both logs from the first row, and all segments and stretches."""
    rows, heads, broken = {}, {}, []
    for table in LOGS:
        name = table.name.removeprefix(PREFIX)
        count, head, wrong = _walked(connection, table)
        rows[name], heads[name] = count, head
        broken += [(name, seq) for seq in wrong]
    broken += [place for place in (*astray(connection), *_before_all(connection)) if place not in broken]
    return Verdict(rows, heads, tuple(broken))


def _before_all(connection: sql.Connection) -> Iterator[tuple[str, int]]:
    """The places of rows before the first one that there can be."""
    for table, place in (*((log, log.c.seq) for log in (*LOGS, SEGMENT)), (STRETCH, STRETCH.c.first)):
        for seq in connection.execute(sql.select(place).where(place < 1).order_by(place)).scalars():
            yield table.name.removeprefix(PREFIX), seq


def _walked(connection: sql.Connection, table: sql.Table) -> tuple[int, str, list[int]]:
    """How many facts a log has, its last hash, and the places where a row does not follow from the one before."""
    query = sql.select(table).order_by(table.c.seq).limit(_CHUNK)
    last, before, count, wrong = walked_stretches(connection) if table is EVENT else (0, BEGINNING, 0, [])
    read = last  # not where the next row belongs: one may have been put in between
    while rows := connection.execute(query.where(table.c.seq > read)).mappings().all():
        for row in map(cells_of, rows):
            *cells, hash_ = row.values()
            read = cells[0]
            if cells[0] != last + 1 or linked(before, cells) != hash_:
                wrong.append(cells[0])
            more = behind(table, row)
            last, before, count = cells[0] + more, hash_, count + 1 + more
    if head(connection, table) != (last, before):
        wrong.append(last + 1)
    return count, before, wrong
