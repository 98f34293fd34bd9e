"""Rows that may be summed up and not read, to blocks of them: what is told of a block is told of all of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Labels = tuple[object, ...]
Counts = tuple[int, ...]


def in_blocks(
    kinds: Sequence[tuple[Labels, Counts]], cuts: Iterable[tuple[int, ...]], smallest: int
) -> dict[Labels, int]:
    """The block, by number, of each kind of row.

    All kinds start as one block. Each cut groups them by some of their labels, and a group, the largest first, is cut
    out of every block that it is a part of, unless a count would become too small on either side: fewer than
    `smallest`, but some, and less than it was. The blocks hang on nothing that is asked. So whatever answers over
    whole blocks are added and subtracted, what comes out is again about whole blocks.

    Args: kinds: what the rows of a kind have under each field, and counts of them, the rows themselves first.
    cuts: places in the labels that are grouped by together, the most wanted first.
    """
    block = [0] * len(kinds)
    whole = {0: _added(counts for _, counts in kinds)}
    for cut in cuts:
        groups: dict[Labels, list[int]] = {}
        for at, (labels, _) in enumerate(kinds):
            groups.setdefault(tuple(labels[place] for place in cut), []).append(at)
        for members in _largest_first(kinds, groups):
            parts: dict[int, list[int]] = {}
            for at in members:
                parts.setdefault(block[at], []).append(at)
            taken = {number: _added(kinds[at][1] for at in part) for number, part in parts.items()}
            taken = {number: counts for number, counts in taken.items() if counts[0] < whole[number][0]}
            if all(_may_part(counts, whole[number], smallest) for number, counts in taken.items()):
                for number, counts in taken.items():
                    new = len(whole)
                    whole[new] = counts
                    whole[number] = tuple(map(int.__sub__, whole[number], counts))
                    for at in parts[number]:
                        block[at] = new
    return {labels: number for (labels, _), number in zip(kinds, block, strict=True)}


def _largest_first(kinds: Sequence[tuple[Labels, Counts]], groups: dict[Labels, list[int]]) -> list[list[int]]:
    def place(group: tuple[Labels, list[int]]) -> tuple[int, list[tuple[bool, str]]]:
        labels, members = group
        return -sum(kinds[at][1][0] for at in members), [(label is None, str(label)) for label in labels]

    return [members for _, members in sorted(groups.items(), key=place)]


def _may_part(part: Counts, whole: Counts, smallest: int) -> bool:
    """Whether a part and what is left of its block are both large enough, count by count, or are all there was."""
    return all(
        some in (0, every) or min(some, every - some) >= smallest for some, every in zip(part, whole, strict=True)
    )


def _added(counts: Iterable[Counts]) -> Counts:
    return tuple(map(sum, zip(*counts, strict=True)))
