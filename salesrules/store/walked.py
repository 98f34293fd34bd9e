"""Stretches, with the rows that stand for runs among theirs, to whether each row follows from the one before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sql

from salesrules.store.chain import BEGINNING, linked
from salesrules.store.heads import noted
from salesrules.store.rows import cells_of
from salesrules.store.seals import behind
from salesrules.store.sound import place, sound
from salesrules.store.stretches import NAMES, Stretch, body_of_stretch, listed, rows_of_body
from salesrules.store.tables import EVENT, STRETCH


def walked_stretches(connection: sql.Connection) -> tuple[int, str, int, list[int]]:
    """The last place of all stretches, the hash of the row there, how many facts they have, and the broken places."""
    last, before, count, wrong = 0, BEGINNING, 0, []
    upto = noted(connection, STRETCH)
    for stretch in listed(connection):
        # One of these places was there already, or it claims rows that no stretch has, which are looked at as rows.
        if not stretch.sound or stretch.last <= last or (upto is not None and stretch.last > upto[0]):
            wrong.append(place(stretch.first))
            continue
        rows = _rows(connection, stretch, last)
        if not _follow(rows, stretch, last, before):
            wrong.append(stretch.first)
        last, before, count = stretch.last, stretch.hash, count + sum(1 + behind(EVENT, row) for row, _ in rows)
    if upto != (last, before):
        wrong.append(last + 1)
    return last, before, count, wrong


def _rows(connection: sql.Connection, stretch: Stretch, after: int) -> list[tuple[dict[str, Any], str | None]]:
    """The rows of a stretch, without hashes, and those of the log up to its end, with theirs, in order."""
    body = body_of_stretch(connection, stretch)
    found: list[tuple[dict[str, Any], str | None]] = []
    found += ((dict(zip(NAMES, row, strict=True)), None) for row in (rows_of_body(body) if body is not None else ()))
    query = sql.select(EVENT).where(EVENT.c.seq > after, EVENT.c.seq <= stretch.last)
    for row in map(cells_of, connection.execute(query).mappings()):
        hash_ = row.pop("hash")
        found.append((row, "" if hash_ is None else hash_))
    return sorted(found, key=lambda each: place(each[0]["seq"]))


def _follow(rows: Sequence[tuple[dict[str, Any], str | None]], stretch: Stretch, last: int, before: str) -> bool:
    """Whether all rows follow from each other, from the hash before the stretch to the one that it was sealed with."""
    if stretch.first != last + 1:
        return False
    for row, kept in rows:
        if not sound(EVENT, row) or row["seq"] != last + 1:
            return False
        hash_ = linked(before, tuple(row.values()))
        if kept not in (None, hash_):
            return False
        last, before = row["seq"] + behind(EVENT, row), hash_
    return (last, before) == (stretch.last, stretch.hash)
