"""What is known about the values of records before any rule is read: trees of members, keys, what is never null."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from salesrules.expr.kinds import Kind
from salesrules.expr.names import PERSON
from salesrules.expr.typed import Leaf

_PEOPLE = ("user", "candidate", "person", "credit")
Place = tuple[str, tuple[str, ...]]
"""Where a value stands: the root and the path of a leaf."""

NEVER_NULL: frozenset[Place] = frozenset((root, ()) for root in ("today", "now", "user", "candidate"))


@dataclass(frozen=True, slots=True)
class Tree:
    """A closed set of values in preorder; `ends` has, for each, the position of the last one at or below it.

    `held` are the values that a record may have: all of them, or a part such as the leaves.
    """

    order: tuple[Hashable, ...]
    ends: tuple[int, ...]
    held: frozenset[Hashable]
    at: Mapping[Hashable, int]

    @staticmethod
    def of(parents: Mapping[str, str | None], held: Collection[str] | None = None) -> Tree:
        """The tree with these parents; a parent that is not a member counts as none, a ring is left out."""
        below: dict[str | None, list[str]] = {}
        for member, parent in parents.items():
            below.setdefault(parent if parent in parents else None, []).append(member)
        order: list[str] = []
        ends: dict[str, int] = {}
        ahead = [(member, False) for member in reversed(below.get(None, []))]
        while ahead:
            member, done = ahead.pop()
            if done:
                ends[member] = len(order) - 1
                continue
            order.append(member)
            ahead.append((member, True))
            ahead.extend((child, False) for child in reversed(below.get(member, [])))
        return _tree(order, [ends[member] for member in order], parents if held is None else held)

    @staticmethod
    def nested(places: Mapping[str, tuple[int, int]]) -> Tree:
        """The tree of members whose subtrees are these intervals of preorder numbers."""
        order = sorted(places, key=lambda member: places[member])
        starts = [places[member][0] for member in order]
        return _tree(order, [bisect_right(starts, places[member][1]) - 1 for member in order], order)

    @staticmethod
    def flat(values: Iterable[Hashable]) -> Tree:
        """Values without anything below them."""
        order = tuple(values)
        return _tree(order, range(len(order)), order)


def _tree(order: Iterable[Hashable], ends: Iterable[int], held: Iterable[Hashable]) -> Tree:
    order = tuple(order)
    return Tree(order, tuple(ends), frozenset(held), {value: index for index, value in enumerate(order)})


@dataclass(frozen=True, slots=True)
class Space:
    """The values that records can have at all.

    `trees` has the members of dimensions, the stages of processes and the people that are known, by the
    `of` of their kind; any other text or reference may be anything. With `entity`, `fields` (kinds by
    entity and field) and `keys` (the key field by entity), `owner.id` is known to be `owner`. Beyond that
    fields are taken to be independent of each other. Instants are shown in `timezone`.
    """

    trees: Mapping[str, Tree] = field(default_factory=dict)
    entity: str = ""
    fields: Mapping[str, Mapping[str, Kind]] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    never_null: frozenset[Place] = NEVER_NULL
    timezone: str = "UTC"

    def place(self, leaf: Leaf) -> Place:
        """The place of a leaf; the key of a record, referred to or not, stands for the record itself."""
        at = self.entity if leaf.root == "row" else ""
        key = self.keys.get(at)
        steps: list[str] = []
        for step in leaf.path:
            if self.keys.get(at) != step:
                steps.append(step)
                kind = self.fields.get(at, {}).get(step)
                at = kind.of if kind is not None and kind.name == "ref" else ""
        return leaf.root, tuple(steps) or ((key,) if key else ())

    def kind(self, leaf: Leaf, beside: str = "") -> Kind | None:
        """The kind of the thing at a leaf if an entity declares it; `beside` is the entity of rows beside a record."""
        first = self.entity if leaf.root == "row" else beside if leaf.root == "many" else ""
        at: Kind | None = Kind("ref", first or (PERSON if leaf.root in _PEOPLE else ""))
        for step in leaf.path:
            at = self.fields.get(at.of, {}).get(step) if at is not None else None
        return at if at is not None and at.of else None
