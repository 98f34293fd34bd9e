"""Typed tables to the Organisation: people, their posts with dates, and the trees that they and the dimensions form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import quoted
from salesrules.issue import Issue, PackError, Span, nearest
from salesrules.meaning import PERSON
from salesrules.pack.dimensions import Dimension, MemberTable
from salesrules.pack.pack import Pack
from salesrules.sources.bindings import Settings
from salesrules.sources.tables import KEY, Reject, all_values, drop_dangling, read_entity, read_raw

Interval = tuple[int, int]
EVERYTHING = "*"  # the scope of a post that is bound to all members


@dataclass(frozen=True, slots=True)
class Post:
    """A person in a role, bound to members of dimensions, on days in `[start, end)`."""

    person: str
    role: str
    scope: Mapping[str, str | None]
    start: date | None
    end: date | None

    def on(self, day: date) -> bool:
        """Whether the person holds the post on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Organisation:
    """People by id, posts by person, and the interval of every node by tree; what could not be read beside it."""

    people: Mapping[str, Mapping[str, Any]]
    posts: Mapping[str, tuple[Post, ...]]
    trees: Mapping[str, Mapping[str, Interval]]
    rejects: tuple[Reject, ...]


def read_organisation(engine: DuckDB, pack: Pack, settings: Settings) -> Organisation:
    """Read every table that the pack needs into the engine, and the organisation out of them.

    Raises: PackError with all files, columns and cycles that stand in the way; nothing is half-read.
    """
    issues: list[Issue] = []
    rejects: list[Reject] = []
    trees: dict[str, dict[str, Interval]] = {}
    for dimension in pack.dimensions.values():
        try:
            trees[dimension.id] = _members(engine, pack, settings, dimension)
        except PackError as error:
            issues.extend(error.issues)
    for entity in pack.entities.values() if not issues else ():
        binding = settings.for_entity(entity.id, pack.about.pack)
        try:
            if binding is None:
                raise PackError([Issue("source.unbound", Span("salesrules.toml"), {"entity": entity.id})])
            rejects += read_entity(engine, pack, entity, binding)
        except PackError as error:
            issues.extend(error.issues)
    if issues:
        raise PackError(issues)
    rejects += drop_dangling(engine, pack)
    for entity in pack.entities.values():
        parent = pack.tree_of(entity.id)
        if parent:
            pairs = engine.rows(f"SELECT {quoted(KEY)}, {quoted(parent)} FROM {quoted(entity.id)}")
            trees[entity.id] = _tree(engine, entity.id, pairs, entity.span)
    people = {row[KEY]: row for row in all_values(engine, PERSON)}
    posts, wrong = _posts(engine, pack, settings, people, trees)
    return Organisation(people, posts, trees, (*rejects, *wrong))


def _members(engine: DuckDB, pack: Pack, settings: Settings, dimension: Dimension) -> dict[str, Interval]:
    """Read the members of a dimension; every text that means one goes into the table `names <dimension>`."""
    if isinstance(dimension.members, MemberTable):
        pairs, names = _member_table(engine, settings, dimension, dimension.members)
    else:
        pairs = [(member.id, member.parent) for member in dimension.members]
        names = {}
    names |= {id: id for id, _ in pairs}
    for alias, id in pack.aliases.get(dimension.id, {}).items():
        if id not in dict(pairs):
            words = {"name": id, "dimension": dimension.id}
            raise PackError([Issue("dimension.unknown_member", dimension.span, words, near=nearest(id, dict(pairs)))])
        names[alias] = id
    engine.insert(f"names {dimension.id}", {"name": list(names), "member": list(names.values())})
    return _tree(engine, dimension.id, pairs, dimension.span)


def _member_table(
    engine: DuckDB, settings: Settings, dimension: Dimension, table: MemberTable
) -> tuple[list[tuple[str, str | None]], dict[str, str]]:
    binding = settings.for_table(table.file, {**table.columns, **table.levels}, table.source, table.span)
    levels = list(table.levels) or ["id", "parent"]
    wanted = {name: name != "parent" for name in levels}
    if table.value:
        wanted[table.value] = True
    read_raw(engine, f"raw {dimension.id}", binding, wanted)
    rows = all_values(engine, f"raw {dimension.id}")
    if not table.levels:
        return [(row["id"], row["parent"]) for row in rows], {}
    parents: dict[str, str | None] = {}
    names = {}
    for row in rows:
        path = [row[level] for level in levels]
        for parent, id in zip([None, *path], path, strict=False):
            if parents.setdefault(id, parent) != parent:
                words = {"name": id, "dimension": dimension.id}
                raise PackError([Issue("dimension.two_parents", dimension.span, words)])
        if table.value:
            names[row[table.value]] = path[-1]
    return list(parents.items()), names


def _tree(engine: DuckDB, name: str, pairs: Iterable[tuple[str, str | None]], span: Span) -> dict[str, Interval]:
    """The interval of each node, so that a subtree is `lft between`, kept in the table `tree <name>`.

    Raises: PackError if a node is its own ancestor.
    Source: nested sets by preorder number; the interval of a node holds those of all below it.
    """
    parent_of = dict(pairs)
    below: dict[str | None, list[str]] = {}
    for id, parent in parent_of.items():
        below.setdefault(parent if parent in parent_of else None, []).append(id)
    found: dict[str, Interval] = {}
    ahead: list[tuple[str, bool]] = [(id, False) for id in reversed(below.get(None, []))]
    count = 0
    starts: dict[str, int] = {}
    while ahead:
        id, left = ahead.pop()
        if left:
            found[id] = (starts[id], count)
            continue
        count += 1
        starts[id] = count
        ahead.append((id, True))
        ahead.extend((child, False) for child in reversed(below.get(id, [])))
    circle = [id for id in parent_of if id not in found]
    if circle:
        raise PackError([Issue("tree.cycle", span, {"name": circle[0], "tree": name})])
    found[EVERYTHING] = (1, max(1, count))
    lft, rgt = [place[0] for place in found.values()], [place[1] for place in found.values()]
    engine.insert(f"tree {name}", {"id": list(found), "lft": lft, "rgt": rgt})
    return found


def _posts(
    engine: DuckDB,
    pack: Pack,
    settings: Settings,
    people: Mapping[str, Any],
    trees: Mapping[str, Mapping[str, Interval]],
) -> tuple[dict[str, tuple[Post, ...]], list[Reject]]:
    """Read the posts; one that names no known person or role, or lacks its scope, opens nothing and is counted."""
    if pack.posts is None:
        return {}, []
    table = pack.posts
    binding = settings.for_table(table.file, table.columns, table.source, table.span)
    scopes: list[str] = sorted({dimension for role in pack.roles.values() for dimension in role.scope})
    read_raw(
        engine, "raw post", binding, {"person": True, "role": True, **dict.fromkeys([*scopes, "from", "to"], False)}
    )
    posts: dict[str, tuple[Post, ...]] = {}
    wrong: dict[tuple[str, str], list[str]] = {}
    for row in all_values(engine, "raw post"):
        role = pack.aliases.get("role", {}).get(row["role"], row["role"])
        fault = _post_fault(pack, row, role, people, trees)
        if fault:
            wrong.setdefault(fault, []).append(str(row[fault[0]]))
            continue
        scope = {dimension: row[dimension] for dimension in scopes}
        start, end = (date.fromisoformat(row[key]) if row[key] else None for key in ("from", "to"))
        posts[row["person"]] = (*posts.get(row["person"], ()), Post(row["person"], role, scope, start, end))
    rejects = [Reject("post", field, reason, len(texts), min(texts)) for (field, reason), texts in wrong.items()]
    return posts, rejects


def _post_fault(
    pack: Pack,
    row: Mapping[str, Any],
    role: str,
    people: Mapping[str, Any],
    trees: Mapping[str, Mapping[str, Interval]],
) -> tuple[str, str] | None:
    if row["person"] not in people:
        return "person", "reject.dangling"
    if role not in pack.roles:
        return "role", "reject.unknown_role"
    for dimension in pack.roles[role].scope:
        if row[dimension] is None:
            return dimension, "reject.no_scope"
        if row[dimension] not in trees[dimension]:
            return dimension, "reject.unknown_member"
    for key in ("from", "to"):
        try:
            date.fromisoformat(row[key] or "2000-01-01")
        except ValueError:
            return key, "reject.type"
    return None
