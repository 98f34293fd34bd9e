"""The rows of the logs to a Verdict: whether each still says what was written, and none is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql

from salesrules.store.chain import BEGINNING
from salesrules.store.databases import as_it_lies
from salesrules.store.heads import noted
from salesrules.store.rows import cells_of
from salesrules.store.seals import astray, behind
from salesrules.store.sound import follows, place
from salesrules.store.tables import EVENT, LOGS, PREFIX, SEGMENT, STRETCH
from salesrules.store.walked import walked_stretches

_CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the logs: how many facts each has, its last hash, and every place at which the chain is broken.

    `broken` names places as (log, place): there a row was changed, put in or taken out, or the segment that it stands
    for is not the one that was sealed; of rows that were sealed as a stretch it is the first place, and 0 stands for
    a row that has no place. Whatever stands in a cell, the rest is looked at too. Who rewrites a log
    from some place to its end, with all its hashes, is found by comparing `heads` with one that was noted elsewhere.
    """

    rows: dict[str, int]
    heads: dict[str, str]
    broken: tuple[tuple[str, int], ...]


def verified(connection: sql.Connection) -> Verdict:
    """Go through both logs from the first row, and all segments and stretches."""
    rows, heads, broken = {}, {}, []
    with as_it_lies(connection):
        for table in LOGS:
            name = table.name.removeprefix(PREFIX)
            rows[name], heads[name], wrong = _walked(connection, table)
            broken += [(name, seq) for seq in wrong]
        broken += [*astray(connection), *_before_all(connection)]
    return Verdict(rows, heads, tuple(dict.fromkeys(broken)))


def _before_all(connection: sql.Connection) -> Iterator[tuple[str, int]]:
    """The places of rows before the first one that there can be, and of those without one."""
    for table, at in (*((log, log.c.seq) for log in (*LOGS, SEGMENT)), (STRETCH, STRETCH.c.first)):
        for cell in connection.execute(sql.select(at).where((at < 1) | at.is_(None)).order_by(at)).scalars():
            yield table.name.removeprefix(PREFIX), place(cell)


def _walked(connection: sql.Connection, table: sql.Table) -> tuple[int, str, list[int]]:
    """How many facts a log has, its last hash, and the places where a row does not follow from the one before."""
    query = sql.select(table).order_by(table.c.seq).limit(_CHUNK)
    last, before, count, wrong = walked_stretches(connection) if table is EVENT else (0, BEGINNING, 0, [])
    read: Any = last  # not where the next row belongs: one may have been put in between
    while rows := connection.execute(query.where(table.c.seq > read)).mappings().all():
        for row in map(cells_of, rows):
            read, more = row["seq"], behind(table, row)
            if not follows(table, row, last, before):
                wrong.append(place(read))
            count += 1 + more
            if place(read):
                last, before = place(read) + more, str(row["hash"])
    if noted(connection, table) != (last, before):
        wrong.append(last + 1)
    return count, before, wrong
