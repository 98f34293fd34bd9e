"""Typed trees to Python: a function from the values of the leaves to true, false, a value or None."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from salesrules.expr.operators import OPERATORS
from salesrules.expr.typed import Aggregate, Constant, Leaf, Typed

Values = Mapping[Leaf, Any]


def to_python(tree: Typed) -> Callable[[Values], Any]:
    """The tree as a function; a leaf that the mapping lacks counts as null."""
    if isinstance(tree, Constant):
        value = tree.value
        return lambda values: value
    if isinstance(tree, Leaf):
        leaf = tree
        return lambda values: values.get(leaf)
    if isinstance(tree, Aggregate):
        raise TypeError("an aggregate has no value for one row")
    operator = OPERATORS[tree.operator]
    parts = [to_python(argument) for argument in tree.arguments]

    def apply(values: Values) -> Any:
        found = [part(values) for part in parts]
        if operator.nulls_spread and None in found:
            return None
        return operator.python(*found)

    return apply
