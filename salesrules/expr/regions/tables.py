"""Rows of a value table to its ties and holes: where no row is the most specific one, and where no row holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations

from salesrules.expr.kinds import BOOLEAN, DATE, INTEGER, Kind
from salesrules.expr.regions.boxes import TooMuch, Work
from salesrules.expr.regions.regions import MAX_WORK, NotProvable, Regions
from salesrules.expr.regions.ruled import ALWAYS, Ruled, boxed
from salesrules.expr.regions.rules import Gap, gaps
from salesrules.expr.regions.space import Space, Tree
from salesrules.expr.regions.spelling import MEMBER
from salesrules.expr.regions.witness import Witness
from salesrules.expr.typed import Apply, Constant, Leaf, Typed

ANY = "*"
_TODAY = Leaf(DATE, "today", ())


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
    regions, _, of = _boxed(keys, rows, space, ALWAYS)
    kinds, settled = list(keys.values()), _always_held(rows)
    work = Work(MAX_WORK)
    try:
        for pair in _near(rows, kinds, space, work):
            first, second = (rows[at] for at in pair)
            if (
                _beats(first, second, kinds, space)
                or _beats(second, first, kinds, space)
                or not regions.layout.meet(of[pair[0]].hull, of[pair[1]].hull)
                or (first.keys != second.keys and _shared_keys(first, second, kinds, space) in settled)
            ):
                continue
            yield from _tie(regions, kinds, rows, of, pair, work)
    except TooMuch:
        yield NotProvable("tie", ())


def holes(keys: Mapping[str, Kind], rows: Sequence[Row], space: Space) -> Iterator[Gap | NotProvable]:
    """The keys for which no row holds, on any day from the first to the last that a row names.

    A key that is null is no hole, for the table is not asked then.
    """
    regions, start, of = _boxed(keys, rows, space, _named_days(rows))
    return gaps(regions, of, start)


def _named_days(rows: Sequence[Row]) -> Typed:
    """That it is a day between the first and the last on which a row begins or holds for the last time; else any."""
    days = [row.start for row in rows if row.start is not None]
    days += [row.end - timedelta(1) for row in rows if row.end is not None]
    if not days:
        return ALWAYS
    first, last = (Constant(DATE, day) for day in (min(days), max(days)))
    return Apply(BOOLEAN, "and", (Apply(BOOLEAN, ">=", (_TODAY, first)), Apply(BOOLEAN, "<=", (_TODAY, last))))


def _near(rows: Sequence[Row], kinds: Sequence[Kind], space: Space, work: Work) -> Iterator[tuple[int, int]]:
    """Pairs of rows, in order, without most of those that share no key: by the key with most values."""
    if not kinds:  # a table without keys has one value a day
        work.take(len(rows) * len(rows))
        yield from combinations(range(len(rows)), 2)
    if not kinds or not rows:
        return
    at = max(range(len(kinds)), key=lambda key: len({row.keys[key] for row in rows}))
    tree = space.trees.get(kinds[at].of)
    found: list[tuple[int, int]] = []
    by_key: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        by_key.setdefault(row.keys[at], []).append(index)
    for key, same in by_key.items():
        found += combinations(same, 2)
        for higher in _above(key, tree):
            others = by_key.get(higher, [])
            work.take(len(same) * len(others) + 1)
            found += [(min(a, b), max(a, b)) for a in same for b in others]
    yield from sorted(found)


def _above(key: str, tree: Tree | None) -> Iterator[str]:
    """What lies above a value of a key, `*` at the top."""
    if key == ANY:
        return
    if tree is not None:
        place = tree.at[key]
        yield from (str(tree.order[at]) for at in range(place) if tree.ends[at] >= place)
    yield ANY


def _always_held(rows: Sequence[Row]) -> set[tuple[str, ...]]:
    """The keys that have a row without days."""
    return {row.keys for row in rows if row.start is None and row.end is None}


def _shared_keys(a: Row, b: Row, kinds: Sequence[Kind], space: Space) -> tuple[str, ...]:
    """The keys for which both hold, of two rows that share some: the more specific one of each."""
    keys = zip(a.keys, b.keys, kinds, strict=True)
    return tuple(low if _lies_in(low, high, kind, space) else high for low, high, kind in keys)


def _boxed(
    keys: Mapping[str, Kind], rows: Sequence[Row], space: Space, among: Typed
) -> tuple[Regions, Ruled, list[Ruled]]:
    given = frozenset(("row", (key,)) for key in keys)
    asked = replace(space, never_null=space.never_null | given)
    rules = [(row.id, _condition(keys, row, asked)) for row in rows]
    regions = Regions(asked, [among, *(condition for _, condition in rules)])
    return regions, *boxed(regions, rules, among)


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
    if row.start is not None:
        parts.append(Apply(BOOLEAN, ">=", (_TODAY, Constant(DATE, row.start))))
    if row.end is not None:
        parts.append(Apply(BOOLEAN, "<", (_TODAY, Constant(DATE, row.end))))
    return Apply(BOOLEAN, "and", tuple(parts)) if parts else ALWAYS


def _tie(
    regions: Regions, kinds: Sequence[Kind], rows: Sequence[Row], of: Sequence[Ruled], pair: tuple[int, int], work: Work
) -> Iterator[Tie]:
    first, second = (rows[at] for at in pair)
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
    return all(_lies_in(low, high, kind, space) for low, high, kind in zip(a.keys, b.keys, kinds, strict=True))


def _lies_in(low: str, high: str, kind: Kind, space: Space) -> bool:
    """Whether all that one value of a key holds for is also held by another."""
    tree = space.trees.get(kind.of)
    if high in (ANY, low):
        return True
    return low != ANY and tree is not None and tree.at[high] <= tree.at[low] <= tree.ends[tree.at[high]]
