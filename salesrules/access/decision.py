"""The lines about one cell to a function of rows: which slices hold is one tuple, and each tuple has one answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesrules.expr.source import Writer
from salesrules.expr.typed import Leaf, Typed, reads_of, related_reads_of

Holds = tuple[bool | None, ...]
Values = Callable[[Sequence[Any]], Holds]
Tables = Mapping[str, Callable[..., Any]]
About = tuple[int, str]
"""The `id` of a hat, and the name of a slice."""
_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Layout:
    """A flat row: what conditions read of it, and of the rows beside it by the leaf that holds them."""

    reads: tuple[Leaf, ...]
    related: Mapping[Leaf, tuple[Leaf, ...]]


@dataclass(frozen=True, slots=True)
class Ready:
    """Conditions as one function of a flat row with the values of `fixed` behind it: what each is there."""

    fixed: tuple[Leaf, ...]
    values: Values


def layout_of(conditions: Sequence[Typed]) -> Layout:
    """What conditions read of a row, each leaf once."""
    reads = dict.fromkeys(leaf for tree in conditions for leaf in reads_of(tree) if leaf.root == "row")
    related: dict[Leaf, dict[Leaf, None]] = {}
    for tree in conditions:
        for leaf, inner in related_reads_of(tree).items():
            related.setdefault(leaf, {}).update(dict.fromkeys(inner))
    return Layout(tuple(reads), {leaf: tuple(inner) for leaf, inner in related.items()})


def ready(conditions: Sequence[Typed], layout: Layout, tables: Tables) -> Ready:
    """Conditions compiled for rows of a layout; what else they read is the same for every row and comes behind it."""
    fixed = tuple(dict.fromkeys(leaf for tree in conditions for leaf in reads_of(tree) if leaf.root != "row"))
    writer = Writer((*layout.reads, *fixed), layout.related, tables)
    source = writer.module("(" + "".join(f"{writer.written(tree).value}, " for tree in conditions) + ")")
    names: dict[str, Any] = {**writer.bound, "__builtins__": {}}
    exec(compile(source, "<slices>", "exec"), names)  # noqa: S102 - our own source, literals are bound by name
    return Ready(fixed, names["answer"])


class Decision:
    """One cell of one person on a day, for any row; rows are flat, laid out as `reads` says."""

    def __init__(
        self,
        layout: Layout,
        hats: Sequence[tuple[Values, tuple[Any, ...]]],
        about: tuple[About, ...],
        ask: Callable[[Holds], bool],
    ) -> None:
        """Args: hats: of each post its lines as a function, and the values that are the same for every row.

        about: which slice of which post each part of `holds` is.
        """
        self.reads = layout.reads
        self.related = layout.related
        self.about = about
        self._hats = tuple(hats)
        self._ask = ask
        self._answers: dict[Holds, bool] = {}

    def __call__(self, row: tuple[Any, ...]) -> bool:
        """Whether it is allowed on a row."""
        held = self.holds(row)
        answer = self._answers.get(held)
        return self._asked(held) if answer is None else answer

    def holds(self, row: tuple[Any, ...]) -> Holds:
        """Whether each line's slice is true, false or null on a row, post by post."""
        if len(self._hats) == 1:
            values, fixed = self._hats[0]
            return values(row + fixed)
        return tuple(held for values, fixed in self._hats for held in values(row + fixed))

    def flat(self, values: Mapping[Leaf, Any]) -> tuple[Any, ...]:
        """A row out of the values of its leaves, with null for what is not there; related rows are mappings too."""
        return tuple(self._laid_out(leaf, values.get(leaf)) for leaf in self.reads)

    def _laid_out(self, leaf: Leaf, found: Any) -> Any:
        if leaf not in self.related:
            return found
        return [[one.get(inner) for inner in self.related[leaf]] for one in found or ()]

    def _asked(self, held: Holds) -> bool:
        if len(self._answers) >= _KEPT:
            self._answers.clear()
        self._answers[held] = answer = self._ask(held)
        return answer
