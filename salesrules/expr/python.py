"""Typed trees to Python: source for one flat row, compiled once, with nothing but our own operators in reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from salesrules.expr.source import Writer
from salesrules.expr.typed import Leaf, Typed, atoms, reads_of, related_reads_of

Row = Sequence[Any]
Values = Mapping[Leaf, Any]
Tables = Mapping[str, Callable[..., Any]]


class Closure:
    """A tree as functions of one flat row, a sequence aligned with `reads`; each is compiled when first asked for.

    `tables` are the lookups by name: functions of keys that are not null. A row keeps its related rows as a
    sequence of sequences, each aligned with `related_reads` of their leaf.
    """

    def __init__(self, tree: Typed, tables: Tables | None = None) -> None:
        self.tree = tree
        self.reads = reads_of(tree)
        self.related_reads = related_reads_of(tree)
        self._tables = tables or {}

    @cached_property
    def is_true(self) -> Callable[[Row], bool]:
        """Whether a condition is true; false and null give False."""
        return self._compiled("is_true")

    @cached_property
    def is_false(self) -> Callable[[Row], bool]:
        """Whether a condition is false; true and null give False."""
        return self._compiled("is_false")

    @cached_property
    def value(self) -> Callable[[Row], Any]:
        """The value, None for null."""
        return self._compiled("value")

    @cached_property
    def each(self) -> Callable[[Row], tuple[Any, ...]]:
        """The value of every condition in `atoms(tree)`, none left out, for explanations."""
        return self._compiled("each")

    def _compiled(self, mode: str) -> Callable[[Row], Any]:
        writer = Writer(self.reads, self.related_reads, self._tables)
        if mode == "each":
            text = "(" + "".join(f"{writer.written(atom).value}, " for atom in atoms(self.tree)) + ")"
        else:
            text = getattr(writer.written(self.tree), mode)
        source = writer.module(text)
        names: dict[str, Any] = {**writer.bound, "__builtins__": {}}
        exec(compile(source, "<expression>", "exec"), names)  # noqa: S102 - our own source, literals are bound by name
        function: Callable[[Row], Any] = names["answer"]
        return function


def to_python(tree: Typed, tables: Tables | None = None) -> Callable[[Values], Any]:
    """The tree as a function of the values of its leaves; a leaf that the mapping lacks counts as null.

    Related rows are mappings as well.
    """
    closure = Closure(tree, tables)
    reads, related, value = closure.reads, closure.related_reads, closure.value

    def laid_out(leaf: Leaf, found: Any) -> Any:
        return [[one.get(inner) for inner in related[leaf]] for one in found or ()] if leaf in related else found

    return lambda values: value([laid_out(leaf, values.get(leaf)) for leaf in reads])
