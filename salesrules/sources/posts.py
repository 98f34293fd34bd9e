"""The table of posts to Posts: who is what, where, and on which days; one that cannot be read opens nothing."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from salesrules.engines.duckdb import DuckDB
from salesrules.engines.engine import Engine
from salesrules.pack.pack import Pack
from salesrules.sources.bindings import Binding
from salesrules.sources.formats import UNFIT
from salesrules.sources.members import EVERYTHING, ROLE, read_names
from salesrules.sources.periods import period
from salesrules.sources.reads import keep_all
from salesrules.sources.relations import AT
from salesrules.sources.tables import DAYS, Reject, all_values, read_raw

POSTS = "#posts"  # no table of a source is called so
POST = "post"  # what a line of the posts is called where it is left out


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
    source = read_raw(engine, POSTS, binding, wanted, scratch, DAYS)
    keep_all(engine, POST, source)  # who may have a post is known later than what was read


def _scopes(pack: Pack) -> list[str]:
    return sorted({str(dimension) for role in pack.roles.values() for dimension in role.scope})


def read_posts(
    engine: Engine, pack: Pack, people: Container[str]
) -> tuple[dict[str, tuple[Post, ...]], list[Reject], list[tuple[int, str, str]]]:
    """The posts by person out of the database; one that names no known person or role, or lacks its scope, is counted.

    Beside them the place, field and reason of each line that something is wrong with.

    A post that a person holds twice on some day gives nothing twice, and is counted as well.
    """
    if pack.posts is None:
        return {}, [], []
    scopes = _scopes(pack)
    names = {name: read_names(engine, name) | {EVERYTHING: EVERYTHING} for name in (*scopes, ROLE)}
    posts: dict[str, tuple[Post, ...]] = {}
    wrong: dict[tuple[str, str], list[str]] = {}
    places: list[tuple[int, str, str]] = []
    for row in all_values(engine, POSTS):
        fault = _fault(pack, row, names, people)
        if fault:
            wrong.setdefault(fault, []).append(str(row[fault[0]]).lstrip(UNFIT))
            places.append((row[AT], *fault))
            continue
        start, end = period(row)
        scope = {dimension: names[dimension].get(row[dimension]) for dimension in scopes}
        post = Post(row["person"], names[ROLE][row["role"]], scope, start, end)
        held = posts.get(post.person, ())
        if any(_same(post, other) for other in held):
            wrong.setdefault(("person", "reject.post_twice"), []).append(post.person)
            places.append((row[AT], "person", "reject.post_twice"))
        posts[post.person] = (*held, post)
    rejects = [Reject(POST, field, reason, len(texts), min(texts)) for (field, reason), texts in wrong.items()]
    return posts, rejects, places


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
