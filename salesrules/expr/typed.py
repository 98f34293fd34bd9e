"""What an expression means: a tree whose every node has a kind and every name a path to a value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from salesrules.expr.kinds import Kind


@dataclass(frozen=True, slots=True)
class Constant:
    """A value known when the pack is read."""

    kind: Kind
    value: object


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value known when the question is asked.

    `root` is `row`, `user`, `post`, `member` or `today`; `path` walks references from there. `part` is
    `value`, or for the place of a thing in its tree `lft` or `rgt` (nested sets: a subtree is an interval).
    """

    kind: Kind
    root: str
    path: tuple[str, ...]
    part: str = "value"


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator of the table in `operators.py` on its arguments."""

    kind: Kind
    operator: str
    arguments: tuple[Typed, ...]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A sum, count, avg, min or max over the rows of an entity for which `where` is true."""

    kind: Kind
    function: str
    argument: Typed | None
    distinct: bool = False
    where: Typed | None = None


Typed = Constant | Leaf | Apply | Aggregate


def leaves(tree: Typed) -> Iterator[Leaf]:
    """Every leaf of the tree, from left to right, repeats included."""
    if isinstance(tree, Leaf):
        yield tree
    elif isinstance(tree, Apply):
        for argument in tree.arguments:
            yield from leaves(argument)
    elif isinstance(tree, Aggregate):
        for part in (tree.argument, tree.where):
            if part is not None:
                yield from leaves(part)
