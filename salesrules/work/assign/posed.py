"""An expression on a record and a candidate to its values for everyone at once, kept by what it reads of the record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from salesrules.access.snapshot import Snapshot
from salesrules.expr.python import Closure, Tables
from salesrules.expr.typed import Leaf, Typed
from salesrules.work.assign.lineup import Lineup

Column = tuple[Leaf, tuple[Leaf, ...]]
"""What is read of a record: a leaf, and where it holds rows beside the record, what is read of each of them."""
Posts = tuple[int, ...]
"""A set of posts, as `Lineup` has it."""


Record = Sequence[Any]
"""What is read of a record, in the order of `Columns`."""


class Columns:
    """Everything that is read of records, each once, in the order in which it was asked for."""

    def __init__(self) -> None:
        self._at: dict[Column, int] = {}

    def place(self, column: Column) -> int:
        """Where a column stands, the last place for one that is new."""
        return self._at.setdefault(column, len(self._at))

    def __iter__(self) -> Iterator[Column]:
        return iter(self._at)

    def __len__(self) -> int:
        return len(self._at)


class Posed:
    """An expression put to a lineup.

    People whose own values are alike are asked once: a condition on region and skill is asked for each of the few
    regions and skills there are, not for each person. `of_person_alone` says whether the answer is the same for all
    records and all posts of a person.
    """

    def __init__(self, tree: Typed, lineup: Lineup, snapshot: Snapshot, tables: Tables, columns: Columns) -> None:
        closure = Closure(tree, tables)
        own = [leaf for leaf in closure.reads if leaf.root != "row"]
        self._closure = closure
        self._is_row = [leaf.root == "row" for leaf in closure.reads]
        of_record = (leaf for leaf in closure.reads if leaf.root == "row")
        self.reads = tuple(columns.place((leaf, closure.related_reads.get(leaf, ()))) for leaf in of_record)
        self.of_person_alone = not self.reads and all(leaf.root != "post" for leaf in own)
        self._layers = len(lineup.layers)
        self._alike: dict[tuple[Any, ...], list[int]] = {}
        numbers: dict[tuple[Any, ...], int] = {}
        self._number = [[-1] * len(lineup.people) for _ in lineup.layers]
        for at, one in enumerate(lineup.people):
            for layer, hat in enumerate(one.hats):
                assert one.principal is not None
                values = tuple(snapshot.value(one.principal, hat, leaf) for leaf in own)
                self._alike.setdefault(values, [0] * self._layers)[layer] |= 1 << at
                self._number[layer][at] = numbers.setdefault(values, len(numbers))
        self._true: dict[tuple[Any, ...], Posts] = {}
        self._values: dict[tuple[Any, ...], list[Any]] = {}

    def key(self, record: Record) -> tuple[Any, ...]:
        """What the expression reads of a record."""
        return tuple([record[at] for at in self.reads])

    def true_of(self, record: Record) -> Posts:
        """The posts for which a condition is true."""
        key = self.key(record)
        found = self._true.get(key)
        if found is None:
            is_true = self._closure.is_true
            holds = [posts for own, posts in self._alike.items() if is_true(self._row(key, own))]
            found = self._true[key] = tuple(_union(posts[at] for posts in holds) for at in range(self._layers))
        return found

    def of(self, record: Record, at: int, layer: int) -> Any:
        """The value of a number for one post of one person."""
        return self._each(record)[self._number[layer][at]]

    def unfit_of(self, record: Record, fits: Callable[[Any], bool]) -> Posts:
        """The posts for which a number has a value that does not fit."""
        each = zip(self._each(record), self._alike.values(), strict=True)
        found = [posts for value, posts in each if not fits(value)]
        return tuple(_union(posts[at] for posts in found) for at in range(self._layers))

    def _each(self, record: Record) -> list[Any]:
        key = self.key(record)
        found = self._values.get(key)
        if found is None:
            found = self._values[key] = [self._closure.value(self._row(key, own)) for own in self._alike]
        return found

    def own(self, at: int, layer: int) -> tuple[Any, ...]:
        """What the expression reads of a person and a post."""
        return list(self._alike)[self._number[layer][at]]

    def _row(self, of_record: tuple[Any, ...], own: tuple[Any, ...]) -> list[Any]:
        ahead, mine = iter(of_record), iter(own)
        return [next(ahead) if is_row else next(mine) for is_row in self._is_row]


def _union(sets: Iterable[int]) -> int:
    found = 0
    for each in sets:
        found |= each
    return found
