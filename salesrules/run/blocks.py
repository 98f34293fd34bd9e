"""Rows that may be summed up and not read, to blocks of them: what is told of a block is told of all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesrules.engines.engine import Engine, Statements

Labels = tuple[str | None, ...]
Counts = tuple[int, ...]
Part = tuple[int, Counts, Counts]
"""What a group has of a block: its number, counts of the part, and of the block."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """A SELECT of kinds of rows that hide something: what they have under each column, as text, and counts of them.

    The first count is that of the rows themselves. `cuts` are columns to cut by together, the most wanted first.
    """

    select: str
    values: Mapping[str, Any]
    cuts: tuple[tuple[str, ...], ...]
    counts: tuple[str, ...]
    smallest: int


@dataclass(frozen=True, slots=True)
class Cut:
    """Groups by some columns, each cut out of every block that it was a part of."""

    columns: tuple[str, ...]
    groups: tuple[Labels, ...]


def in_blocks(engine: Engine, kinds: Kinds) -> tuple[Cut, ...]:
    """The cuts that were made: rows lie in one block that every cut has in the same group, or in none.

    All kinds start as one block. Each cut groups them by some of their labels, and a group, the largest first, is cut
    out of every block that it is a part of, unless a count would become too small on either side: fewer than
    `smallest`, but some, and less than it was. The blocks hang on nothing that is asked. So whatever answers over
    whole blocks are added and subtracted, what comes out is again about whole blocks.
    """
    made, last = [], 0
    with engine.together() as rows:
        table = f"CREATE TEMPORARY TABLE kinds AS SELECT *, CAST(0 AS BIGINT) AS block FROM ({kinds.select}) AS each"
        rows(table, kinds.values)
        _keep_whole(rows, kinds)
        for columns in kinds.cuts:
            candidates = _candidates(rows, kinds, columns)
            groups, moved = _cut_out(candidates, kinds.smallest)
            if groups:
                _move(rows, columns, moved, last)
                _keep_whole(rows, kinds)
                last += len(moved)
                made.append(Cut(columns, tuple(groups)))
    return tuple(made)


def _keep_whole(rows: Statements, kinds: Kinds) -> None:
    """Count the blocks as they are now."""
    counts = _added(kinds.counts, "all_")
    rows("DROP TABLE IF EXISTS whole")
    rows(f"CREATE TEMPORARY TABLE whole AS SELECT block, {counts} FROM kinds GROUP BY block")


def _candidates(rows: Statements, kinds: Kinds, columns: tuple[str, ...]) -> list[tuple[Labels, list[Part]]]:
    """The groups of a cut, the largest first, each with its part of every block of which it has some and not all.

    Those with a part of too few rows are left out: what is left of a block never becomes that small.
    """
    by, first, counts = ", ".join(columns), kinds.counts[0], kinds.counts
    same = " AND ".join(f"kinds.{column} IS NOT DISTINCT FROM large.{column}" for column in columns)
    own = ", ".join(f"kinds.{column}" for column in columns)
    labels = ", ".join(f"CAST({column} AS VARCHAR)" for column in columns)
    found = rows(f"""
        WITH each AS (SELECT block, {by}, {_added([first])} FROM kinds GROUP BY block, {by}),
        large AS (
            SELECT {by}, CAST(sum({first}) AS BIGINT) AS size FROM each JOIN whole USING (block) GROUP BY {by}
            HAVING bool_and({first} >= {kinds.smallest:d} OR {first} = all_{first}) AND bool_or({first} < all_{first})
        ),
        part AS (
            SELECT size, block, {own}, {_added(counts)} FROM kinds JOIN large ON {same} GROUP BY size, block, {own}
        )
        SELECT size, {labels}, block, {", ".join([*counts, *(f"all_{n}" for n in counts)])}
        FROM part JOIN whole USING (block) WHERE {first} < all_{first}
    """)
    groups: dict[tuple[int, Labels], list[Part]] = {}
    for size, *row in found:
        group, (block, *numbers) = tuple(row[: len(columns)]), row[len(columns) :]
        part = (block, tuple(numbers[: len(counts)]), tuple(numbers[len(counts) :]))
        groups.setdefault((size, group), []).append(part)
    in_order = sorted(groups, key=lambda group: (-group[0], [(label is None, label or "") for label in group[1]]))
    return [(group[1], groups[group]) for group in in_order]


def _added(counts: Sequence[str], before: str = "") -> str:
    return ", ".join(f"CAST(sum({n}) AS BIGINT) AS {before}{n}" for n in counts)


def _cut_out(
    candidates: Iterable[tuple[Labels, list[Part]]], smallest: int
) -> tuple[list[Labels], list[tuple[int, Labels]]]:
    """The groups that are cut out one after the other, and the parts, as (block, group), that leave their blocks."""
    left: dict[int, Counts] = {}
    groups: list[Labels] = []
    moved: list[tuple[int, Labels]] = []
    for labels, parts in candidates:
        taken = [(block, counts, left.get(block, whole)) for block, counts, whole in parts]
        taken = [(block, counts, whole) for block, counts, whole in taken if counts[0] < whole[0]]
        if taken and all(_may_part(counts, whole, smallest) for _, counts, whole in taken):
            left |= {block: tuple(map(int.__sub__, whole, counts)) for block, counts, whole in taken}
            groups.append(labels)
            moved += [(block, labels) for block, _, _ in taken]
    return groups, moved


def _may_part(part: Counts, whole: Counts, smallest: int) -> bool:
    """Whether a part and what is left of its block are both large enough, count by count, or are all there was."""
    return all(
        some in (0, every) or min(some, every - some) >= smallest for some, every in zip(part, whole, strict=True)
    )


def _move(rows: Statements, columns: tuple[str, ...], moved: Sequence[tuple[int, Labels]], last: int) -> None:
    """Give each part that leaves its block a number of its own, above the last."""
    values: dict[str, Any] = {
        "block": [block for block, _ in moved],
        "own": list(range(last + 1, last + 1 + len(moved))),
        **{name: [labels[at] for _, labels in moved] for at, name in enumerate(columns)},
    }
    types = {"block": "BIGINT", "own": "BIGINT"}
    given = ", ".join(f"unnest(CAST(${name} AS {types.get(name, 'VARCHAR')}[])) AS {name}" for name in values)
    same = " AND ".join(f"CAST(kinds.{name} AS VARCHAR) IS NOT DISTINCT FROM moved.{name}" for name in columns)
    rows(
        f"UPDATE kinds SET block = moved.own FROM (SELECT {given}) AS moved WHERE kinds.block = moved.block AND {same}",
        values,
    )
