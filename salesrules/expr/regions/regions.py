"""Typed conditions to regions of records: the boxes in which a condition is true, false or null."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

from salesrules.expr.regions.boxes import Box, Layout, TooMuch, Work
from salesrules.expr.regions.logic import Fact, Join, Known, Logic, Not, Opaque, facts
from salesrules.expr.regions.pieces import Axis, axis_of, opaque_axis
from salesrules.expr.regions.reading import logic_of
from salesrules.expr.regions.space import Place, Space
from salesrules.expr.regions.spelling import place_name
from salesrules.expr.regions.written import text_of
from salesrules.expr.typed import Typed

MAX_BOXES = 2_000
MAX_WORK = 10_000_000


@dataclass(frozen=True, slots=True)
class NotProvable:
    """An answer that cannot be given: `question` is overlap, unreachable, gap, moved or region.

    `rules` are those it is about; `terms` the opaque terms it hangs on, none if it would take too much work.
    """

    question: str
    rules: tuple[str, ...]
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Region:
    """The records in any of these boxes."""

    boxes: tuple[Box, ...]


class Regions:
    """The space of some conditions, cut into axes, and the region of each condition in it.

    Opaque terms are axes of their own, as if they could be true or false whatever the fields are. So the
    space holds every possible record and perhaps impossible ones: that a region is covered or empty is
    proved here for all records; that a record exists is proved only by a box that is full on those axes.
    """

    def __init__(self, space: Space, conditions: Iterable[Typed]) -> None:
        self.space = space
        self._logic = {condition: logic_of(condition, space) for condition in conditions}
        terms = dict.fromkeys(fact for logic in self._logic.values() for fact in facts(logic))
        self.axes, self._axis_of = _axes(space, terms)
        self.layout = Layout.of(axis.width for axis in self.axes)
        self._at = {axis.place or axis.name: index for index, axis in enumerate(self.axes)}
        self.everything: Box = sum(
            axis.real << shift for axis, shift in zip(self.axes, self.layout.shifts, strict=True)
        )
        opaque = (bits for axis, bits in zip(self.axes, self.layout.axes, strict=True) if axis.place is None)
        self.opaque: Box = sum(opaque) & self.everything
        self.impossible = tuple(filter(None, self._impossible(terms)))

    def true_region(self, condition: Typed) -> Region | NotProvable:
        """Where the condition is true; it must be one of those that the space was cut for."""
        return self._region(condition, True)

    def false_region(self, condition: Typed) -> Region | NotProvable:
        """Where the condition is false."""
        return self._region(condition, False)

    def null_region(self, condition: Typed) -> Region | NotProvable:
        """Where the condition is null: neither true nor false."""
        true, false = self.true_region(condition), self.false_region(condition)
        if isinstance(true, NotProvable) or isinstance(false, NotProvable):
            return NotProvable("region", (text_of(condition, self.space),))
        covers = [*true.boxes, *false.boxes, *self.impossible]
        try:
            found = tuple(self.layout.uncovered(self.everything, covers, Work(MAX_WORK)))
        except TooMuch:
            return NotProvable("region", (text_of(condition, self.space),))
        return Region(found)

    def hides(self, box: Box) -> tuple[str, ...]:
        """The opaque terms on which the box is not full."""
        return tuple(
            axis.name
            for axis, bits in zip(self.axes, self.layout.axes, strict=True)
            if axis.place is None and box & bits != self.everything & bits
        )

    def possible(self, box: Box, work: Work) -> Box | None:
        """A part of the box that holds no impossible record, if there is one."""
        if not self.impossible:
            return box
        return next(self.layout.uncovered(box, self.impossible, work), None)

    def _region(self, condition: Typed, wanted: bool) -> Region | NotProvable:
        try:
            return Region(tuple(self._boxes(self._logic[condition], wanted)))
        except TooMuch:
            return NotProvable("region", (text_of(condition, self.space),))

    def _boxes(self, logic: Logic, wanted: bool) -> list[Box]:
        if isinstance(logic, Known):
            return [self.everything] if logic.value is wanted else []
        if isinstance(logic, Not):
            return self._boxes(logic.part, not wanted)
        if isinstance(logic, Join):
            parts = [self._boxes(part, wanted) for part in logic.parts]
            return self._all(parts) if (logic.operator == "and") is wanted else self._any(parts)
        axis, fact = self._axis_of[logic]
        true = axis.says[fact]
        return self._where(axis, true if wanted else axis.real & ~true & ~axis.null)

    def _where(self, axis: Axis, pieces: int) -> list[Box]:
        index = self._at[axis.place or axis.name]
        bits, shift = self.layout.axes[index], self.layout.shifts[index]
        return [(self.everything & ~bits) | (pieces << shift)] if pieces else []

    def _all(self, parts: Sequence[Sequence[Box]]) -> list[Box]:
        found = [self.everything]
        for part in sorted(parts, key=len):
            if len(found) * len(part) > 50 * MAX_BOXES:
                raise TooMuch
            found = self.layout.products(found, part)
            if len(found) > MAX_BOXES:
                raise TooMuch
        return found

    def _any(self, parts: Sequence[Sequence[Box]]) -> list[Box]:
        found = self.layout.simpler(box for part in parts for box in part)
        if len(found) > MAX_BOXES:
            raise TooMuch
        return found

    def _impossible(self, terms: Iterable[Fact | Opaque]) -> Iterable[Box]:
        """What no record can be: a value behind a reference that is null, a comparison with null that is not."""
        places = [axis for axis in self.axes if axis.place is not None]
        for near, far in permutations(places, 2):
            (root, path), (other, longer) = near.place or ("", ()), far.place or ("", ())
            if root == other and len(path) < len(longer) and longer[: len(path)] == path and near.real & near.null:
                yield self._both((near, near.null), (far, far.real & ~far.null))
        for term in terms:
            if isinstance(term, Opaque) and term.needs:
                axis = self._axis_of[term][0]
                needed = [self.axes[self._at[null.place]] for null in term.needs]
                for one in needed:
                    yield self._both((one, one.null & one.real), (axis, 3))
                if term.plain:
                    yield self._both((axis, 4), *((one, ~one.null & one.real) for one in needed))

    def _both(self, *parts: tuple[Axis, int]) -> Box:
        box = self.everything
        for axis, pieces in parts:
            box &= sum(self._where(axis, pieces))
        return box


def _axes(
    space: Space, terms: Iterable[Fact | Opaque]
) -> tuple[tuple[Axis, ...], dict[Fact | Opaque, tuple[Axis, Fact | Opaque]]]:
    """The axes of all terms, fields first, and for each term its axis and what it is called there."""
    by_place: dict[Place, list[Fact]] = {}
    opaque = [term for term in terms if isinstance(term, Opaque)]
    for term in terms:
        if isinstance(term, Fact):
            by_place.setdefault(term.place, []).append(term)
    for term in opaque:
        for null in term.needs:
            by_place.setdefault(null.place, []).append(null)
    axes: list[Axis] = []
    found: dict[Fact | Opaque, tuple[Axis, Fact | Opaque]] = {}
    for place, about in by_place.items():
        axis = _axis(place, about, space)
        axes.append(axis)
        for fact in about:
            if fact in axis.says:
                found[fact] = axis, fact
            else:
                opaque.append(_as_opaque(fact))
                found[fact] = axis, opaque[-1]
    own = {term: opaque_axis(term) for term in dict.fromkeys(opaque)}
    found.update({term: (axis, term) for term, axis in own.items()})
    found.update({term: (own[name], name) for term, (_, name) in found.items() if isinstance(name, Opaque)})
    return (*axes, *own.values()), found


def _axis(place: Place, facts: list[Fact], space: Space) -> Axis:
    try:
        return axis_of(place, facts, space)
    except TooMuch:
        return axis_of(place, [fact for fact in facts if fact.operator != "like"], space)


def _as_opaque(fact: Fact) -> Opaque:
    """A fact that its axis cannot express, as a term of its own."""
    part = "" if fact.part == "value" else f"{fact.part} "
    return Opaque(f"{part}{place_name(fact.place)} {fact.operator} {fact.value!r}")
