"""All waiting records of a rule at once to who gets each: as many as there is room for, and of these the best total.

Records that are worth the same to everyone are one row of a network, and people to whom every record is worth the
same one column, so that its size goes with neither. Among all best totals the records choose in their order: each goes
to who got something longest ago of those with whom the total is still the best. So the answer does not depend on the
solver.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np

from salesrules.work.assign.carried import Carrying, Solver, least_cost
from salesrules.work.assign.lots import Lot, places
from salesrules.work.assign.settling import Path, Settling
from salesrules.work.assign.turns import CHANCE, LONGEST_AGO, UNTIED, whole

_WIDE = 1 << 60  # sums of costs beyond this are not left to 64 bits


def best_total(
    waiting: Sequence[int],
    lots: Mapping[int, Lot],
    room: Mapping[int, int],
    last: Sequence[int],
    solver: Solver | None = None,
) -> list[tuple[int | None, int]]:
    """The place of who gets each record, None for what there is no room for, and what broke a tie.

    Args: waiting: the kind of each record in order. lots: by kind. room: how many more each place can get. last: when
        each place got something, 0 for never. solver: the fastest that is at hand if None.
    """
    if not any(more > 0 for more in room.values()):
        return [(None, UNTIED)] * len(waiting)
    table = _tabled(waiting, lots, room)
    carrying = table.carrying(waiting, room)
    settling = Settling(carrying, least_cost(carrying, solver))
    choosing = _Choosing(table, settling, room, last)
    return [choosing.next(table.row[kind]) for kind in waiting]


@dataclass(frozen=True, slots=True)
class _Table:
    """What records are worth: `worth` by row and column, -1 where somebody cannot get them, higher is better.

    `row` is that of each kind, `people` are the places of each column.
    """

    worth: Any
    row: Mapping[int, int]
    people: Sequence[Sequence[int]]

    def carrying(self, waiting: Sequence[int], room: Mapping[int, int]) -> Carrying:
        """As a plan of least cost; what nobody gets goes to one more column, dearer than any chain of exchanges."""
        height, width = self.worth.shape
        best = int(self.worth.max(initial=0))
        nobody = best * min(height, width) + 1
        wide = nobody * (self.worth.size + height) >= _WIDE
        cost = np.full((height, width + 1), nobody, dtype=object if wide else np.int64)
        cost[:, :width] = np.where(self.worth >= 0, best - self.worth, 0)
        supply = np.zeros(height, dtype=np.int64)
        np.add.at(supply, [self.row[kind] for kind in waiting], 1)
        rooms = [sum(room[at] for at in people) for people in self.people]
        able = np.concatenate([self.worth >= 0, np.ones((height, 1), dtype=bool)], axis=1)
        return Carrying(supply, np.array([*rooms, len(waiting)], dtype=np.int64), cost, able)


def _tabled(waiting: Sequence[int], lots: Mapping[int, Lot], room: Mapping[int, int]) -> _Table:
    """Kinds and people with room as rows and columns, those that are alike together."""
    kinds, able = list(dict.fromkeys(waiting)), [at for at, more in room.items() if more > 0]
    column = {at: number for number, at in enumerate(able)}
    known: dict[Any, int] = {}  # 0 stands for who cannot get a record
    codes = np.zeros((len(kinds), len(able)), dtype=np.int64)
    for number, kind in enumerate(kinds):
        fits = [one for one in lots[kind].passed if one.at in column]
        codes[number, [column[one.at] for one in fits]] = [
            known.setdefault(one.values[0], len(known) + 1) for one in fits
        ]
    exact = whole([Fraction(value) for value in known])
    least = min(exact, default=0)
    worths = [-1, *(value - least for value in exact)]
    rows, row = np.unique(codes, axis=0, return_inverse=True)
    columns, of = np.unique(rows, axis=1, return_inverse=True)
    people: list[list[int]] = [[] for _ in range(columns.shape[1])]
    for at, number in zip(able, of.tolist(), strict=True):
        people[number].append(at)
    kept = np.array(worths, dtype=np.int64 if max(worths) < _WIDE else object)[columns]
    return _Table(kept, dict(zip(kinds, row.tolist(), strict=True)), people)


class _Choosing:
    """The records choose one after the other; `last` grows as in any other run."""

    def __init__(self, table: _Table, settling: Settling, room: Mapping[int, int], last: Sequence[int]) -> None:
        self._settling = settling
        self._room = dict(room)
        self._last = max(last, default=0)
        self._heaps = [[(last[at], at) for at in people] for people in table.people]
        for heap in self._heaps:
            heapify(heap)
        self._nobody = len(self._heaps)

    def next(self, row: int) -> tuple[int | None, int]:
        """Who gets the next record of a row, and what broke a tie."""
        could = self._could(row)
        found = next(could, None)
        if found is None:
            self._settling.give(row, self._nobody, self._settling.way(row, self._nobody) or ())
            return None, UNTIED
        ago, column, path = found
        other = next(could, None)
        self._settling.give(row, column, path)
        at = self._given(column)
        return at, UNTIED if other is None else CHANCE if other[0] == ago else LONGEST_AGO

    def _could(self, row: int) -> Iterator[tuple[int, int, Path]]:
        """Of the people with whom the total stays the best, who got something longest ago first: when that was, the
        column, and what must move. Of each column the first two, because more never decide anything."""
        settling, nobody = self._settling, 1 << self._nobody
        tops = [(*self._heaps[at][0], at) for at in places(settling.open[row] & ~nobody) if self._heaps[at]]
        heapify(tops)
        while tops:
            ago, _, column = heappop(tops)
            path = settling.way(row, column) if settling.open[row] >> column & 1 else None
            if path is not None:
                yield ago, column, path
                if len(heap := self._heaps[column]) > 1:
                    heappush(tops, (*min(heap[1:3]), column))

    def _given(self, column: int) -> int:
        _, at = heappop(self._heaps[column])
        self._last += 1
        self._room[at] -= 1
        if self._room[at]:
            heappush(self._heaps[column], (self._last, at))
        return at
