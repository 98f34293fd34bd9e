"""Who sees which cell, read straight off the rule, slowly and obviously; the product is held against it."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np

ROW_ACTIONS = ("assign", "advance", "claim", "return", "transfer", "approve")
NEVER_LENT = ("assign", "claim", "return", "transfer", "audit")
COMPARE = {"=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt}
COMPARE[">="] = operator.ge
LOST = "#lost"  # what stands above a node that names a parent which is not there
UP = {"person": "manager", "team": "up"}  # the field that makes a tree of an entity


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
    groupings: dict[str, list[tuple[str, ...]]]  # by entity, what hidden rows may be told by, the most wanted first
    active: Any = ("is", True)
    modules: dict[str, dict[str, list[str]]] = field(default_factory=dict)  # entity: its categories, or "*"
    lent: dict[str, dict[str, Any]] = field(default_factory=dict)  # by who stands in for whom: whose, and what of it
    looked_at: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)


def included(world: World, role: str) -> set[str]:
    return {role}.union(*(included(world, other) for other in world.roles[role]))


def in_force(world: World, dated: dict[str, Any]) -> bool:
    return (dated["from"] is None or dated["from"] <= world.day) and (dated["to"] is None or world.day < dated["to"])


def giver(world: World, person: str) -> str:
    """Whose place somebody is in, who is nobody else's otherwise."""
    return world.lent[person]["giver"] if person in world.lent else person


def lends(world: World, person: str, roles: set[str], grant: dict[str, Any], entity: str) -> bool:
    """Whether a line of the giver's is one of who stands in: within what is lent, what opens by the posts that lend
    it, what closes by any post."""
    if person not in world.lent:
        return True
    lent, action = world.lent[person], grant["action"]
    within_it = action in lent["actions"] and action not in NEVER_LENT and entity in lent["of"]
    return within_it and (grant["effect"] == "deny" or bool(roles & lent["from"]))


@cache
def hats(world: World, person: str) -> list[tuple[dict[str, Any], set[str]]]:
    person = giver(world, person)
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
    person = giver(world, person)
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
    if not placed(world, tree, node) or not placed(world, tree, top):
        return None
    while node is not None and node != top:
        node = world.trees[tree][node]
    return node == top


def placed(world: World, tree: str, node: str | None) -> bool:
    """Whether the way up from a node ends at a root: where it is lost, nobody knows what lies above."""
    while node in world.trees[tree]:
        node = world.trees[tree][node]
    return node is None


@cache
def lines(world: World, person: str, action: str, entity: str, category: str) -> list[tuple[Any, dict[str, Any]]]:
    return [
        (post, grant)
        for post, roles in hats(world, person)
        for grant in world.grants
        if grant["role"] in roles
        and grant["action"] == action
        and speaks_of(world, grant, entity, category)
        and in_force(world, grant)
        and lends(world, person, roles, grant, entity)
    ]


def speaks_of(world: World, grant: dict[str, Any], entity: str, category: str) -> bool:
    """Whether a line is about a category, by itself or through a module that holds it."""
    held = ["*"] if grant["object"] == entity else []
    if grant["object"].startswith("module."):
        held = world.modules[grant["object"].removeprefix("module.")].get(entity, [])
    return ("*" in held or category in held) and grant["category"] in ("*", category)


def on(slice_: dict[str, Any], entity: str) -> Any:
    return slice_[entity] if entity in slice_ else slice_["*"]


def holds(world: World, name: str, person: str, post: Any, entity: str, row: dict[str, Any] | None) -> Any:
    """A slice on a row; on one that is lost, null if the slice looks at it. Kept, as a world never changes."""
    asked = (name, person, id(post), entity, id(row))
    if asked not in world.looked_at:
        term = on(world.slices[name], entity)
        unknown = row is None and paths(term)
        world.looked_at[asked] = None if unknown else value(world, term, person, post, entity, row or {})
    return world.looked_at[asked]


def cell(world: World, person: str, action: str, entity: str, category: str, row: dict[str, Any] | None) -> bool:
    said = [
        (grant["effect"], holds(world, grant["slice"], person, post, entity, row))
        for post, grant in lines(world, person, action, entity, category)
    ]
    opened = any(effect == "allow" and found is True for effect, found in said)
    return opened and all(found is False for effect, found in said if effect == "deny")


def may(world: World, person: str, action: str, entity: str, category: str, row: dict[str, Any] | None) -> bool:
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


def touched(world: World, entity: str, term: Any) -> set[tuple[Any, ...]]:
    """The cells of a term: (path to the record, its entity, category), and `up` beside it for all above the record."""
    found: set[tuple[Any, ...]] = {(path, tree, world.fields[tree][UP[tree]][0], "up") for tree, path in climbed(term)}
    for path in paths(term):
        there = entity
        for depth, step in enumerate(path):
            category, to = world.fields[there][step]
            found.add((path[:depth], there, category))
            there = to or there
    return found


def climbed(term: Any) -> set[tuple[str, tuple[str, ...]]]:
    """The trees of records that a term climbs, each with the path from where."""
    if not isinstance(term, tuple):
        return set()
    own = {(term[1], part[1:]) for part in term[2:] if part[0] == "row"} if term[0] == "within" else set()
    return {(tree, path) for tree, path in own if tree in UP}.union(*map(climbed, term))


def lost(world: World, entity: str, row: dict[str, Any], path: tuple[str, ...]) -> bool:
    """Whether a reference along a path names a record that is not there; nobody knows what that one was like."""
    for step in path:
        to = world.fields[entity][step][1]
        if to is not None and row[step] is not None and row[step] not in world.rows[to]:
            return True
        if to is None or row[step] is None:
            return False
        entity, row = to, world.rows[to][row[step]]
    return False


def open_upwards(world: World, person: str, action: str, tree: str, node: str | None) -> bool:
    """Whether each record from one up to the root of its tree shows which is the next; of a lost one nobody knows."""
    category, _ = world.fields[tree][UP[tree]]
    if not placed(world, tree, node):
        return may(world, person, action, tree, category, None)
    while node is not None:
        if not may(world, person, action, tree, category, world.rows[tree][node]):
            return False
        node = world.trees[tree][node]
    return True


def open_on(world: World, person: str, action: str, entity: str, row: dict[str, Any], one: Any) -> bool:
    """Whether a cell at the end of a path is open; an empty reference has no record that could be closed."""
    path, there, category, *upwards = one
    if upwards:
        return open_upwards(world, person, action, there, walk(world, entity, row, path))
    if lost(world, entity, row, path):
        return may(world, person, action, there, category, None)
    end = row if not path else world.rows[there].get(walk(world, entity, row, path))
    return end is None or may(world, person, action, there, category, end)


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


Rows = list[dict[str, Any]]


def aggregates(term: Any) -> list[Any]:
    return [part for side in term[1:] for part in aggregates(side)] if term[0] == "/" else [term]


@cache
def needs(world: World, entity: str, term: Any) -> list[list[Any]]:
    """What must be open: of each list some cell; of how many rows there are, any at all."""
    everything = [((), entity, category) for category in categories(world, entity)]
    return [[one] for one in sorted(touched(world, entity, term))] or [everything]


def refused(world: World, person: str, cells: list[list[Any]]) -> bool:
    return not all(any(spoken_for(world, person, one[1], one[2]) for one in some) for some in cells)


def is_open(world: World, person: str, action: str, entity: str, row: dict[str, Any], cells: list[list[Any]]) -> bool:
    def opens(one: Any) -> bool:
        asked = (person, action, entity, row["id"], one)
        if asked not in world.looked_at:
            world.looked_at[asked] = open_on(world, person, action, entity, row, one)
        return bool(world.looked_at[asked])

    return all(any(opens(one) for one in some) for some in cells)


def by_of(by: tuple[tuple[str, ...], ...]) -> Any:
    return ("by", *(("row", *path) for path in by))


@cache
def lasting(world: World, person: str, name: str) -> list[list[Any]]:
    """The cells that any question about a figure can be about."""
    entity, formula = world.kpis[name]
    grouped = by_of(tuple(groupings(world, person, entity)))
    return needs(world, entity, formula) + [[one] for one in sorted(touched(world, entity, grouped))]


@cache
def groupings(world: World, person: str, entity: str) -> list[tuple[str, ...]]:
    paths = world.groupings[entity]
    return [path for path in paths if not refused(world, person, needs(world, entity, ("row", *path)))]


@cache
def smallest(world: World, person: str, name: str) -> int:
    return max(world.smallest[category] for some in lasting(world, person, name) for _, _, category, *_ in some)


def counts(world: World, entity: str, term: Any, among: Rows) -> Rows:
    """The rows that bring a value to an aggregate; to an `added` one a value that is not zero."""
    head, path, where = term
    kept = [row for row in among if where is None or value(world, where, "", {}, entity, row) is True]
    found = [(row, walk(world, entity, row, path[1:]) if path is not None else 1) for row in kept]
    return [row for row, one in found if one is not None and (head != "added" or one != 0)]


@cache
def unread_of(world: World, person: str, name: str) -> Rows:
    """The rows that count in a figure and hide something."""
    entity, formula = world.kpis[name]
    rows = [
        r
        for r in world.rows[entity].values()
        if is_open(world, person, "aggregate", entity, r, needs(world, entity, formula))
    ]
    return [row for row in rows if not is_open(world, person, "read", entity, row, lasting(world, person, name))]


@cache
def let_through(world: World, person: str, name: str, pairs: bool) -> dict[Any, dict[Any, set[str]]]:
    """The groups of unread rows that are told whole, as keys, by the paths they are grouped by and their labels.

    Whatever these are added and subtracted, no outcome is about fewer rows than `smallest`: each outcome is a vector
    over the rows, and no row has so large a share of any of these vectors.
    """
    entity, formula = world.kpis[name]
    few, universe = smallest(world, person, name), unread_of(world, person, name)
    if not universe:
        return {}
    terms = aggregates(formula)
    wheres = [term for term in terms if term[2] is not None]
    sums = [term for term in terms if term[0] not in ("min", "max")]
    sums += [("added", *term[1:]) for term in terms if term[0] == "sum"]
    strata: dict[Any, Rows] = {}
    for row in universe:
        strata.setdefault(tuple(value(world, t[2], "", {}, entity, row) is True for t in wheres), []).append(row)
    watched: dict[tuple[str, ...], Any] = {}  # the keys of rows that hide a cell, and the paths that look at it
    for some in lasting(world, person, name):
        always = some in needs(world, entity, formula)
        looking = {path for path in groupings(world, person, entity) if some in needs(world, entity, ("row", *path))}
        hiding = [row for row in universe if not is_open(world, person, "read", entity, row, [some])]
        for term in [("count", None, None), *sums]:
            counted = {row["id"] for row in counts(world, entity, term, hiding)}
            for stratum in strata.values():
                keys = tuple(row["id"] for row in stratum if row["id"] in counted)
                by = watched.get(keys, set())
                watched[keys] = "all" if always or by == "all" else by | looking
    watched.pop((), None)

    def tells(way: tuple[tuple[str, ...], ...]) -> list[tuple[str, ...]]:
        return [keys for keys, by in watched.items() if by == "all" or by & set(way)]

    def label(row: dict[str, Any], paths: tuple[tuple[str, ...], ...]) -> Any:
        cells = [needs(world, entity, ("row", *path)) for path in paths]
        if not all(is_open(world, person, "aggregate", entity, row, each) for each in cells):
            return "outside"
        return tuple(walk(world, entity, row, path) for path in paths)

    found: dict[Any, dict[Any, set[str]]] = {}
    if all(len(keys) >= few for keys in tells(())):
        found[()] = {(): {row["id"] for row in universe}}
    told: list[tuple[Any, list[set[str]]]] = [((), [{row["id"] for row in universe}])]
    paths = groupings(world, person, entity)
    for way in [*((path,) for path in paths), *(combinations(paths, 2) if pairs else ())]:
        groups: dict[Any, set[str]] = {}
        for row in universe:
            groups.setdefault(label(row, way), set()).add(row["id"])
        alone = {key for keys in tells(way) if len(keys) < few for key in keys}
        kept = {name: keys for name, keys in groups.items() if len(keys) >= few and not keys & alone}
        more = 1
        while kept:
            rest = {row["id"] for row in universe}.difference(*kept.values())
            out = set()
            for keys in tells(way):
                if len(keys) >= few:
                    about = [of for other, of in told if not other or keys in tells(other)]
                    out |= standing_out(keys, [*about, [*kept.values(), rest]], few)
            if not out:
                break
            kept = {name: keys for name, keys in kept.items() if not keys & out}
            if out & rest:
                smallest_first = sorted(kept, key=lambda name: (len(groups[name]), in_order(name)))
                kept = {name: kept[name] for name in smallest_first[more:]}
                more *= 2
        if kept:
            told.append((way, [*kept.values(), {row["id"] for row in universe}.difference(*kept.values())]))
        found[way] = kept
    return found


def in_order(label: Any) -> Any:
    """Outside first, then text by its characters, then nothing."""
    return (
        []
        if label == "outside"
        else [(part is None, str(part).lower() if isinstance(part, bool) else part or "") for part in label]
    )


def standing_out(keys: tuple[str, ...], told: list[list[set[str]]], few: int) -> set[str]:
    """The rows that have a share of at least 1 in `few` - 1 of some vector that sums of groups make."""
    columns = [[float(key in group) for key in keys] for grouping in told for group in grouping if group & set(keys)]
    left, sizes, _ = np.linalg.svd(np.array(columns).T, full_matrices=False)
    share = (left[:, sizes > 1e-9] ** 2).sum(axis=1)
    return {key for key, each in zip(keys, share, strict=True) if each >= 1 / (few - 1) - 1e-9}


@cache
def kpi(world: World, person: str, name: str, by: tuple[tuple[str, ...], ...]) -> Any:
    """The figure and row count of each group and of all, TOO FEW where withheld; None where the KPI is refused."""
    entity, formula = world.kpis[name]
    cells = needs(world, entity, ("kpi", formula, by_of(by)))
    if refused(world, person, cells):
        return None
    known = [path for path in groupings(world, person, entity) if path in by]
    universe = {row["id"] for row in unread_of(world, person, name)}
    few = smallest(world, person, name)
    ends = [term for term in aggregates(formula) if term[0] in ("min", "max")]
    values = [term[1] for term in aggregates(formula) if term[0] == "sum"]
    added = [[one] for one in sorted(set().union(*(touched(world, entity, path) for path in values)))]
    beside = [some for some in cells if some not in added]

    def tells(group: Rows, label: Any) -> bool:
        unread = [row for row in group if not is_open(world, person, "read", entity, row, cells)]
        others = [some for some in cells if some not in lasting(world, person, name)]
        if any(not is_open(world, person, "read", entity, row, others) for row in unread):
            return True
        if few <= 1 or not unread:
            return False
        if any(counts(world, entity, term, unread) for term in ends):
            return True  # the least and the greatest are the value of one row
        for row in unread if added else ():  # what adds up is known, and what it is of is not
            shown, hides = (is_open(world, person, "read", entity, row, some) for some in (added, beside))
            if shown and not hides:
                return True
        let = let_through(world, person, name, len(known) > 1)
        hidden = {row["id"] for row in group} & universe
        ways = [(), *((path,) for path in known), *combinations(known, 2)]
        if label != "all":
            at = dict(zip(by, label, strict=True))
            return not any(let.get(way, {}).get(tuple(at[path] for path in way)) == hidden for way in ways)
        return () not in let or not (
            hidden == universe or any(let.get(way, {}).get("outside") == universe - hidden for way in ways)
        )

    inside = [row for row in world.rows[entity].values() if is_open(world, person, "aggregate", entity, row, cells)]
    groups: dict[Any, Rows] = {}
    for row in inside:
        groups.setdefault(tuple(walk(world, entity, row, path) for path in by), []).append(row)
    groups = {key: groups[key] for key in sorted(groups, key=lambda key: [(v is None, v or "") for v in key])}
    told = {**groups, "all": inside} if by else {"all": inside}
    gone = {key for key, rows in told.items() if tells(rows, key)}
    labels = needs(world, entity, by_of(by))
    known_to = {k for k, rows in groups.items() if any(is_open(world, person, "read", entity, r, labels) for r in rows)}
    answer = {key: (figure(world, formula, entity, rows), len(rows)) for key, rows in told.items() if key not in gone}
    answer |= {key if key == "all" or key in known_to else "nameless": "TOO FEW" for key in gone}
    return answer
