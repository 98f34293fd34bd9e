"""Typed tables to the Organisation: people, their posts with dates, and the trees that they and the dimensions form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from salesrules.engines.engine import Engine
from salesrules.expr.sql import quoted
from salesrules.meaning import PERSON
from salesrules.pack.pack import Pack
from salesrules.sources.build import POSTS, REJECTS, ROLE
from salesrules.sources.lookups import Lookups, read_lookups
from salesrules.sources.tables import KEY, Reject, all_values

Interval = tuple[int, int, int]  # lft, rgt and depth: a subtree is an interval, and roots have depth 0


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
    """Posts by person, and the interval of every node by tree; what could not be read beside it.

    `rows` has, by entity and key, the people and whatever else conditions about the asker walk through; `lookups`
    are the value tables.
    """

    rows: Mapping[str, Mapping[str, Mapping[str, Any]]]
    posts: Mapping[str, tuple[Post, ...]]
    trees: Mapping[str, Mapping[str, Interval]]
    rejects: tuple[Reject, ...]
    lookups: Lookups

    @property
    def people(self) -> Mapping[str, Mapping[str, Any]]:
        """People by id."""
        return self.rows[PERSON]


def read_organisation(engine: Engine, pack: Pack, kept: Iterable[str] = (PERSON,)) -> Organisation:
    """The organisation out of a database that `build` has filled.

    Args: kept: the entities whose rows the organisation itself keeps, people among them.
    """
    trees: dict[str, dict[str, Interval]] = {}
    for name in dict.fromkeys((*pack.dimensions, ROLE, *(id for id in pack.entities if pack.tree_of(id)))):
        places = engine.rows(f"SELECT id, lft, rgt, depth FROM {quoted(f'tree {name}')}")
        trees[name] = {id: (lft, rgt, depth) for id, lft, rgt, depth in places}
    rows = {entity: {row[KEY]: row for row in all_values(engine, entity)} for entity in kept}
    posts, wrong = _posts(engine, pack, rows[PERSON], trees)
    rejects = (Reject(**{**row, "rows": int(row["rows"])}) for row in all_values(engine, REJECTS))
    return Organisation(rows, posts, trees, (*rejects, *wrong), read_lookups(engine, pack.tables, trees))


def _posts(
    engine: Engine, pack: Pack, people: Mapping[str, Any], trees: Mapping[str, Mapping[str, Interval]]
) -> tuple[dict[str, tuple[Post, ...]], list[Reject]]:
    """Read the posts; one that names no known person or role, or lacks its scope, opens nothing and is counted."""
    if pack.posts is None:
        return {}, []
    scopes: list[str] = sorted({dimension for role in pack.roles.values() for dimension in role.scope})
    posts: dict[str, tuple[Post, ...]] = {}
    wrong: dict[tuple[str, str], list[str]] = {}
    for row in all_values(engine, POSTS):
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
