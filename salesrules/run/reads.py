"""An expression on a record to the cells that a person must read before it may be used there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.expr.sql import quoted
from salesrules.expr.typed import Leaf, Typed, leaves
from salesrules.pack.entities import Field
from salesrules.pack.pack import Pack
from salesrules.run.query import Query

_PLACES = ("lft", "rgt", "depth")


@dataclass(frozen=True, slots=True, order=True)
class Read:
    """A category of the record at the end of `path`; with `upwards`, of all records above it in their tree as well."""

    path: tuple[str, ...]
    entity: str
    category: str
    upwards: bool = False


def reads_of(pack: Pack, entity: str, *trees: Typed | None) -> frozenset[Read]:
    """Every cell that expressions on records of `entity` use, step by step along their paths.

    A key comes with its record, so it is none. A place in a tree of records is made of the reference by which each
    record up to the root names the one above it.
    """
    used = {leaf for tree in trees if tree is not None for leaf in leaves(tree) if leaf.root == "row"}
    return frozenset(read for leaf in used for read in _along(pack, entity, leaf))


def _along(pack: Pack, entity: str, leaf: Leaf) -> Iterator[Read]:
    at = entity
    for depth, step in enumerate(leaf.path):
        field = pack.entities[at].fields[step]
        if step not in pack.entities[at].key:
            yield Read(leaf.path[:depth], at, field.category)
        at = field.to or at
    if leaf.part.startswith("many "):  # rows beside a record are of the category of its key
        yield from (Read(leaf.path, at, pack.entities[at].fields[key].category) for key in pack.entities[at].key)
    up = pack.tree_of(at)
    if leaf.part in _PLACES and _is_record(pack, entity, leaf.path) and up is not None:
        yield Read(leaf.path, at, pack.entities[at].fields[up].category, upwards=True)


def _is_record(pack: Pack, entity: str, path: tuple[str, ...]) -> bool:
    """Whether a path ends in a record rather than in a member of a dimension."""
    holder, field = field_at(pack, entity, path)
    return field.to is not None or field.id in pack.entities[holder].key


def field_at(pack: Pack, entity: str, path: tuple[str, ...]) -> tuple[str, Field]:
    """The field at the end of a path, and the entity that it is a field of."""
    for step in path[:-1]:
        entity = pack.entities[entity].fields[step].to or entity
    return entity, pack.entities[entity].fields[path[-1]]


def closed(snapshot: Snapshot, principal: Principal, reads: Iterable[Read], action: str = "read") -> list[Read]:
    """Those that no grant could open to the asker on any row."""
    return sorted(
        {
            Read((), read.entity, read.category)
            for read in reads
            if not snapshot.cell(principal, read.entity, action, read.category).allows
        }
    )


def open_on(query: Query, reads: Iterable[Read], action: str = "read") -> str:
    """True where all these cells are open, else false."""
    conditions = [
        _open_upwards(query, read, action)
        if read.upwards
        else f"({query.open_at(action, read.path, read.entity, read.category)})"
        for read in sorted(reads)
    ]
    return " AND ".join(conditions) or "TRUE"


def _open_upwards(query: Query, read: Read, action: str) -> str:
    lft, rgt = (query.column(read.path, part) for part in ("lft", "rgt"))
    above = query.beside(read.entity, "above")
    shut = f"NOT {above.allowed(action, (), read.entity, read.category)}"
    place = f"{quoted('tree ' + read.entity)} AS place"
    own = f"place.id = {above.column(())} AND place.lft <= {lft} AND {rgt} <= place.rgt"
    return f"NOT EXISTS (SELECT 1 FROM {above.source} JOIN {place} ON {own} WHERE {shut})"
