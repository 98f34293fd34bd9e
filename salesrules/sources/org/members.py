"""The members of a dimension, written or from a table, to its tree, its labels, and every text that means one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

from salesrules.engines.duckdb import DuckDB
from salesrules.engines.engine import Engine
from salesrules.expr.sql import quoted
from salesrules.issue import Issue, PackError, nearest
from salesrules.pack.dimensions import Dimension, Member, MemberTable
from salesrules.pack.label import Label
from salesrules.pack.pack import Pack
from salesrules.pack.roles import Role
from salesrules.pack.word import Word
from salesrules.sources.org.member_tables import members_from
from salesrules.sources.org.trees import Node, Tree, grow, write_tree
from salesrules.sources.rows.faults import Reject
from salesrules.sources.rows.storage import declare_choices, member_type
from salesrules.sources.rows.tables import all_values
from salesrules.sources.settings.bindings import Binding

ROLE = "role"  # the dimension whose members are the roles
EVERYTHING = "*"  # the scope of a post that is bound to all members


def members_name(dimension: str) -> str:
    """The name of the engine's table of members: id, parent, label_en, label_zh and a column for each attribute."""
    return f"members of {dimension}"


def names_name(dimension: str) -> str:
    """The name of the engine's table of texts: `name`, and the `member` that it means."""
    return f"names {dimension}"


def read_members(
    engine: DuckDB, pack: Pack, dimension: Dimension, binding: Binding | None, scratch: Path
) -> list[Reject]:
    """Keep a dimension in the database, and say of which members the parent is missing on some day.

    Raises: PackError with every member that stands twice on a day, ends before it starts, or names no member.
    """
    if isinstance(dimension.members, MemberTable):
        assert binding is not None
        members = members_from(engine, dimension, dimension.members, binding, scratch)
    else:
        members = dimension.members
    if any(member.id == EVERYTHING for member in members):
        raise PackError([Issue("dimension.everything", dimension.span, {"dimension": dimension.id})])
    names = names_of(members, pack.aliases.get(dimension.id, {}), dimension.rename)
    issues = [*_overlaps(members, dimension), *_unknown(members, dimension, names, pack)]
    if issues:
        raise PackError(issues)
    nodes = [_node(member, names) for member in members]
    tree = grow(nodes, dimension.id, EVERYTHING)
    _insert_members(engine, dimension.id, members)
    _insert_names(engine, dimension.id, names)
    ids = [EVERYTHING, *(member.id for member in members)]
    declare_choices(engine, member_type(dimension.id), ids)
    write_tree(engine, dimension.id, tree, member_type(dimension.id))
    return list(_left_alone(dimension.id, nodes, tree))


def read_roles(engine: DuckDB, pack: Pack) -> None:
    """The roles as a flat tree, for posts and for the value tables that are looked up by role."""
    if ROLE in pack.dimensions:
        return
    _insert_names(engine, ROLE, names_of(tuple(pack.roles.values()), pack.aliases.get(ROLE, {}), {}))
    nodes = [Node(role.id, None, role.span) for role in pack.roles.values()]
    write_tree(engine, ROLE, grow(nodes, ROLE, EVERYTHING))


def names_of(
    members: Sequence[Member | Role], aliases: Mapping[str, str], renamed: Mapping[str, str]
) -> dict[str, str]:
    """What each text in the data means: an id itself, then what is declared, then a label that only one member has."""
    said: dict[str, set[str]] = {}
    for member in members:
        label = member.label
        for text in (label.en, label.zh) if label is not None else ():
            said.setdefault(text, set()).add(member.id)
    labels = {text: ids.pop() for text, ids in said.items() if len(ids) == 1}
    names = {name: member.id for member in members if isinstance(member, Member) for name in member.names}
    declared = {**renamed, **names, **{alias: str(id) for alias, id in aliases.items()}}
    return {**labels, **declared, **{member.id: member.id for member in members}}


def _node(member: Member, names: Mapping[str, str]) -> Node:
    parent = names[member.parent] if member.parent is not None else None
    becomes = tuple(names[id] for id in member.becomes)
    return Node(member.id, parent, member.span, member.from_, member.to, becomes)


def _overlaps(members: Iterable[Member], dimension: Dimension) -> Iterator[Issue]:
    """Two rows of one member that hold on the same day."""
    by_id: dict[str, list[Member]] = {}
    for member in members:
        by_id.setdefault(member.id, []).append(member)
    for id, found in by_id.items():
        found.sort(key=lambda member: member.from_ or date.min)
        for first, second in pairwise(found):
            if first.to is None or second.from_ is None or second.from_ < first.to:
                words = {"name": id, "dimension": dimension.id}
                yield Issue("dimension.overlap", second.span, words, other=first.span)


def _unknown(members: Sequence[Member], dimension: Dimension, names: Mapping[str, str], pack: Pack) -> Iterator[Issue]:
    """Parents, successors, aliases and new names that are no member."""
    ids = {member.id for member in members}
    said = [(word, member.span) for member in members for word in (member.parent, *member.becomes) if word is not None]
    wrong = [(text, span) for text, span in said if text not in names]
    for texts in (pack.aliases.get(dimension.id, {}), dimension.rename):
        wrong += [(id, id.span if id.span.file else dimension.span) for id in texts.values() if id not in ids]
    for text, span in wrong:
        words = {"name": str(text), "dimension": dimension.id}
        yield Issue("dimension.unknown_member", span, words, near=nearest(text, ids))


def _left_alone(dimension: str, nodes: Iterable[Node], tree: Tree) -> Iterator[Reject]:
    """The members below one that is gone and became nothing, or several: on such days they have no place."""
    alone = {
        node.id
        for node in nodes
        for start, places in zip(tree.starts, tree.places, strict=True)
        if node.parent is not None and node.on(start) and node.parent not in places
    }
    if alone:
        yield Reject(dimension, "parent", "reject.no_parent", len(alone), min(alone))


def _insert_members(engine: DuckDB, dimension: str, members: Sequence[Member]) -> None:
    """The members with what is known of them; of one that stands several times, what stands last."""
    last = {member.id: member for member in sorted(members, key=lambda member: member.from_ or date.min)}
    labels = {f"label_{lang}": [m.label.in_(lang) if m.label else None for m in last.values()] for lang in ("en", "zh")}
    attributes = dict.fromkeys(name for member in last.values() for name in member.attributes)
    columns = {name: [member.attributes.get(name) for member in last.values()] for name in attributes}
    parents = [str(member.parent) if member.parent is not None else None for member in last.values()]
    engine.insert(members_name(dimension), {"id": list(last), "parent": parents, **labels, **columns})


def with_members(engine: Engine, pack: Pack) -> Pack:
    """The pack with the members that its tables have, so that people are shown their labels wherever they come from."""
    read = {
        id: replace(dimension, members=_members(engine, id, dimension.members))
        for id, dimension in pack.dimensions.items()
        if isinstance(dimension.members, MemberTable)
    }
    return replace(pack, dimensions={**pack.dimensions, **read})


def _members(engine: Engine, dimension: str, table: MemberTable) -> tuple[Member, ...]:
    found = []
    for row in all_values(engine, members_name(dimension)):
        id, parent, en, zh = (row.pop(name) for name in ("id", "parent", "label_en", "label_zh"))
        label = Label(en, zh) if en else None
        attributes = {name: text for name, text in row.items() if text is not None}
        found.append(Member(id, table.span, Word(parent) if parent else None, label, attributes=attributes))
    return tuple(found)


def _insert_names(engine: DuckDB, dimension: str, names: Mapping[str, str]) -> None:
    engine.insert(names_name(dimension), {"name": list(names), "member": list(names.values())})


def read_names(engine: Engine, dimension: str) -> dict[str, str]:
    """Every text that means a member, out of the database."""
    return dict(engine.rows(f"SELECT name, member FROM {quoted(names_name(dimension))}"))
