"""Who sees which cell, read straight off the rule, slowly and obviously; the product is held against it."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

ROW_ACTIONS = ("assign", "advance", "claim", "return", "transfer", "approve")
COMPARE = {"=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt}
COMPARE[">="] = operator.ge


@dataclass(eq=False)
class World:
    """One organisation on one day, never changed; a condition is like ("=", ("row", "owner"), ("user",))."""

    day: date
    fields: dict[str, dict[str, tuple[str, str | None]]]  # entity, field: its category, the entity it refers to
    rows: dict[str, dict[str, dict[str, Any]]]  # entity, key, field
    trees: dict[str, dict[str, str | None]]  # parents, by tree and node
    roles: dict[str, list[str]]
    posts: list[dict[str, Any]]
    grants: list[dict[str, Any]]
    slices: dict[str, dict[str, Any]]
    kpis: dict[str, tuple[str, Any]]
    smallest: dict[str, int]
    active: Any = ("is", True)


def included(world: World, role: str) -> set[str]:
    return {role}.union(*(included(world, other) for other in world.roles[role]))


def in_force(world: World, dated: dict[str, Any]) -> bool:
    return (dated["from"] is None or dated["from"] <= world.day) and (dated["to"] is None or world.day < dated["to"])


@cache
def hats(world: World, person: str) -> list[tuple[dict[str, Any], set[str]]]:
    me = world.rows["person"].get(person)
    if me is None or value(world, world.active, person, {}, "person", me) is not True:
        return []
    posts = [post for post in world.posts if post["person"] == person and in_force(world, post)]
    return [(post, included(world, post["role"])) for post in posts]


def walk(world: World, entity: str, row: dict[str, Any] | None, steps: tuple[str, ...]) -> Any:
    found: Any = None
    for step in steps:
        if row is None:
            return None
        found, to = row[step], world.fields[entity][step][1]
        if to is not None and found not in world.rows[to]:
            found = None  # a reference that leads nowhere is null
        entity, row = (entity, row) if to is None else (to, world.rows[to].get(found))
    return found


def value(world: World, term: Any, person: str, post: dict[str, Any], entity: str, row: dict[str, Any]) -> Any:
    head, *rest = term
    if head in ("row", "user", "post", "today", "is"):
        me = world.rows["person"].get(person)
        return {
            "row": lambda: walk(world, entity, row, tuple(rest)),
            "user": lambda: walk(world, "person", me, tuple(rest)) if rest else person,
            "post": lambda: post.get(rest[0]),
            "today": lambda: world.day,
            "is": lambda: rest[0],
        }[head]()
    if head == "within":
        return within(world, rest[0], *(value(world, part, person, post, entity, row) for part in rest[1:]), rest[2])
    found = [value(world, part, person, post, entity, row) for part in rest]
    if head == "null":
        return found[0] is None
    if head == "and":
        return False if False in found else None if None in found else True
    if head == "or":
        return True if True in found else None if None in found else False
    if head == "in":
        return None if found[0] is None else found[0] in found[1:]
    if None in found:
        return None
    return not found[0] if head == "not" else COMPARE[head](*found)


def within(world: World, tree: str, node: str | None, top: str | None, term: Any) -> bool | None:
    if node is None or top is None:
        return None
    if term[0] == "post" and top == "*":
        return True
    while node is not None and node != top:
        node = world.trees[tree][node]
    return node == top


@cache
def lines(world: World, person: str, action: str, entity: str, category: str) -> list[tuple[Any, dict[str, Any]]]:
    return [
        (post, grant)
        for post, roles in hats(world, person)
        for grant in world.grants
        if grant["role"] in roles
        and (grant["action"], grant["object"]) == (action, entity)
        and grant["category"] in ("*", category)
        and in_force(world, grant)
    ]


def on(slice_: dict[str, Any], entity: str) -> Any:
    return slice_[entity] if entity in slice_ else slice_["*"]


def cell(world: World, person: str, action: str, entity: str, category: str, row: dict[str, Any]) -> bool:
    said = [
        (grant["effect"], value(world, on(world.slices[grant["slice"]], entity), person, post, entity, row))
        for post, grant in lines(world, person, action, entity, category)
    ]
    opened = any(effect == "allow" and holds is True for effect, holds in said)
    return opened and all(holds is False for effect, holds in said if effect == "deny")


def may(world: World, person: str, action: str, entity: str, category: str, row: dict[str, Any]) -> bool:
    if action in ROW_ACTIONS:
        category = "*"
    own, read = (cell(world, person, a, entity, category, row) for a in (action, "read"))
    return (own or read) if action == "aggregate" else (own and read) if action == "export" else own


def categories(world: World, entity: str) -> list[str]:
    return sorted({category for category, _ in world.fields[entity].values()})


def listed(world: World, person: str, entity: str, row: dict[str, Any]) -> bool:
    return any(may(world, person, "read", entity, category, row) for category in categories(world, entity))


def paths(term: Any, root: str = "row") -> set[tuple[str, ...]]:
    if not isinstance(term, tuple):
        return set()
    return {term[1:]} if term[0] == root else set().union(*(paths(part, root) for part in term))


def touched(world: World, entity: str, at: set[tuple[str, ...]]) -> set[tuple[tuple[str, ...], str, str]]:
    found = set()
    for path in at:
        there = entity
        for depth, step in enumerate(path):
            category, to = world.fields[there][step]
            found.add((path[:depth], there, category))
            there = to or there
    return found


def may_all(world: World, person: str, action: str, entity: str, row: dict[str, Any], cells: set[Any]) -> bool:
    """Whether all cells that an expression reads are open; an empty reference has no record that could be closed."""
    for path, there, category in cells:
        end = row if not path else world.rows[there].get(walk(world, entity, row, path))
        if end is not None and not may(world, person, action, there, category, end):
            return False
    return True


def spoken_for(world: World, person: str, entity: str, category: str) -> bool:
    said = [line for action in ("aggregate", "read") for line in lines(world, person, action, entity, category)]
    return any(grant["effect"] == "allow" for _, grant in said)


def figure(world: World, term: Any, entity: str, rows: list[dict[str, Any]]) -> Any:
    head, *rest = term
    if head == "/":
        top, bottom = (figure(world, part, entity, rows) for part in rest)
        return None if top is None or not bottom else float(top) / float(bottom)
    path, where = rest
    kept = [row for row in rows if where is None or value(world, where, "", {}, entity, row) is True]
    if path is None:
        return len(kept)
    found = [v for v in (walk(world, entity, row, path[1:]) for row in kept) if v is not None]
    aggregates = {"count": len, "distinct": lambda v: len(set(v)), "sum": sum, "min": min, "max": max}
    return aggregates[head](found) if found or head in ("count", "distinct") else None


def withheld(unread: dict[Any, int], smallest: int) -> set[Any]:
    """The groups of which too little may be known: alone, or taken together as the total would give them away."""
    gone = {group for group, count in unread.items() if 0 < count < smallest}
    while gone and sum(unread[group] for group in gone) < smallest:
        rest = [group for group, count in unread.items() if count and group not in gone]
        if not rest:
            break
        gone.add(min(rest, key=lambda group: unread[group]))
    return gone


def kpi(world: World, person: str, name: str, by: tuple[tuple[str, ...], ...]) -> Any:
    """The figure and row count of each group and of all, TOO FEW where withheld; None where the KPI is refused."""
    entity, formula = world.kpis[name]
    cells = touched(world, entity, paths(formula) | set(by))
    every = all
    if not cells:  # how many rows there are is told of those where some category is open
        cells, every = {((), entity, category) for category in categories(world, entity)}, any
    if not every(spoken_for(world, person, there, category) for _, there, category in cells):
        return None
    smallest = max(world.smallest[category] for _, _, category in cells)

    def open_(action: str, row: dict[str, Any]) -> bool:
        return every(may_all(world, person, action, entity, row, {one}) for one in cells)

    inside = [row for row in world.rows[entity].values() if open_("aggregate", row)]
    groups: dict[Any, list[dict[str, Any]]] = {}
    for row in inside:
        groups.setdefault(tuple(walk(world, entity, row, path) for path in by), []).append(row)
    groups = {key: groups[key] for key in sorted(groups, key=lambda key: [(v is None, v or "") for v in key])}
    told = {**groups, "all": inside} if by else {"all": inside}

    def unread(rows: list[dict[str, Any]]) -> int:
        return sum(not open_("read", row) for row in rows)

    gone = withheld({key: unread(rows) for key, rows in groups.items()}, smallest) if by else set()
    gone |= {"all"} if 0 < unread(inside) < smallest else set()
    known = {key for key, rows in groups.items() if any(_label_read(world, person, entity, row, by) for row in rows)}
    answer = {key: (figure(world, formula, entity, rows), len(rows)) for key, rows in told.items() if key not in gone}
    answer |= {key if key == "all" or key in known else "nameless": "TOO FEW" for key in gone}
    return answer


def _label_read(world: World, person: str, entity: str, row: dict[str, Any], by: tuple[tuple[str, ...], ...]) -> bool:
    return may_all(world, person, "read", entity, row, touched(world, entity, set(by)))
