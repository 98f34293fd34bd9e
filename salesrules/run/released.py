"""Rows that may be summed up and not read, to the groups of them whose sums may be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from salesrules.run.kinds import OUTSIDE, Cells
from salesrules.run.leverage import Codes, Numbers, Told

Way = tuple[int, ...]
"""A grouping: by none, one or two of the fields, as places among them."""
Labels = tuple[str, ...]
Chosen = NDArray[np.bool_]

_COLUMNS = 1_200  # of the cross table of all groups: to invert it takes a second
_LOOKS = 400_000_000  # into that table, for each grouping: about two seconds
_EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Released:
    """How many unread rows there are, and by grouping and labels the groups whose sums may be told, with their rows.

    All rows are the group of the grouping by nothing.
    """

    rows: int
    groups: Mapping[Way, Mapping[Labels, int]]


@dataclass(frozen=True, slots=True)
class _Watched:
    """Rows that must not stand out: kinds, as places among all, the fields that tell of them, and what is told.

    So few that nothing may be told of them at all have None.
    """

    fields: frozenset[int] | None
    kinds: Codes
    told: Told | None

    def of(self, way: Way) -> bool:
        """Whether a grouping tells of these rows."""
        return self.fields is None or not self.fields.isdisjoint(way)


def released(cells: Cells, smallest: int, pairs: bool) -> Released:
    """Let one grouping after the other be told, as far as it leaves no way to know about fewer rows than `smallest`.

    All rows come first, then groupings by one field, and with `pairs` those by two; so what is released of the first
    does not hang on the later ones. Of each grouping, groups join the rest, which is not told, until no row stands out
    in what all sums that are let through tell together (`leverage`), however they are added and subtracted. It all
    hangs on nothing that is asked. Groupings by more fields than that, or with too many groups to be sure in time, are
    not let through.
    Args: smallest: 2 or more.
    """
    watched = [
        _Watched(fields, np.flatnonzero(rows), Told.in_all(rows[rows > 0]) if rows.sum() >= smallest else None)
        for fields, rows in cells.counted
    ]
    total = int(cells.rows.sum())
    groups: dict[Way, Mapping[Labels, int]] = {}
    if all(each.told or each.fields is not None for each in watched):
        groups[()] = {(): total}
    for way in _ways(len(cells.codes), pairs):
        codes, names = _grouped(cells, way)
        sizes = np.bincount(codes, cells.rows).astype(np.float64)
        told = sizes >= smallest
        for each in watched:
            if each.of(way) and each.told is None:
                told[codes[each.kinds]] = False
        if _in_time(watched, len(cells.rows), told):
            told, watched = _let_through(watched, way, codes, sizes, told, 1 / (smallest - 1) - _EXACT)
            groups[way] = {names[code]: int(sizes[code]) for code in map(int, np.flatnonzero(told))}
    return Released(total, groups)


def _ways(fields: int, pairs: bool) -> Iterator[Way]:
    for size in (1, 2) if pairs else (1,):
        yield from combinations(range(fields), size)


def _grouped(cells: Cells, way: Way) -> tuple[Codes, Sequence[Labels]]:
    """The code of the group that each kind is in, and the labels that codes stand for, in their order."""
    combined = np.zeros(len(cells.rows), np.int64)
    for at in way:
        combined = combined * len(cells.names[at]) + cells.codes[at]
    outside = np.zeros(len(cells.rows), np.bool_)
    for at in way:
        outside |= np.array([name == OUTSIDE for name in cells.names[at]], np.bool_)[cells.codes[at]]
    combined[outside] = -1  # in no group by one is in no group by both
    _, first, codes = np.unique(combined, return_index=True, return_inverse=True)
    names = [
        tuple(OUTSIDE if outside[at] else cells.names[field][cells.codes[field][at]] for field in way) for at in first
    ]
    return codes.astype(np.int64), names


def _in_time(watched: Sequence[_Watched], kinds: int, told: Chosen) -> bool:
    known = [each.told for each in watched if each.told is not None]
    columns = max((len(each.inverse) for each in known), default=0) + int(told.sum())
    groupings = max((len(each.parts) for each in known), default=0) + 1
    return columns < _COLUMNS and kinds * groupings**2 < _LOOKS


def _let_through(
    watched: list[_Watched], way: Way, codes: Codes, sizes: Numbers, told: Chosen, most: float
) -> tuple[Chosen, list[_Watched]]:
    """The groups of a grouping that may be told beside all that is told, and what is told then.

    Args: codes: the group of each kind; told: the groups that may be, if nothing stands out by `most` or more.
    """
    more = 1
    while told.any():
        part = np.where(told, np.cumsum(told), 0)  # the rest is the first part
        after, out, in_doubt = list[_Watched](), np.zeros(len(told), np.bool_), False
        for each in watched:
            if each.told is None or not each.of(way):
                after.append(each)
                continue
            then = each.told.with_grouping(part[codes[each.kinds]], int(told.sum()) + 1)
            in_doubt |= then is None
            if then is not None:
                after.append(replace(each, told=then))
                out[codes[each.kinds[then.leverage() >= most]]] = True
        if not out.any() and not in_doubt:
            return told, after
        rest_stands_out = in_doubt or bool((out & ~told).any())
        told = told & ~out
        if rest_stands_out:
            left = np.flatnonzero(told)
            told[left[np.argsort(sizes[left], kind="stable")[:more]]] = False
            more *= 2
    return told, watched
