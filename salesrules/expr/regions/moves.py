"""Two lists of rules to the records that the first match sends elsewhere, from which rule to which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from salesrules.expr.regions.boxes import Box, TooMuch, Work
from salesrules.expr.regions.regions import MAX_WORK, NotProvable, Regions
from salesrules.expr.regions.ruled import ALWAYS, Ruled, Rules, boxed
from salesrules.expr.regions.space import Space
from salesrules.expr.regions.witness import Witness, describe
from salesrules.expr.typed import Typed


@dataclass(frozen=True, slots=True)
class Moved:
    """Records that went to one rule and go to another, None for no rule: what they have in common, and one of them.

    Each part of `where` is one box, by field.
    """

    before: str | None
    after: str | None
    where: tuple[tuple[tuple[str, str], ...], ...]
    witness: Witness


_Step = tuple[str, Box]


def moves(
    old: Rules, new: Rules, space: Space, among: Typed = ALWAYS
) -> tuple[tuple[Moved, ...], tuple[NotProvable, ...]]:
    """Every pair of rules between which records move; rules of the two lists are the same if their ids are.

    Source: the space is split by the first rule that decides a part of a box only, until both lists say
    one thing of all of a box, or the same rules in the same order are left.
    """
    regions = Regions(space, [among, *(condition for _, condition in (*old, *new))])
    start, before = boxed(regions, old, among)
    _, after = boxed(regions, new, among)
    too_much = tuple(dict.fromkeys(rule.id for rule in (start, *before, *after) if rule.too_much))
    if too_much:
        return (), (NotProvable("moved", too_much),)
    found: dict[tuple[str | None, str | None], list[Box]] = {}
    try:
        for box in start.boxes:
            for pair, part in _differences(regions, box, _steps(before), _steps(after)):
                found.setdefault(pair, []).append(part)
    except TooMuch:
        return (), (NotProvable("moved", ()),)
    told = [_told(regions, pair, regions.layout.simpler(boxes)) for pair, boxes in found.items()]
    return (
        tuple(one for one in told if isinstance(one, Moved)),
        tuple(one for one in told if isinstance(one, NotProvable)),
    )


def _steps(rules: Sequence[Ruled]) -> list[_Step]:
    return [(rule.id, box) for rule in rules for box in rule.boxes]


def _told(regions: Regions, pair: tuple[str | None, str | None], boxes: Sequence[Box]) -> Moved | NotProvable:
    sure = [box for box in boxes if not regions.hides(box)]
    work = Work(MAX_WORK)
    for box in sure:
        possible = regions.possible(box, work)
        if possible is not None:
            where = tuple(describe(regions, part) for part in sure)
            return Moved(*pair, where, Witness(regions, possible, box))
    terms = dict.fromkeys(term for box in boxes for term in regions.hides(box))
    return NotProvable("moved", tuple(id for id in pair if id is not None), tuple(terms))


def _differences(
    regions: Regions, box: Box, old: Sequence[_Step], new: Sequence[_Step]
) -> Iterator[tuple[tuple[str | None, str | None], Box]]:
    """The parts of a box on which the lists differ, with what they say there."""
    work = Work(MAX_WORK)
    ahead = [(box, old, new)]
    while ahead:
        part, old, new = ahead.pop()
        work.take(len(old) + len(new) + 1)
        old, new = _left(regions, part, old), _left(regions, part, new)
        if old == new:
            continue
        open_ = next((steps for steps in (old, new) if _said(regions, part, steps) is None), None)
        if open_ is not None:
            splitter = open_[0][1]
            ahead.append((part & splitter, old, new))
            ahead.extend((rest, old, new) for rest in regions.layout.minus(part, splitter))
            continue
        pair = (_said(regions, part, old) or ("",))[0], (_said(regions, part, new) or ("",))[0]
        if pair[0] != pair[1] and regions.possible(part, work) is not None:
            yield pair, part


def _left(regions: Regions, box: Box, steps: Sequence[_Step]) -> list[_Step]:
    """The steps that can still decide in the box, up to the first that takes all of it."""
    found: list[_Step] = []
    for step in steps:
        if regions.layout.meet(box, step[1]):
            found.append(step)
            if regions.layout.axes_outside(box, step[1]) == 0:
                break
    return found


def _said(regions: Regions, box: Box, steps: Sequence[_Step]) -> tuple[str | None] | None:
    """What the steps say of all of the box, if they say one thing."""
    if not steps:
        return (None,)
    same = all(step[0] == steps[0][0] for step in steps)
    whole = regions.layout.axes_outside(box, steps[-1][1]) == 0
    return (steps[0][0],) if same and whole else None
