"""The lines about one cell to a function of rows: which slices hold is one tuple, and each tuple has one answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from salesrules.expr.source import Writer
from salesrules.expr.typed import Leaf, Typed, reads_of, related_reads_of

Holds = tuple[bool | None, ...]
Values = Callable[[Sequence[Any]], Holds]
Tables = Mapping[str, Callable[..., Any]]
_KEPT = 10_000


Related = Mapping[Leaf, tuple[Leaf, ...]]


def together(conditions: Sequence[Typed], reads: Sequence[Leaf], related: Related, tables: Tables) -> Values:
    """Conditions as one function of a flat row that is laid out as `reads` and `related` say: what each is there."""
    writer = Writer(tuple(reads), related, tables)
    source = writer.module("(" + "".join(f"{writer.written(tree).value}, " for tree in conditions) + ")")
    names: dict[str, Any] = {**writer.bound, "__builtins__": {}}
    exec(compile(source, "<slices>", "exec"), names)  # noqa: S102 - our own source, literals are bound by name
    function: Values = names["answer"]
    return function


def row_reads(conditions: Sequence[Typed]) -> tuple[Leaf, ...]:
    """What conditions read of a row, each leaf once."""
    return tuple(dict.fromkeys(leaf for tree in conditions for leaf in reads_of(tree) if leaf.root == "row"))


def fixed_reads(conditions: Sequence[Typed]) -> tuple[Leaf, ...]:
    """What conditions read that is the same for every row: of the asker, the post, a member, the day."""
    return tuple(dict.fromkeys(leaf for tree in conditions for leaf in reads_of(tree) if leaf.root != "row"))


def related_reads(conditions: Sequence[Typed]) -> Related:
    """What conditions read of the rows beside a row, by the leaf that holds them."""
    found: dict[Leaf, dict[Leaf, None]] = {}
    for tree in conditions:
        for leaf, inner in related_reads_of(tree).items():
            found.setdefault(leaf, {}).update(dict.fromkeys(inner))
    return {leaf: tuple(inner) for leaf, inner in found.items()}


class Decision:
    """One cell of one person on a day, for any row; rows are flat, laid out as `reads` says."""

    def __init__(
        self,
        reads: tuple[Leaf, ...],
        related: Related,
        hats: Sequence[tuple[Values, tuple[Any, ...]]],
        ask: Callable[[Holds], bool],
    ) -> None:
        """Args: hats: of each post its lines as a function, and the values that are the same for every row."""
        self.reads = reads
        self.related = related
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
