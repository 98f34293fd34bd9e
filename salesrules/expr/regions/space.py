"""What is known about the values of records before any rule is read: trees of members, keys, what is never null."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from salesrules.expr.kinds import Kind
from salesrules.expr.typed import Leaf

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
    fields are taken to be independent of each other.
    """

    trees: Mapping[str, Tree] = field(default_factory=dict)
    entity: str = ""
    fields: Mapping[str, Mapping[str, Kind]] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    never_null: frozenset[Place] = NEVER_NULL

    def place(self, leaf: Leaf) -> Place:
        """The place of a leaf; the key of a referred record is the reference itself."""
        path = leaf.path
        if leaf.root == "row" and not path and self.entity in self.keys:
            return leaf.root, (self.keys[self.entity],)
        at = self.entity if leaf.root == "row" else ""
        for depth, step in enumerate(path):
            if depth and depth == len(path) - 1 and at and self.keys.get(at) == step:
                return leaf.root, path[:-1]
            kind = self.fields.get(at, {}).get(step)
            at = kind.of if kind is not None and kind.name == "ref" else ""
        return leaf.root, path
