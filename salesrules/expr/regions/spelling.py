"""Places of typed trees to the names of an expression, for people: what a reason or an example calls a field."""

from __future__ import annotations

from salesrules.expr.regions.space import Place
from salesrules.expr.sql import literal
from salesrules.expr.typed import Leaf

MEMBER = "member:"  # before the dimension, in the root of a leaf that stands for a declared member


def place_name(place: Place) -> str:
    """How an expression names the place: `customer.region`, `post.region`, `today`."""
    root, path = place
    return ".".join(path if root == "row" and path else (root, *path))


def leaf_name(leaf: Leaf) -> str:
    """How an expression names the leaf; a declared member by its literal."""
    return literal(leaf.path[0]) if leaf.root.startswith(MEMBER) else place_name((leaf.root, leaf.path))
