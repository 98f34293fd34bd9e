"""Conditions on references to conditions on what is written there, where that is one and the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from salesrules.expr.typed import Apply, Leaf, Lookup, Related, Typed, fold


def as_written(tree: Typed) -> Typed:
    """The same condition without looking whether references lead anywhere which are equal to one that does.

    Who asks, and what the posts name, was there when the workspace was opened: what equals it leads to it.
    """

    def move(node: Typed, found: Sequence[Typed]) -> Typed:
        if isinstance(node, Apply):
            known = node.operator == "=" and any(isinstance(x, Leaf) and x.root in ("user", "post") for x in found)
            return replace(node, arguments=tuple(_written(x) if known else x for x in found))
        if isinstance(node, Lookup):
            return replace(node, arguments=tuple(found))
        if isinstance(node, Related):
            return replace(node, where=as_written(node.where))
        return node

    return fold(tree, move)


def _written(tree: Typed) -> Typed:
    if isinstance(tree, Leaf) and tree.root in ("row", "many") and (tree.kind.name, tree.part) == ("ref", "value"):
        return replace(tree, part="written")
    return tree
