"""The rows of a value table, stretch by stretch of days, to Issues: where two of them tie, and where none holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from salesrules.check.analysis import table_issues
from salesrules.expr.kinds import Kind
from salesrules.expr.regions.space import Space
from salesrules.expr.regions.space import Tree as Nested
from salesrules.expr.regions.tables import ANY, Row
from salesrules.issue import Issue, Span
from salesrules.pack.tables import ValueTable
from salesrules.sources.org.trees import Interval, Tree


@dataclass(frozen=True, slots=True)
class Held:
    """The keys of a row, each a member or `*`, the days `[start, end)` on which it holds, and where it stands."""

    keys: tuple[str, ...]
    start: date | None
    end: date | None
    span: Span


def unsettled(table: ValueTable, rows: Sequence[Held], trees: Mapping[str, Tree]) -> Iterator[Issue]:
    """Where rows tie, or none holds, each told once however many stretches of days it is so."""
    kinds = {str(key): Kind("member", key) for key in table.keys}
    told: dict[tuple[str, Span, Span | None], Issue] = {}
    for first, last in stretches([trees[key] for key in kinds], None, None):
        places = {key: trees[key].on(first) for key in kinds}
        here = [(_clipped(str(at), row, first, last), row.span) for at, row in enumerate(rows) if _on(row, first, last)]
        here = [(row, span) for row, span in here if _there(row, places)]
        if rows and not here:  # of days before the first row and after the last the table says nothing
            continue
        space = Space({key: Nested.nested(_spans(found)) for key, found in places.items()})
        for issue in table_issues(table.id, Span(table.file), kinds, here, space):
            told.setdefault((issue.code, issue.span, issue.other), issue)
    yield from told.values()


def stretches(trees: Iterable[Tree], start: date | None, end: date | None) -> Iterator[tuple[date, date]]:
    """The days `[start, end)` cut where one of the trees changes; `date.min` and `date.max` where they have no end."""
    cuts = sorted({start or date.min, *(day for tree in trees for day in tree.starts), end or date.max})
    for first, last in pairwise(cuts):
        if (start is None or start <= first) and (end is None or last <= end):
            yield first, last


def _on(row: Held, first: date, last: date) -> bool:
    return (row.start is None or row.start < last) and (row.end is None or row.end > first)


def _clipped(id: str, row: Held, first: date, last: date) -> Row:
    start, end = max(row.start or date.min, first), min(row.end or date.max, last)
    return Row(id, row.keys, None if start == date.min else start, None if end == date.max else end)


def _there(row: Row, places: Mapping[str, Mapping[str, Interval]]) -> bool:
    """Whether every member that the row names is there."""
    found = [place.get(key) for key, place in zip(row.keys, places.values(), strict=True)]
    return all(place is not None and place[1] is not None for place in found)


def _spans(places: Mapping[str, Interval]) -> dict[str, tuple[int, int]]:
    return {id: (lft, rgt) for id, (lft, rgt, _) in places.items() if id != ANY and rgt is not None}
