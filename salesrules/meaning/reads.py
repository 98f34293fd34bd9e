"""An expression about a record to the cells that it reads, step by step along its paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from salesrules.expr.typed import Leaf, Related, Typed, leaves
from salesrules.pack.entities import Field
from salesrules.pack.pack import Pack

PLACES = ("lft", "rgt", "depth")
"""The parts of a leaf that are the place of a thing in its tree."""


@dataclass(frozen=True, slots=True, order=True)
class Read:
    """A category of the record at the end of `path`; with `upwards`, of all records above it in their tree as well."""

    path: tuple[str, ...]
    entity: str
    category: str
    upwards: bool = False


def reads_of(pack: Pack, entity: str, *trees: Typed | None, keys: bool = False) -> frozenset[Read]:
    """Every cell that expressions on records of `entity` use.

    A place in a tree of records is made of the reference by which each record up to the root names the one above it.
    Args: keys: whether keys count. The key of a record that is listed comes with it; one that is only summed up hides
        its key like anything else.
    """
    used = {leaf for tree in trees if tree is not None for leaf in leaves(tree) if leaf.root == "row"}
    return frozenset(read for leaf in used for read in _along(pack, entity, leaf, keys))


def _along(pack: Pack, entity: str, leaf: Leaf, keys: bool) -> Iterator[Read]:
    at = entity
    for depth, step in enumerate(leaf.path):
        field = pack.entities[at].fields[step]
        if keys or step not in pack.entities[at].key:
            yield Read(leaf.path[:depth], at, field.category)
        at = field.to or at
    if leaf.part.startswith("many "):  # rows beside a record are of the category of its key
        yield from (Read(leaf.path, at, pack.entities[at].fields[key].category) for key in pack.entities[at].key)
    up = pack.tree_of(at)
    if leaf.part in PLACES and up is not None and _is_record(pack, entity, leaf.path):
        yield Read(leaf.path, at, pack.entities[at].fields[up].category, upwards=True)


def _is_record(pack: Pack, entity: str, path: tuple[str, ...]) -> bool:
    """Whether a path ends in a record rather than in a member of a dimension."""
    holder, field = field_at(pack, entity, path)
    return field.to is not None or field.id in pack.entities[holder].key


def leads_to_records(pack: Pack, node: Related) -> bool:
    """Whether rows beside a record have cells of their own, or lead to records that have, or to places among these."""
    if node.entity in pack.entities:
        return True
    kinds: dict[str, str] = {}
    for entity in pack.entities.values():
        for many in entity.many.values():
            kinds |= {many.by: entity.id, **many.fields} if many.from_ == node.entity else {}
    own = [leaf for leaf in leaves(node.where) if leaf.root == "many"]
    return any(len(leaf.path) > 1 or (leaf.part != "value" and kinds[leaf.path[0]] in pack.entities) for leaf in own)


def field_at(pack: Pack, entity: str, path: tuple[str, ...]) -> tuple[str, Field]:
    """The field at the end of a path, and the entity that it is a field of."""
    for step in path[:-1]:
        entity = pack.entities[entity].fields[step].to or entity
    return entity, pack.entities[entity].fields[path[-1]]
