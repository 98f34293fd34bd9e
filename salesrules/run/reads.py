"""The cells that a question reads to whether they are open to somebody: on any row at all, and on each row."""

from __future__ import annotations

from collections.abc import Iterable

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.expr.typed import Typed
from salesrules.meaning.reads import Read, reads_of
from salesrules.pack.pack import Pack
from salesrules.run.query import Query

Needed = tuple[frozenset[Read], ...]
"""What must be open: of each of these sets some cell."""


def each_of(reads: Iterable[Read]) -> Needed:
    """All of these cells."""
    return tuple(frozenset([read]) for read in sorted(reads))


def needed(pack: Pack, entity: str, touched: frozenset[Read], *by: Typed) -> Needed:
    """What a row must open to count in a figure that touches these cells, grouped by these paths.

    A figure that names no field still tells how many rows there are: those of which some category is open.
    """
    fields = pack.entities[entity].fields.values()
    anything = frozenset(Read((), entity, field.category) for field in fields)
    return each_of(touched | reads_of(pack, entity, *by, keys=True)) or (anything,)


def closed(
    snapshot: Snapshot, principal: Principal, every: Needed, action: str = "read"
) -> tuple[tuple[str, str], ...]:
    """The categories, each as (entity, category), that no grant could open to the asker on any row.

    Where one of several would do, all of them, or none.
    """
    actions = ("aggregate", "read") if action == "aggregate" else (action,)  # reading gives aggregating
    found: set[tuple[str, str]] = set()
    for any_of in every:
        pairs = {(read.entity, read.category) for read in any_of}
        if not any(snapshot.cell(principal, at, a, category).allows for at, category in pairs for a in actions):
            found |= pairs
    return tuple(sorted(found))


def open_on(query: Query, reads: Iterable[Read], action: str = "read") -> str:
    """True where all these cells are open, else false."""
    return met_on(query, each_of(reads), action)


def met_on(query: Query, every: Needed, action: str) -> str:
    """True where what is needed is open, else false."""
    some = [query.enough(action, any_of, every=False) for any_of in every]
    alone = query.enough(action, [reads[0] for reads in some if len(reads) == 1], every=True)
    each = [*([read] for read in alone), *(reads for reads in some if len(reads) > 1)]
    met = (" OR ".join(_open_at(query, read, action) for read in reads) for reads in each)
    return " AND ".join(f"({one})" for one in met) or "TRUE"


def _open_at(query: Query, read: Read, action: str) -> str:
    if not read.upwards:
        return query.open_at(action, read.path, read.entity, read.category)
    lft, rgt = (query.column(read.path, part) for part in ("lft", "rgt"))
    above = query.beside(read.entity, "above")
    first, last = above.place("lft"), above.place("rgt")
    shut = f"NOT {above.allowed(action, (), read.entity, read.category)}"
    upwards = f"NOT EXISTS (SELECT 1 FROM {above.source} WHERE {first} <= {lft} AND {rgt} <= {last} AND {shut})"
    # what lies above a record without a place nobody knows: only what is open on any record at all is open there
    unknown = query.allowed(action, None, read.entity, read.category)
    return f"CASE WHEN {query.column(read.path)} IS NOT NULL AND {lft} IS NULL THEN {unknown} ELSE {upwards} END"
