"""The cells that a figure touches to the conditions on the rows that it may be computed from."""

from __future__ import annotations

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.compile import Touched
from salesrules.run.query import Query

Needed = tuple[Touched, ...]


def needed(snapshot: Snapshot, entity: str, touched: Touched) -> Needed:
    """What a row must open to count: of each of these sets of cells, some cell.

    A KPI that names no field still tells how many rows there are: those of which some category is open.
    """
    fields = snapshot.program.pack.entities[entity].fields.values()
    anything: Touched = frozenset(((), entity, field.category) for field in fields)
    return tuple(frozenset([cell]) for cell in sorted(touched)) if touched else (anything,)


def closed(snapshot: Snapshot, principal: Principal, entity: str, touched: Touched) -> list[tuple[str, str]]:
    """The categories, each as (entity, category), for which a question that touches these cells is refused.

    All must be open on some row, to read or at least to aggregate; of a question that touches none, any of `entity`.
    """
    every = needed(snapshot, entity, touched)
    actions = ("aggregate", "read")  # reading gives aggregating
    found: set[tuple[str, str]] = set()
    for any_of in every:
        pairs = {(at, category) for _, at, category in any_of}
        if not any(snapshot.cell(principal, at, a, category).allows for at, category in pairs for a in actions):
            found |= pairs
    return sorted(found)


def open_on(query: Query, action: str, every: Needed) -> str:
    """True where what is needed is open, else false."""
    each = [query.enough(action, any_of, every=False) for any_of in every]
    alone = query.enough(action, [cells[0] for cells in each if len(cells) == 1], every=True)
    each = [*([cell] for cell in alone), *(cells for cells in each if len(cells) > 1)]
    return " AND ".join(f"({' OR '.join(query.open_at(action, *cell) for cell in cells)})" for cells in each)
