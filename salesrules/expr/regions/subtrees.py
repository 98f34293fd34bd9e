"""Comparisons of places in a tree back to the `within` or `reports_to` that they were made of."""

from __future__ import annotations

from dataclasses import dataclass

from salesrules.expr.regions.space import Space
from salesrules.expr.regions.spelling import MEMBER, leaf_name
from salesrules.expr.typed import Apply, Constant, Leaf, Typed


@dataclass(frozen=True, slots=True)
class Subtree:
    """That `thing` lies at or below `top`, no more than `levels` deeper if that is said."""

    thing: Leaf
    top: Leaf
    levels: int | None = None


def subtree_of(tree: Typed) -> Subtree | None:
    """The subtree that a condition asks for; None if it asks something else."""
    match tree:
        case Apply(operator="and", arguments=(low, high)):
            return interval(low, high) or _limited(low, high)
        case Apply(operator="in intervals", arguments=(Leaf() as thing, Leaf() as top, _)):
            return Subtree(thing, top)
    return None


def interval(low: Typed, high: Typed) -> Subtree | None:
    """The subtree of `low`, that a place is not before its start, and `high`, that it is not behind its end."""
    match low, high:
        case (
            Apply(operator=">=", arguments=(Leaf(part="lft") as thing, Leaf(part="lft") as first)),
            Apply(operator="<=", arguments=(Leaf() as same, Leaf(part="rgt") as last)),
        ) if thing == same and (first.root, first.path) == (last.root, last.path):
            return Subtree(thing, first)
    return None


def _limited(inside: Typed, near: Typed) -> Subtree | None:
    """The subtree that `inside` asks for, with the levels that `near` allows."""
    found = subtree_of(inside)
    match near:
        case Apply(
            operator="<=",
            arguments=(
                Leaf(part="depth") as thing,
                Apply(operator="+", arguments=(Leaf(part="depth") as top, Constant(value=int() as levels))),
            ),
        ) if found is not None and found.levels is None:
            same = [(a.root, a.path) == (b.root, b.path) for a, b in ((thing, found.thing), (top, found.top))]
            return Subtree(found.thing, found.top, levels) if all(same) else None
    return None


def subtree_text(found: Subtree, space: Space, beside: str = "") -> str:
    """The call as people write it; `beside` is the entity of the rows that stand beside a record."""
    people = any(_is_record(leaf, space, beside) for leaf in (found.thing, found.top))
    levels = "" if found.levels is None else f", {found.levels}"
    names = ", ".join(leaf_name(leaf).removeprefix("many.") for leaf in (found.thing, found.top))
    return f"{'reports_to' if people else 'within'}({names}{levels})"


def _is_record(leaf: Leaf, space: Space, beside: str) -> bool:
    """Whether the leaf is a record, a person for one, and no member of a dimension."""
    if leaf.root.startswith(MEMBER):
        return leaf.root.removeprefix(MEMBER) in space.fields
    kind = space.kind(leaf, beside)
    return kind is not None and kind.name == "ref"
