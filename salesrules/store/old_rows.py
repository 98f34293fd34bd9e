"""The oldest rows of the log of events to stretches that stand in their place, once there are very many rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sql

from salesrules.store.databases import as_driven, as_it_lies
from salesrules.store.heads import head, move_head
from salesrules.store.rows import cells_of
from salesrules.store.seals import STANDS_FOR_RUN, behind, stands_for_run
from salesrules.store.segments import digest
from salesrules.store.sound import follows
from salesrules.store.stretches import NAMES, body_of_rows, rows_of_body
from salesrules.store.tables import EVENT, STRETCH

Cells = Sequence[Any]


def seal_old_rows(connection: sql.Connection, tail: int, turns: int) -> None:
    """Seal the oldest rows while there are more than `tail`, half as many in a stretch, so many stretches at most.

    It is done where the rows were appended, in the same transaction: whoever reads finds the rows or the stretch.
    Rows that are not as they were written are not sealed, nor any behind them: they stay where `verify` finds them.
    """
    with as_it_lies(connection):
        for _ in range(turns):
            if not _too_many(connection, tail) or not _seal_oldest(connection, max(1, tail // 2)):
                return


def _too_many(connection: sql.Connection, tail: int) -> bool:
    """Whether there are more rows than these, not counting those that stand for runs."""
    (last, _), (sealed, _) = head(connection, EVENT), head(connection, STRETCH)
    if last - sealed <= tail:
        return False
    runs = connection.execute(sql.select(EVENT).where(STANDS_FOR_RUN, EVENT.c.seq > sealed)).mappings().all()
    return last - sealed - sum(1 + behind(EVENT, row) for row in map(cells_of, runs)) > tail


def _seal_oldest(connection: sql.Connection, most: int) -> bool:
    """Put a stretch in the place of the oldest rows; whether it could be done."""
    rows = _unbroken(connection, 1) and _unbroken(connection, most)  # all are not read where the first is broken
    if not rows:
        return False
    own = [tuple(cells) for *cells, _ in rows if not stands_for_run(_named(cells))]
    body = body_of_rows(own)
    if rows_of_body(body) != own:  # nothing is taken away that does not come back as it was
        return False
    first, (*latest, hash_) = rows[0][0], rows[-1]
    last = latest[0] + behind(EVENT, _named(latest))
    sealed = {"first": first, "last": last, "hash": hash_, "sha256": digest(body), "body": body}
    connection.execute(sql.insert(STRETCH).values(sealed))
    connection.execute(sql.delete(EVENT).where(EVENT.c.seq >= first, EVENT.c.seq <= last, ~STANDS_FOR_RUN))
    move_head(connection, STRETCH, last, hash_)
    return True


def _unbroken(connection: sql.Connection, most: int) -> list[Cells]:
    """The oldest rows as far as each follows from the one before."""
    last, before = head(connection, STRETCH)
    query = sql.select(EVENT).where(EVENT.c.seq > last).order_by(EVENT.c.seq).limit(most)
    found: list[Cells] = []
    for row in as_driven(connection, query):
        *cells, hash_ = row
        named = _named(cells)
        if not follows(EVENT, {**named, "hash": hash_}, last, before):
            break
        found.append(row)
        last, before = cells[0] + behind(EVENT, named), hash_
    return found


def _named(cells: Cells) -> dict[str, Any]:
    return dict(zip(NAMES, cells, strict=True))
