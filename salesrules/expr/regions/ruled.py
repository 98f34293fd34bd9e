"""Rules to boxes: for each rule the records that it surely matches, and those that it may match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from salesrules.expr.kinds import BOOLEAN
from salesrules.expr.regions.boxes import Box, TooMuch, Work
from salesrules.expr.regions.regions import MAX_WORK, NotProvable, Regions
from salesrules.expr.typed import Constant, Typed

ALWAYS = Constant(BOOLEAN, True)
Rules = Sequence[tuple[str, Typed]]
"""Rules in order: an id, different for each, and a condition; a rule matches where the condition is true."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """A rule with the boxes in which it matches, `boxes`, exact with opaque terms as axes.

    `sure` are those of them that hang on no opaque term; outside `may` the rule matches nothing whatever
    those terms are. `hull` holds all of `may`. Of a rule that is too much only `may` is told.
    """

    id: str
    boxes: tuple[Box, ...]
    sure: tuple[Box, ...]
    may: tuple[Box, ...]
    hull: Box
    too_much: bool = False

    @property
    def open(self) -> tuple[Box, ...]:
        """Where a match cannot be excluded."""
        return self.may if self.too_much else self.boxes


def ruled(regions: Regions, id: str, condition: Typed, inside: Ruled | None = None) -> Ruled:
    """The rule, kept to the boxes of another."""
    found = regions.true_region(condition)
    too_much = isinstance(found, NotProvable) or (inside is not None and inside.too_much)
    boxes = (regions.everything,) if isinstance(found, NotProvable) else found.boxes
    if inside is not None:
        boxes = tuple(regions.layout.products(boxes, inside.open))
    full = [box for box in boxes if not regions.hides(box)]
    may = tuple(regions.layout.simpler(box | regions.opaque for box in _possible(regions, boxes)))
    hull = 0
    for box in may:
        hull |= box
    return Ruled(id, () if too_much else boxes, () if too_much else tuple(full), may, hull, too_much)


def _possible(regions: Regions, boxes: Sequence[Box]) -> Sequence[Box]:
    """The boxes without impossible records; only those that hang on an opaque term, for others nothing is gained."""
    work = Work(MAX_WORK)
    found: list[Box] = []
    try:
        for box in boxes:
            found.extend(regions.layout.uncovered(box, regions.impossible, work) if regions.hides(box) else [box])
    except TooMuch:
        return boxes
    return found


def boxed(regions: Regions, rules: Rules, among: Typed) -> tuple[Ruled, list[Ruled]]:
    """The records that are asked about, and each rule kept to them."""
    start = ruled(regions, "", among)
    inside = None if among == ALWAYS else start
    return start, [ruled(regions, id, condition, inside) for id, condition in rules]
