"""What a list shows under a filter and an order, read straight off the rule; the product is held against it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.truth import (
    UP,
    World,
    categories,
    climbed,
    lines,
    listed,
    may,
    open_on,
    open_upwards,
    paths,
    placed,
    value,
    walk,
)

Path = tuple[str, ...]
Order = tuple[tuple[Path, bool], ...]  # paths, each with whether it descends
HIDDEN, NOT_EXPORTED = "hidden", "not exported"
KEY = "id"


@dataclass
class Listing:
    """The rows in their order, how many of them show which categories, and what was left out."""

    rows: dict[str, tuple[Any, ...]]
    visible: Counter[frozenset[str]]
    uncompared: int
    not_exported: int


def cells(world: World, entity: str, at: set[Path]) -> set[tuple[Path, str, str]]:
    """The cells along paths: (path to the record, its entity, category); the key comes with the record."""
    found = set()
    for path in at:
        there = entity
        for depth, step in enumerate(path):
            category, to = world.fields[there][step]
            if step != KEY:
                found.add((path[:depth], there, category))
            there = to or there
    return found


def nobody_below(world: World, term: Any) -> Any:
    """A filter in which nothing lies below a record that is not there or has no place: who names it cannot tell."""
    if not isinstance(term, tuple):
        return term
    if term[0] == "within" and term[1] in UP and term[3][0] == "is" and not placed(world, term[1], term[3][1]):
        return ("not", ("within", term[1], term[2], term[2]))  # false where the row has a place, else null
    return tuple(nobody_below(world, part) for part in term)


def reads(world: World, person: str, action: str, entity: str, row: dict[str, Any], term: Any) -> bool:
    """Whether all that a term takes from a row is open: each step of a path, and each step up a tree of records."""
    for tree, path in climbed(term):
        if not open_upwards(world, person, action, tree, walk(world, entity, row, path)):
            return False
    return all(open_on(world, person, action, entity, row, one) for one in cells(world, entity, paths(term)))


def refused(world: World, person: str, entity: str, *terms: Any) -> bool:
    """Whether some cell of these terms is one that no grant could open."""
    asked = {(there, category) for term in terms for _, there, category in cells(world, entity, paths(term))}
    asked |= {(tree, world.fields[tree][UP[tree]][0]) for term in terms for tree, _ in climbed(term)}

    def opens(there: str, category: str) -> bool:
        return any(grant["effect"] == "allow" for _, grant in lines(world, person, "read", there, category))

    return not all(opens(*cell) for cell in asked)


def listing(
    world: World, person: str, entity: str, columns: list[Path], where: Any, order: Order, action: str = "read"
) -> Listing | None:
    """The list as a person asks for it, None where the question is refused."""
    if refused(world, person, entity, where, *(("row", *path) for path, _ in order)):
        return None
    seen = {key: row for key, row in world.rows[entity].items() if listed(world, person, entity, row)}
    compared = {key: row for key, row in seen.items() if reads(world, person, "read", entity, row, where)}
    asked = nobody_below(world, where)
    kept = {key: row for key, row in compared.items() if value(world, asked, person, {}, entity, row) is True}
    out = {key: row for key, row in kept.items() if shows(world, person, action, entity, row)}
    rows, visible = {}, Counter[frozenset[str]]()
    for key in arranged(world, person, entity, out, order):
        visible[shows(world, person, "read", entity, out[key])] += 1
        rows[key] = tuple(shown(world, person, action, entity, out[key], path) for path in columns)
    return Listing(rows, visible, len(seen) - len(compared), len(kept) - len(out))


def shows(world: World, person: str, action: str, entity: str, row: dict[str, Any]) -> frozenset[str]:
    return frozenset(c for c in categories(world, entity) if may(world, person, action, entity, c, row))


def shown(world: World, person: str, action: str, entity: str, row: dict[str, Any], path: Path) -> Any:
    if not reads(world, person, "read", entity, row, ("row", *path)):
        return HIDDEN
    if not reads(world, person, action, entity, row, ("row", *path)):
        return NOT_EXPORTED
    return walk(world, entity, row, path)


def arranged(world: World, person: str, entity: str, rows: dict[str, dict[str, Any]], order: Order) -> list[str]:
    """The keys in order: what is empty comes after what is not, what is hidden last, ties by key."""
    keys = sorted(rows)
    for path, descending in reversed(order):
        hidden = {k for k in keys if not reads(world, person, "read", entity, rows[k], ("row", *path))}
        found = {k: walk(world, entity, rows[k], path) for k in keys if k not in hidden}
        empty = {k for k, v in found.items() if v is None}
        full = sorted((k for k in found if k not in empty), key=found.__getitem__, reverse=descending)
        keys = [*full, *(k for k in keys if k in empty), *(k for k in keys if k in hidden)]
    return keys
