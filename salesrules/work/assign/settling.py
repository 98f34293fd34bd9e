"""A plan of least cost to the ways that such plans can take at all, and to one of them that is chosen unit by unit.

Complementary slackness holds between any best plan and any best set of prices, so that the highest prices that go with
one best plan go with all: they are the lengths of shortest paths in what the plan leaves over. A way that is dearer
than the difference of its prices is taken by no best plan, and a plan that keeps to the others is best. So neither
prices nor ways depend on who found the plan. Source: Ahuja, Magnanti and Orlin, Network Flows, 1993, chapter 9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from salesrules.work.assign.carried import Carrying
from salesrules.work.assign.lots import places

Path = tuple[tuple[int, int], ...]
"""Columns that give up a unit each, with the row that it is of; `SPARE` stands for room that nobody uses."""
SPARE = -1


@dataclass(frozen=True, slots=True)
class Ways:
    """What best plans have in common: by row the columns that it can go to, as bits, and the columns that may have room
    left as well as not. All others are full in every best plan, or empty."""

    tight: tuple[int, ...]
    free: int


def ways(carrying: Carrying, plan: Any) -> Ways:
    """The ways of all best plans, out of one of them."""
    rows, columns, sink = _prices(carrying, plan)
    tight = carrying.able & (rows[:, None] + carrying.cost == columns[None, :])
    return Ways(tuple(_bits(row) for row in tight), _bits(columns == sink))


def _prices(carrying: Carrying, plan: Any) -> tuple[Any, Any, Any]:
    """The highest prices that are not above zero: of rows, of columns, and of the sink behind the columns.

    Source: Bellman, 1958, and Ford, 1956; there is no cycle of negative length, or the plan would not be the best.
    """
    kind = carrying.cost.dtype
    rows, columns, sink = (np.zeros(size, dtype=kind) for size in (*carrying.cost.shape, 1))
    far = abs(carrying.cost).sum() + 1 if carrying.cost.size else 1  # longer than any path
    cost = np.where(carrying.able, carrying.cost, far)
    used_rows, used_columns = np.nonzero(plan)
    back = carrying.cost[used_rows, used_columns]
    slack, used = plan.sum(axis=0) < carrying.room, plan.sum(axis=0) > 0
    while True:
        before = rows.copy(), columns.copy(), sink.copy()
        columns = np.minimum(columns, (rows[:, None] + cost).min(axis=0))
        sink = np.minimum(sink, columns[slack].min(initial=0))
        columns = np.where(used, np.minimum(columns, sink), columns)
        np.minimum.at(rows, used_rows, columns[used_columns] - back)
        if all((old == new).all() for old, new in zip(before, (rows, columns, sink), strict=True)):
            return rows, columns, sink[0]


def _bits(flags: Any) -> int:
    return sum(1 << at for at in np.flatnonzero(flags).tolist())


class Settling:
    """Units of rows that are given to columns for good, one by one, while the rest can still be planned at least cost.

    What cannot be done now cannot be done later, with less left to move: so a way that is closed stays closed.
    """

    def __init__(self, carrying: Carrying, plan: Any) -> None:
        found = ways(carrying, plan)
        self.open = list(found.tight)
        self._tight, self._free = found.tight, found.free
        self._planned: list[dict[int, int]] = [
            {row: int(column[row]) for row in np.flatnonzero(column).tolist()} for column in plan.T
        ]
        self._of_row = [_bits(row) for row in plan]
        used = plan.sum(axis=0)
        self._spare = [int(more) if found.free >> at & 1 else 0 for at, more in enumerate(carrying.room - used)]
        self._used = _bits(used) & found.free

    def way(self, row: int, column: int) -> Path | None:
        """What must move so that a unit of a row goes to a column; None if no best plan has that.

        Then the columns that were tried on the way are closed to the row as well.
        """
        if self._of_row[row] >> column & 1:
            return ()
        came: dict[int, tuple[int, int]] = {}
        seen, ahead = 1 << column, [column]
        for at in ahead:
            for of, near in self._next(at, seen):
                seen |= near
                for each in places(near):
                    came[each] = at, of
                    ahead.append(each)
                if found := near & self._of_row[row]:
                    return _path(came, column, (found & -found).bit_length() - 1)
        self.open[row] &= ~seen
        return None

    def _next(self, at: int, seen: int) -> list[tuple[int, int]]:
        """Where what a column holds can go instead, by the row of it."""
        there = [(SPARE, self._used)] if self._spare[at] else []
        found = []
        for of, columns in (*there, *((row, self._tight[row]) for row in self._planned[at])):
            if near := columns & ~seen:
                found.append((of, near))
                seen |= near
        return found

    def give(self, row: int, column: int, path: Path) -> None:
        """Give a unit of a row to a column for good, by the way that was found."""
        last = column
        for at, (target, of) in zip((column, *(to for to, _ in path)), path, strict=False):
            self._take(of, at)
            self._put(of, target)
            last = target
        self._take(row, last)

    def _take(self, row: int, column: int) -> None:
        if row == SPARE:
            self._spare[column] -= 1
            return
        planned = self._planned[column]
        planned[row] -= 1
        if not planned[row]:
            del planned[row]
            self._of_row[row] &= ~(1 << column)
            if not planned:
                self._used &= ~(1 << column)

    def _put(self, row: int, column: int) -> None:
        if row == SPARE:
            self._spare[column] += 1
            return
        self._planned[column][row] = self._planned[column].get(row, 0) + 1
        self._of_row[row] |= 1 << column
        self._used |= (1 << column) & self._free


def _path(came: dict[int, tuple[int, int]], start: int, end: int) -> Path:
    """The columns from the one after `start` to the end, each with the row of what comes there."""
    found = []
    while end != start:
        before, of = came[end]
        found.append((end, of))
        end = before
    return tuple(reversed(found))
