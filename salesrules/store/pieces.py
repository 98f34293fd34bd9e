"""Segments and stretches of a log to pieces, of which each lies wholly before or behind any other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sql

from salesrules.store.segments import Seal
from salesrules.store.stretches import Stretch
from salesrules.store.tables import EVENT

Piece = Seal | Stretch


def places(table: sql.Table, seal: Seal) -> tuple[int, int]:
    """The places of the first and the last fact of a segment in a log."""
    first = (seal.seq if table is EVENT else seal.decision) + 1
    return first, first + seal.rows - 1


def cut(table: sql.Table, seals: Sequence[Seal], stretches: Sequence[Stretch]) -> list[tuple[int, int, Piece]]:
    """The first and the last place of each piece, in order; a stretch with runs in it is several."""
    found: list[tuple[int, int, Piece]] = [(*places(table, seal), seal) for seal in seals]
    for stretch in stretches:
        found += ((first, last, stretch) for first, last in _between(stretch, seals) if first <= last)
    return sorted(found, key=lambda each: each[0])


def _between(stretch: Stretch, seals: Sequence[Seal]) -> Iterator[tuple[int, int]]:
    """The places of a stretch that are its own, given seals in order."""
    first = stretch.first
    for seal in seals:
        if stretch.first <= seal.seq <= stretch.last:
            yield first, seal.seq - 1
            first = seal.last + 1
    yield first, stretch.last
