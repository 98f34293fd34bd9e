"""The tables of posts to Posts: who is what, where, and on which days; one that cannot be read opens nothing."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from salesrules.engines.duckdb import DuckDB
from salesrules.engines.engine import Engine
from salesrules.issue import Span
from salesrules.pack.pack import Pack
from salesrules.pack.roles import PostTable
from salesrules.sources.notes.reads import keep_all
from salesrules.sources.org.members import EVERYTHING, ROLE, read_names
from salesrules.sources.org.periods import period
from salesrules.sources.raw.cell_places import cell_places
from salesrules.sources.raw.formats import UNFIT
from salesrules.sources.raw.relations import AT
from salesrules.sources.rows.faults import Reject
from salesrules.sources.rows.tables import DAYS, all_values, read_raw
from salesrules.sources.settings.bindings import Binding

POSTS = "#posts"  # no table of a source is called so; further ones are `#posts 2` and so on
POST = "post"  # what a line of the posts is called where it is left out; in the second table it is `post 2`
NO_LOSS = ("reject.post_twice",)  # what is wrong with a line whose post is held all the same


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
class WrongPost:
    """A line of the posts that something is wrong with, and what can still be read of it.

    `kept` and `at` are what a line is called where it is left out, and its place there; `span` is where it was written.
    `role` is none where no role is meant; days that cannot be read are open.
    """

    kept: str
    at: int
    field: str
    reason: str
    span: Span
    person: str
    role: str | None
    start: date | None
    end: date | None

    @property
    def is_lost(self) -> bool:
        """Whether nobody holds the post, because it cannot be read."""
        return self.reason not in NO_LOSS

    def may_hold(self, day: date) -> bool:
        """Whether it would be held on a day, for all that can be read of it."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


def posts_by_name(pack: Pack) -> dict[str, PostTable]:
    """The tables of posts, each by the name of the engine's table that it is kept in."""
    return {POSTS if at == 1 else f"{POSTS} {at}": table for at, table in enumerate(pack.post_tables, 1)}


def kept_as(table: str) -> str:
    """What a line of a table of posts is called where it is left out."""
    return POST + table.removeprefix(POSTS)


def noted_as(kept: str) -> str:
    """The name under which it is noted how a table was read, from what its left out lines are called."""
    first, blank, number = kept.partition(" ")
    return POSTS.removeprefix("#") + blank + number if first == POST else kept


def keep_posts(engine: DuckDB, pack: Pack, bindings: Mapping[str, Binding], scratch: Path) -> None:
    """Keep the posts in the database as they are written, with `to` as the first day after.

    A table has the scopes of its role, or of all roles if it names the role in a column; others may be missing.
    """
    for name, table in posts_by_name(pack).items():
        needed = {"person", "from", "to", *_scopes(pack, table.role), *(() if table.role else ("role",))}
        columns = ("person", "role", *_scopes(pack), "from", "to")
        wanted = {column: column in needed for column in columns if column != "role" or not table.role}
        source = read_raw(engine, name, bindings[name], wanted, scratch, DAYS)
        keep_all(engine, kept_as(name), source)  # who may have a post is known later than what was read


def _scopes(pack: Pack, role: str | None = None) -> list[str]:
    """The dimensions that posts are bound to, in one role or in any."""
    roles = pack.roles.values() if role is None else [pack.roles[role]]
    return sorted({str(dimension) for each in roles for dimension in each.scope})


def read_posts(
    engine: Engine, pack: Pack, people: Container[str], root: Path
) -> tuple[dict[str, tuple[Post, ...]], list[Reject], list[WrongPost]]:
    """The posts by person out of the database; one that names no known person or role, or lacks its scope, is counted.

    A post that a person holds twice on some day gives nothing twice, and is counted as well.
    Args: root: the folder that the places of files start from.
    Returns: beside the posts each line that something is wrong with.
    """
    scopes = _scopes(pack)
    names = {name: read_names(engine, name) | {EVERYTHING: EVERYTHING} for name in (*scopes, ROLE)}
    posts: dict[str, tuple[Post, ...]] = {}
    wrong: dict[tuple[str, str, str], list[str]] = {}
    places: list[tuple[str, Mapping[str, Any], str, str]] = []
    for table, row in _rows(engine, pack):
        fault = _fault(pack, row, names, people)
        if fault:
            wrong.setdefault((table, *fault), []).append(str(row[fault[0]]).lstrip(UNFIT))
            places.append((table, row, *fault))
            continue
        start, end = period(row)
        scope = {dimension: names[dimension].get(row[dimension]) for dimension in scopes}
        post = Post(row["person"], names[ROLE][row["role"]], scope, start, end)
        held = posts.get(post.person, ())
        if any(_same(post, other) for other in held):
            wrong.setdefault((table, "person", "reject.post_twice"), []).append(post.person)
            places.append((table, row, "person", "reject.post_twice"))
        posts[post.person] = (*held, post)
    rejects = [Reject(*fault, len(texts), min(texts)) for fault, texts in wrong.items()]
    return posts, rejects, _wrong_posts(engine, pack, names[ROLE], places, root)


def _wrong_posts(
    engine: Engine,
    pack: Pack,
    roles: Mapping[str, str],
    lines: Sequence[tuple[str, Mapping[str, Any], str, str]],
    root: Path,
) -> list[WrongPost]:
    """Lines that something is wrong with, each with the place of the cell that is wrong."""
    found = []
    for name, table in posts_by_name(pack).items():
        own = [line for line in lines if line[0] == kept_as(name)]
        cells = [(row[AT], table.columns.get(field, field)) for _, row, field, _ in own]
        spans = cell_places(engine, noted_as(kept_as(name)), cells, root)
        for (kept, row, field, reason), span in zip(own, spans, strict=True):
            role = roles.get(row["role"])
            known = role if role in pack.roles else None
            days = (None, None) if reason == "reject.no_day" else (_day(row["from"]), _day(row["to"]))
            found.append(WrongPost(kept, row[AT], field, reason, span, row["person"] or "", known, *days))
    return found


def _day(text: str | None) -> date | None:
    """The day of a cell, none where it says none or cannot be read."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _rows(engine: Engine, pack: Pack) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every line of every table of posts, with what it is called where it is left out."""
    for name, table in posts_by_name(pack).items():
        for row in all_values(engine, name):
            yield kept_as(name), {**row, "role": table.role} if table.role else row


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
