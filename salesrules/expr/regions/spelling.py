"""Typed trees to the words of an expression, for people: what a reason or an example calls a term or a field."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import cast

from salesrules.expr.regions.space import Place
from salesrules.expr.sql import literal
from salesrules.expr.typed import Apply, Constant, Leaf, Typed

MEMBER = "member:"  # before the dimension, in the root of a leaf that stands for a declared member


def text_of(tree: Typed) -> str:
    """The tree as people write it; equal texts mean equal trees."""
    if isinstance(tree, Constant):
        return literal(tree.value) if isinstance(tree.value, str) else str(tree.value).lower()
    if isinstance(tree, Leaf):
        return leaf_name(tree) if tree.part == "value" else f"{tree.part}({leaf_name(tree)})"
    if isinstance(tree, Apply):
        return _applied_text(tree)
    inside = [getattr(tree, part.name) for part in fields(tree) if part.name != "kind"]
    return f"{type(tree).__name__.lower()}({', '.join(map(_part_text, inside))})"


def _part_text(part: object) -> str:
    if isinstance(part, tuple):
        return ", ".join(map(_part_text, part))
    return text_of(cast(Typed, part)) if is_dataclass(part) else str(part)


def _applied_text(tree: Apply) -> str:
    parts = [text_of(argument) for argument in tree.arguments]
    if tree.operator == "is null":
        return f"{parts[0]} is null"
    if tree.operator in ("and", "or") or (len(parts) > 1 and not tree.operator.isidentifier()):
        nested = [f"({part})" if isinstance(a, Apply) else part for part, a in zip(parts, tree.arguments, strict=True)]
        return f" {tree.operator} ".join(nested)
    return f"{tree.operator}({', '.join(parts)})"


def place_name(place: Place) -> str:
    """How an expression names the place: `customer.region`, `post.region`, `today`."""
    root, path = place
    return ".".join(path if root == "row" and path else (root, *path))


def leaf_name(leaf: Leaf) -> str:
    """How an expression names the leaf; a declared member by its literal."""
    return literal(leaf.path[0]) if leaf.root.startswith(MEMBER) else place_name((leaf.root, leaf.path))
