"""Rows of a value table to its ties and holes: where no row is the most specific one, and where no row holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from salesrules.expr.kinds import BOOLEAN, DATE, INTEGER, Kind
from salesrules.expr.regions.boxes import TooMuch, Work
from salesrules.expr.regions.regions import MAX_WORK, NotProvable, Regions
from salesrules.expr.regions.ruled import ALWAYS, Ruled, boxed
from salesrules.expr.regions.rules import Gap, gaps
from salesrules.expr.regions.space import Space
from salesrules.expr.regions.spelling import MEMBER
from salesrules.expr.regions.witness import Witness
from salesrules.expr.typed import Apply, Constant, Leaf, Typed

ANY = "*"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a value or `*` for each key, and the days `[start, end)` on which it holds, None without end.

    The value of a key in a tree holds for all below it.
    """

    id: str
    keys: tuple[str, ...]
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Tie:
    """Two rows that hold for the witness, neither more specific than the other, and none that beats both.

    A row is more specific than another if it says as much or more in every key: a member says more than
    those above it, anything more than `*`. Numbers of stars are not counted, for a reader could not tell.
    """

    first: str
    second: str
    witness: Witness


def ties(keys: Mapping[str, Kind], rows: Sequence[Row], space: Space) -> Iterator[Tie | NotProvable]:
    """Every two rows that tie; `keys` are the keys in order with their kinds."""
    regions, _, of = _boxed(keys, rows, space)
    work = Work(MAX_WORK)
    try:
        for index in range(len(rows)):
            for at in range(index + 1, len(rows)):
                if regions.layout.meet(of[index].hull, of[at].hull):
                    yield from _tie(regions, list(keys.values()), rows, of, (index, at), work)
            work.take(len(rows))
    except TooMuch:
        yield NotProvable("tie", ())


def holes(keys: Mapping[str, Kind], rows: Sequence[Row], space: Space) -> Iterator[Gap | NotProvable]:
    """The keys for which no row holds; a key that is null is no hole, for the table is not asked then."""
    regions, start, of = _boxed(keys, rows, space)
    return gaps(regions, of, start)


def _boxed(keys: Mapping[str, Kind], rows: Sequence[Row], space: Space) -> tuple[Regions, Ruled, list[Ruled]]:
    given = frozenset(("row", (key,)) for key in keys)
    asked = replace(space, never_null=space.never_null | given)
    rules = [(row.id, _condition(keys, row, asked)) for row in rows]
    regions = Regions(asked, [ALWAYS, *(condition for _, condition in rules)])
    return regions, *boxed(regions, rules, ALWAYS)


def _condition(keys: Mapping[str, Kind], row: Row, space: Space) -> Typed:
    parts: list[Typed] = []
    for (key, kind), value in zip(keys.items(), row.keys, strict=True):
        if value == ANY:
            continue
        if kind.of in space.trees:
            place = Leaf(INTEGER, "row", (key,), "lft")
            first, last = (Leaf(INTEGER, f"{MEMBER}{kind.of}", (value,), part) for part in ("lft", "rgt"))
            parts += [Apply(BOOLEAN, ">=", (place, first)), Apply(BOOLEAN, "<=", (place, last))]
        else:
            parts.append(Apply(BOOLEAN, "=", (Leaf(kind, "row", (key,)), Constant(kind, value))))
    today = Leaf(DATE, "today", ())
    if row.start is not None:
        parts.append(Apply(BOOLEAN, ">=", (today, Constant(DATE, row.start))))
    if row.end is not None:
        parts.append(Apply(BOOLEAN, "<", (today, Constant(DATE, row.end))))
    return Apply(BOOLEAN, "and", tuple(parts)) if parts else ALWAYS


def _tie(
    regions: Regions, kinds: Sequence[Kind], rows: Sequence[Row], of: Sequence[Ruled], pair: tuple[int, int], work: Work
) -> Iterator[Tie]:
    first, second = (rows[at] for at in pair)
    if _beats(first, second, kinds, regions.space) or _beats(second, first, kinds, regions.space):
        return
    shared = of[pair[0]].hull & of[pair[1]].hull
    work.take(len(rows))
    above = [
        ruled.hull
        for row, ruled in zip(rows, of, strict=True)
        if regions.layout.meet(ruled.hull, shared)
        and _beats(row, first, kinds, regions.space)
        and _beats(row, second, kinds, regions.space)
    ]
    left = next(regions.layout.uncovered(shared, above, work), None)
    if left is not None:
        yield Tie(first.id, second.id, Witness(regions, left, shared))


def _beats(a: Row, b: Row, kinds: Sequence[Kind], space: Space) -> bool:
    """Whether `a` is more specific than `b`."""
    return _inside(a, b, kinds, space) and a.keys != b.keys


def _inside(a: Row, b: Row, kinds: Sequence[Kind], space: Space) -> bool:
    for low, high, kind in zip(a.keys, b.keys, kinds, strict=True):
        tree = space.trees.get(kind.of)
        if high in (ANY, low):
            continue
        if low == ANY or tree is None or not tree.at[high] <= tree.at[low] <= tree.ends[tree.at[high]]:
            return False
    return True
