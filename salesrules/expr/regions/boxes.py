"""Boxes and what can be asked of them: a box is one set of pieces per axis, all of them packed into one integer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

Box = int
"""Bit sets of all axes side by side, a free bit above each; see `Layout`."""


class TooMuch(Exception):
    """The question takes more work than it may."""


@dataclass(slots=True)
class Work:
    """How many more comparisons of boxes a question may take."""

    left: int

    def take(self, count: int) -> None:
        """Raises: TooMuch when nothing is left."""
        self.left -= count
        if self.left < 0:
            raise TooMuch


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each axis keeps its bits.

    Adding `fill` (all bits of every axis) carries into the free bit of an axis exactly if the axis is not
    empty; so `(box + fill) & guard` asks all axes at once, in the time of one addition.
    """

    shifts: tuple[int, ...]
    axes: tuple[int, ...]
    fill: int
    guard: int

    @staticmethod
    def of(widths: Iterable[int]) -> Layout:
        """The layout of axes with so many pieces each."""
        shifts, axes, at, guard = [], [], 0, 0
        for width in widths:
            shifts.append(at)
            axes.append(((1 << width) - 1) << at)
            guard |= 1 << (at + width)
            at += width + 1
        return Layout(tuple(shifts), tuple(axes), sum(axes), guard)

    def holds_any(self, box: Box) -> bool:
        """Whether no axis of the box is empty."""
        return (box + self.fill) & self.guard == self.guard

    def meet(self, a: Box, b: Box) -> bool:
        """Whether two boxes share a point."""
        return ((a & b) + self.fill) & self.guard == self.guard

    def axes_outside(self, a: Box, b: Box) -> int:
        """On how many axes `a` reaches outside `b`; 0 means that it lies inside."""
        return (((a & ~b) + self.fill) & self.guard).bit_count()

    def minus(self, a: Box, b: Box) -> Iterator[Box]:
        """What of `a` lies outside `b`, as boxes that do not meet."""
        for axis in self.axes:
            outside = a & ~b & axis
            if outside:
                yield (a & ~axis) | outside
                a &= ~axis | b

    def products(self, left: Sequence[Box], right: Sequence[Box]) -> list[Box]:
        """The points in both unions."""
        both = (a & b for a in left for b in right)
        return self.simpler([box for box in both if self.holds_any(box)])

    def simpler(self, boxes: Iterable[Box]) -> list[Box]:
        """The same points in fewer boxes: those that differ on one axis become one, those inside another go."""
        found = list(dict.fromkeys(boxes))
        for axis in self.axes if len(found) > 1 else ():
            merged: dict[int, int] = {}
            for box in found:
                rest = box & ~axis
                merged[rest] = merged.get(rest, 0) | (box & axis)
            found = [rest | part for rest, part in merged.items()]
        if len(found) > 64:
            return found
        return [a for a in found if not any(a != b and self.axes_outside(a, b) == 0 for b in found)]

    def uncovered(
        self, box: Box, covers: Sequence[Box], work: Work, found: Sequence[Box] = (), used: set[Box] | None = None
    ) -> Iterator[Box]:
        """What of `box` lies in none of `covers`, as boxes that do not meet.

        `found` are more covers, to which the caller may add while it reads; `used` collects the covers
        that were needed. Source: a search that first cuts by covers that leave one box, else splits by
        the cover that leaves fewest.
        """
        ahead: list[tuple[Box, Sequence[Box]]] = [(box, covers)]
        while ahead:
            part, near = ahead.pop()
            work.take(len(near) + len(found) + 1)
            rest, _, other = self._shrink(part, found, used)
            rest, near, splitter = self._shrink(rest, near, used)
            splitter = splitter or other
            if not rest:
                continue
            if not splitter:
                yield rest
                continue
            if used is not None:
                used.add(splitter)
            ahead.extend((piece, near) for piece in self.minus(rest, splitter))

    def _shrink(self, box: Box, covers: Sequence[Box], used: set[Box] | None) -> tuple[Box, list[Box], Box]:
        """The box without the covers that leave one box of it, the covers that still meet it, the best to split by.

        Zero stands for no box.
        """
        fill, guard = self.fill, self.guard
        near: list[Box] = []
        best, fewest = 0, len(self.axes) + 1
        for cover in covers:
            if ((box & cover) + fill) & guard != guard:
                continue
            outside = box & ~cover
            count = ((outside + fill) & guard).bit_count()
            if count <= 1 and used is not None:
                used.add(cover)
            if count == 0:
                return 0, [], 0
            if count == 1:
                axis = next(axis for axis in self.axes if outside & axis)
                box = (box & ~axis) | outside & axis
            else:
                near.append(cover)
                if count < fewest:
                    best, fewest = cover, count
        if best and not self.meet(box, best):  # the box has shrunk away from it
            near = [cover for cover in near if self.meet(box, cover)]
            best = min(near, key=lambda cover: self.axes_outside(box, cover), default=0)
        return box, near, best

    def widened(self, box: Box, everything: Box, covers: Sequence[Box]) -> Box:
        """The box made as wide as it goes, axis by axis, without touching a cover."""
        for axis in self.axes:
            wide = box | (everything & axis)
            taken = 0
            for cover in covers:
                if ((wide & cover) + self.fill) & self.guard == self.guard:
                    taken |= cover
            box = wide & ~(taken & axis)
        return box
