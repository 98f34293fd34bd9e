"""Boxes to words and examples: what a box says of each field, and a record that lies in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from salesrules.expr.regions.boxes import Box
from salesrules.expr.regions.logic import MEMBER, place_name
from salesrules.expr.regions.pieces import Axis, Members, Ordered, Texts
from salesrules.expr.regions.regions import Regions
from salesrules.expr.regions.space import Place
from salesrules.expr.typed import Leaf

MAX_NAMES = 6


@dataclass(frozen=True, slots=True)
class Witness:
    """A record, by place: every field that the conditions read, null as None.

    `telling` are the places that matter for what it shows; the others may have any value.
    """

    values: tuple[tuple[Place, object], ...]
    telling: frozenset[Place] = frozenset()

    def __str__(self) -> str:
        """`{region: null, segment: smb}`, only what matters; `{}` where any record would do."""
        told = (f"{place_name(place)}: {value_text(value)}" for place, value in self.values if place in self.telling)
        return "{" + ", ".join(told) + "}"


def witness(regions: Regions, box: Box, around: Box | None = None) -> Witness:
    """A record in the box: of each field the first value that is not null, if there is one.

    What matters is what limits `around`, the whole of what the record stands for.
    """
    values: list[tuple[Place, object]] = []
    for axis, pieces, _ in _axes(regions, box):
        if axis.place is not None:
            some = pieces & ~axis.null or pieces
            values.append((axis.place, axis.samples[(some & -some).bit_length() - 1]))
    limits = _axes(regions, box if around is None else around)
    return Witness(tuple(values), frozenset(axis.place for axis, _, whole in limits if axis.place and not whole))


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
    if values and values == axis.real & ~axis.null:
        names = ["not null"]
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
    """The members, a whole subtree by its top."""
    tree = members.tree
    held = [value in tree.held for value in tree.order]
    inside = [False] * len(tree.order)
    for index, (start, end) in enumerate(zip(members.starts, members.starts[1:], strict=False)):
        if pieces >> index & 1:
            inside[start:end] = held[start:end]
    position = 0
    while position < len(tree.order):
        reach = slice(position, tree.ends[position] + 1)
        if any(inside[reach]) and inside[reach] == held[reach]:
            yield value_text(tree.order[position])
            position = reach.stop
        else:
            position += 1


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
