"""Boxes to words and examples: what a box says of each field, and a record that lies in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from salesrules.expr.regions.boxes import Box
from salesrules.expr.regions.pieces import Axis, Members, Ordered, Texts
from salesrules.expr.regions.regions import Regions
from salesrules.expr.regions.space import Place
from salesrules.expr.regions.spelling import MEMBER, place_name
from salesrules.expr.typed import Leaf

MAX_NAMES = 6
_WITHIN = "within "


@dataclass(frozen=True, slots=True)
class Witness:
    """A record in a box; `around` is the whole of what it is an example of.

    It is made when it is read: an analysis has many, and most are never looked at.
    """

    regions: Regions = field(repr=False)
    box: Box = field(repr=False)
    around: Box = field(repr=False)

    @property
    def values(self) -> tuple[tuple[Place, object], ...]:
        """The value of every field that the conditions read, by place, null as None.

        Of each field it is the first that is not null, if the box has one.
        """
        found: list[tuple[Place, object]] = []
        for axis, pieces, _ in _axes(self.regions, self.box):
            if axis.place is not None:
                some = pieces & ~axis.null or pieces
                found.append((axis.place, axis.samples[(some & -some).bit_length() - 1]))
        return tuple(found)

    @property
    def telling(self) -> tuple[tuple[Place, object], ...]:
        """The values that matter; the other fields may have any."""
        limited = {axis.place for axis, _, whole in _axes(self.regions, self.around) if not whole}
        return tuple((place, value) for place, value in self.values if place in limited)

    def __str__(self) -> str:
        """`{region: null, segment: smb}`, only what matters; `{}` where any record would do."""
        return "{" + ", ".join(f"{place_name(place)}: {value_text(value)}" for place, value in self.telling) + "}"


def leaf_values(regions: Regions, found: Witness, leaves: Iterable[Leaf]) -> Mapping[Leaf, Any]:
    """The witness as the values of leaves, places in trees included."""
    by_place = dict(found.values)
    trees = {axis.place: axis.pieces.tree for axis in regions.axes if isinstance(axis.pieces, Members)}
    values: dict[Leaf, Any] = {}
    for leaf in leaves:
        place = regions.space.place(leaf)
        tree, thing = trees.get(place), by_place.get(place)
        if leaf.root.startswith(MEMBER):
            tree, thing = regions.space.trees.get(leaf.root.removeprefix(MEMBER)), leaf.path[0]
        if leaf.part == "value":
            values[leaf] = thing
        elif tree is not None and thing in tree.at:
            values[leaf] = tree.at[thing] if leaf.part == "lft" else tree.ends[tree.at[thing]]
    return values


def describe(regions: Regions, box: Box) -> tuple[tuple[str, str], ...]:
    """What the box says: name and values of each field or term that it limits, such as `amount`, `>= 100000`."""
    return tuple((axis.name, _pieces_text(axis, pieces)) for axis, pieces, whole in _axes(regions, box) if not whole)


def value_text(value: object) -> str:
    """A value as a reader of a pack knows it."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _axes(regions: Regions, box: Box) -> Iterator[tuple[Axis, int, bool]]:
    layout = regions.layout
    for axis, shift, bits in zip(regions.axes, layout.shifts, layout.axes, strict=True):
        pieces = (box & bits) >> shift
        yield axis, pieces, pieces == axis.real


def _pieces_text(axis: Axis, pieces: int) -> str:
    values = pieces & ~axis.null
    names = [] if not values else _names(axis, values)
    others = axis.real & ~axis.null & ~values
    if values and not others:
        names = ["not null"]
    elif isinstance(axis.pieces, Members) and len(left_out := _names(axis, others)) < min(len(names), MAX_NAMES):
        names = [" & ".join(f"{'not' if name.startswith(_WITHIN) else '<>'} {name}" for name in left_out)]
    if len(names) > MAX_NAMES:
        names = [*names[: MAX_NAMES - 1], f"… ({len(names)})"]
    if pieces & axis.null:
        names.append("null")
    return " | ".join(names)


def _names(axis: Axis, pieces: int) -> list[str]:
    match axis.pieces:
        case Ordered():
            return list(_runs_text(axis, axis.pieces, pieces))
        case Members():
            return list(_member_names(axis.pieces, pieces))
        case Texts():
            return list(_text_names(axis, axis.pieces, pieces))
    return [value_text(axis.samples[index]) for index in range(2) if pieces >> index & 1]


def _runs_text(axis: Axis, ordered: Ordered, pieces: int) -> Iterator[str]:
    """Stretches of pieces without a real one missing: `< 5`, `5`, `>= 5 & < 9`."""
    real = [index for index in range(axis.width - 1) if axis.real >> index & 1]
    run: list[int] = []
    for index in (*real, -1):
        if index >= 0 and pieces >> index & 1:
            run.append(index)
        elif run:
            yield _run_text(ordered, run[0], run[-1], len(axis.samples) - 2)
            run = []


def _run_text(ordered: Ordered, first: int, last: int, top: int) -> str:
    def cut(index: int) -> str:
        return value_text(ordered.scale.value(ordered.cuts[index]))

    if first == last and first % 2:
        return cut(first // 2)
    low = "" if first == 0 else f">= {cut(first // 2)}" if first % 2 else f"> {cut(first // 2 - 1)}"
    high = "" if last == top else f"<= {cut(last // 2)}" if last % 2 else f"< {cut(last // 2)}"
    return " & ".join(part for part in (low, high) if part)


def _member_names(members: Members, pieces: int) -> Iterator[str]:
    """The members; a whole subtree by its top, as `within east`."""
    tree = members.tree
    held = [value in tree.held for value in tree.order]
    inside = [False] * len(tree.order)
    for index, (start, end) in enumerate(pairwise(members.starts)):
        if pieces >> index & 1:
            inside[start:end] = held[start:end]
    position = 0
    while position < len(tree.order):
        reach = slice(position, tree.ends[position] + 1)
        whole = any(inside[reach]) and inside[reach] == held[reach]
        if whole or inside[position]:
            top = _WITHIN if whole and reach.stop > position + 1 else ""
            yield top + value_text(tree.order[position])
        position = reach.stop if whole else position + 1


def _text_names(axis: Axis, texts: Texts, pieces: int) -> Iterator[str]:
    """The texts, or where the open rest is among them, those that it is not."""
    rest = 1 << len(texts.kinds) - 1
    if pieces & rest and not any(met for _, met in texts.kinds):
        left = [text for index, (text, _) in enumerate(texts.kinds) if not pieces >> index & 1]
        yield " & ".join(f"<> {text}" for text in left)
        return
    for index, (text, _) in enumerate(texts.kinds):
        if pieces >> index & 1:
            yield text
