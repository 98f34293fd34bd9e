"""The table of posts to Posts: who is what, where, and on which days; one that cannot be read opens nothing."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from salesrules.engines.duckdb import DuckDB
from salesrules.pack.pack import Pack
from salesrules.sources.bindings import Binding
from salesrules.sources.members import EVERYTHING, ROLE, read_names
from salesrules.sources.periods import end_after, period
from salesrules.sources.tables import Reject, all_values, read_raw

POSTS = "#posts"  # no table of a source is called so


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


def keep_posts(engine: DuckDB, pack: Pack, binding: Binding, scratch: Path) -> None:
    """Keep the posts in the database as they are written, with `to` as the first day after."""
    wanted = {"person": True, "role": True, **dict.fromkeys([*_scopes(pack), "from", "to"], True)}
    read_raw(engine, POSTS, binding, wanted, scratch)
    end_after(engine, POSTS, binding)


def _scopes(pack: Pack) -> list[str]:
    return sorted({str(dimension) for role in pack.roles.values() for dimension in role.scope})


def read_posts(engine: DuckDB, pack: Pack, people: Container[str]) -> tuple[dict[str, tuple[Post, ...]], list[Reject]]:
    """The posts by person out of the database; one that names no known person or role, or lacks its scope, is counted.

    A post that a person holds twice on some day gives nothing twice, and is counted as well.
    """
    if pack.posts is None:
        return {}, []
    scopes = _scopes(pack)
    names = {name: read_names(engine, name) | {EVERYTHING: EVERYTHING} for name in (*scopes, ROLE)}
    posts: dict[str, tuple[Post, ...]] = {}
    wrong: dict[tuple[str, str], list[str]] = {}
    for row in all_values(engine, POSTS):
        fault = _fault(pack, row, names, people)
        if fault:
            wrong.setdefault(fault, []).append(str(row[fault[0]]))
            continue
        start, end = period(row)
        scope = {dimension: names[dimension].get(row[dimension]) for dimension in scopes}
        post = Post(row["person"], names[ROLE][row["role"]], scope, start, end)
        held = posts.get(post.person, ())
        if any(_same(post, other) for other in held):
            wrong.setdefault(("person", "reject.post_twice"), []).append(post.person)
        posts[post.person] = (*held, post)
    rejects = [Reject("post", field, reason, len(texts), min(texts)) for (field, reason), texts in wrong.items()]
    return posts, rejects


def _fault(
    pack: Pack, row: Mapping[str, Any], names: Mapping[str, Mapping[str, str]], people: Container[str]
) -> tuple[str, str] | None:
    """The field of a post that cannot be read, and why."""
    if row["person"] not in people:
        return "person", "reject.dangling"
    role = names[ROLE].get(row["role"], "")
    if role not in pack.roles:
        return "role", "reject.unknown_role"
    for dimension in pack.roles[role].scope:
        if row[dimension] is None:
            return dimension, "reject.no_scope"
        if row[dimension] not in names[dimension]:
            return dimension, "reject.unknown_member"
    for key in ("from", "to"):
        try:
            date.fromisoformat(row[key] or "2000-01-01")
        except ValueError:
            return key, "reject.type"
    start, end = period(row)
    return ("to", "reject.no_day") if start is not None and end is not None and end <= start else None


def _same(post: Post, other: Post) -> bool:
    """Whether two posts of one person are one and the same on some day."""
    alike = (post.role, post.scope) == (other.role, other.scope)
    return alike and all(a.start is None or b.end is None or a.start < b.end for a, b in ((post, other), (other, post)))
