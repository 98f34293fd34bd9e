"""Facts about one field to pieces: its values cut so that every fact says the same on all of a piece."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from salesrules.expr.kinds import BOOLEAN, NULL
from salesrules.expr.regions.logic import Fact, Opaque
from salesrules.expr.regions.scales import Scale, scale_of
from salesrules.expr.regions.space import Place, Space, Tree
from salesrules.expr.regions.spelling import place_name
from salesrules.expr.regions.texts import kinds_of_text

_NAMED = ("member", "stage", "ref")
_BOOLEANS = Tree.flat((False, True))


@dataclass(frozen=True, slots=True)
class Axis:
    """One field in pieces, or an opaque term in true, false, null.

    `says` has for each fact the pieces where it is true, as bits; `real` the pieces that a record can be
    in; `null` the piece of null. `samples` has a value of each piece, `names` what the piece is called.
    """

    name: str
    place: Place | None
    real: int
    null: int
    says: Mapping[Fact | Opaque, int]
    samples: tuple[object, ...]
    pieces: Ordered | Members | Texts | Opaque

    @property
    def width(self) -> int:
        """The number of pieces, null and empty ones included."""
        return len(self.samples)


@dataclass(frozen=True, slots=True)
class Ordered:
    """Numbers or dates: below the first cut, the cut, between it and the next, and so on."""

    scale: Scale
    cuts: tuple[Fraction, ...]

    def pieces(self) -> Iterator[tuple[bool, object]]:
        """For each piece whether any value lies in it, and one."""
        ends = (None, *self.cuts, None)
        for index, (low, high) in enumerate(pairwise(ends)):
            inside = self.scale.between(low, high)
            yield inside is not None, None if inside is None else self.scale.value(inside)
            if index < len(self.cuts):
                real = self.scale.holds(self.cuts[index])
                yield real, self.scale.value(self.cuts[index]) if real else None

    def says(self, fact: Fact) -> int:
        """The pieces where the fact is true."""
        if fact.operator == "in":
            return sum({1 << 2 * self._cut(value) + 1 for value in _values(fact)})
        cut = self._cut(fact.value)
        return {
            "=": 1 << 2 * cut + 1,
            "<": (1 << 2 * cut + 1) - 1,
            "<=": (1 << 2 * cut + 2) - 1,
        }[fact.operator]

    def _cut(self, value: object) -> int:
        return bisect_left(self.cuts, self.scale.number(value))


@dataclass(frozen=True, slots=True)
class Members:
    """Members of a tree in preorder, cut into runs; run i starts at position `starts[i]`."""

    tree: Tree
    starts: tuple[int, ...]

    def pieces(self) -> Iterator[tuple[bool, object]]:
        """For each run whether a record can have any of its members, and the first such."""
        for start, end in pairwise(self.starts):
            held = [value for value in self.tree.order[start:end] if value in self.tree.held]
            yield bool(held), held[0] if held else None

    def says(self, fact: Fact) -> int:
        """The pieces where the fact is true."""
        found = 0
        for start, end in _runs(fact, self.tree):
            found |= (1 << bisect_left(self.starts, end)) - (1 << bisect_left(self.starts, start))
        return found


@dataclass(frozen=True, slots=True)
class Texts:
    """Text or references: each constant, and the combinations of patterns that other text meets."""

    kinds: tuple[tuple[str, frozenset[str]], ...]

    def pieces(self) -> Iterator[tuple[bool, object]]:
        """An example of each kind of text."""
        for text, _ in self.kinds:
            yield True, text

    def says(self, fact: Fact) -> int:
        """The pieces where the fact is true."""
        if fact.operator == "like":
            return sum(1 << index for index, (_, met) in enumerate(self.kinds) if fact.value in met)
        wanted = set(_values(fact))
        return sum(1 << index for index, (text, _) in enumerate(self.kinds) if text in wanted)


def axis_of(place: Place, facts: Iterable[Fact], space: Space) -> Axis:
    """The axis of a field, cut at the constants of all facts about it; facts it cannot express are left out.

    Raises: TooMuch when patterns make too many kinds of text.
    """
    facts = list(dict.fromkeys(facts))
    kind = next((fact.kind for fact in facts if fact.kind != NULL), NULL)
    tree = _BOOLEANS if kind == BOOLEAN else space.trees.get(kind.of) if kind.name in _NAMED else None
    scale = scale_of(kind)
    pieces: Ordered | Members | Texts
    if tree is not None:
        facts = [fact for fact in facts if _in_tree(fact, tree)]
        edges = {edge for fact in facts for run in _runs(fact, tree) for edge in run}
        pieces = Members(tree, tuple(sorted({0, len(tree.order)} | edges)))
    elif scale is not None:
        facts = [fact for fact in facts if fact.part == "value" and _of_scale(fact, scale)]
        pieces = Ordered(scale, tuple(sorted({scale.number(value) for fact in facts for value in _values(fact)})))
    else:
        facts = [fact for fact in facts if fact.part == "value" and _of_texts(fact)]
        patterns = [str(fact.value) for fact in facts if fact.operator == "like"]
        constants = [str(value) for fact in facts if fact.operator != "like" for value in _values(fact)]
        pieces = Texts(tuple(kinds_of_text(constants, patterns)))
    found = list(pieces.pieces())
    null = 1 << len(found)
    real = sum(1 << index for index, (holds, _) in enumerate(found) if holds)
    says = {fact: null if fact.operator == "null" else pieces.says(fact) & real for fact in facts}
    if place not in space.never_null:
        real |= null
    real_says: dict[Fact | Opaque, int] = {fact: where & real for fact, where in says.items()}
    return Axis(place_name(place), place, real, null, real_says, (*(sample for _, sample in found), None), pieces)


def opaque_axis(term: Opaque) -> Axis:
    """The axis of an opaque term: true, false and, if it can be, null."""
    return Axis(term.text, None, 7 if term.nullable else 3, 4, {term: 1}, (True, False, None), term)


def _values(fact: Fact) -> tuple[object, ...]:
    if fact.operator == "null":
        return ()
    return fact.value if isinstance(fact.value, tuple) else (fact.value,)


def _of_scale(fact: Fact, scale: Scale) -> bool:
    """Exact numbers only: beside a double the engines compare rounded ones."""
    return fact.operator != "like" and not (scale.grid and any(isinstance(v, float) for v in _values(fact)))


def _of_texts(fact: Fact) -> bool:
    return fact.operator not in ("<", "<=") and all(isinstance(value, str) for value in _values(fact))


def _in_tree(fact: Fact, tree: Tree) -> bool:
    if fact.operator == "null":
        return True
    if fact.part != "value":
        return isinstance(fact.value, tuple) and fact.value[0] in tree.at
    return fact.operator in ("=", "in")


def _runs(fact: Fact, tree: Tree) -> list[tuple[int, int]]:
    """The positions in preorder where the fact is true, as `[start, end)`."""
    if fact.operator == "null":
        return []
    if fact.part == "value":
        return [(tree.at[value], tree.at[value] + 1) for value in _values(fact) if value in tree.at]
    member, part = _values(fact)
    place = tree.at[member] if part == "lft" else tree.ends[tree.at[member]]
    if fact.part == "lft":
        return [{"=": (place, place + 1), "<": (0, place), "<=": (0, place + 1)}[fact.operator]]
    true = [{"=": end == place, "<": end < place, "<=": end <= place}[fact.operator] for end in (*tree.ends, -1)]
    true[-1] = False
    edges = [index for index, now in enumerate(true) if now != (index > 0 and true[index - 1])]
    return list(zip(edges[::2], edges[1::2], strict=True))
