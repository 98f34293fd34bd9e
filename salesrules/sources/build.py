"""A pack and its bindings to one database: typed tables, the trees, the raw posts, and what was rejected."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from salesrules.engines.duckdb import DuckDB
from salesrules.engines.engine import Engine
from salesrules.expr.sql import quoted
from salesrules.issue import Issue, PackError, Span, nearest
from salesrules.pack.dimensions import Dimension, MemberTable
from salesrules.pack.pack import Pack
from salesrules.pack.table import Table
from salesrules.sources.beside import tables_of
from salesrules.sources.bindings import FILE, Binding, Settings
from salesrules.sources.tables import KEY, Reject, all_values, drop_dangling, read_entity, read_raw
from salesrules.sources.values import read_values, values_name

ROLE = "role"  # the dimension whose members are the roles
POSTS, REJECTS = "#posts", "#rejects"  # no table of a source is called so
EVERYTHING = "*"  # the scope of a post that is bound to all members


def bindings_of(pack: Pack, settings: Settings) -> dict[str, Binding]:
    """Every file that the pack reads, by what is read from it.

    Raises: PackError with every entity that nothing is bound to, and every source that does not exist.
    """
    found, issues = _list_bindings(pack, settings)
    for entity in tables_of(pack):
        binding = settings.for_entity(entity, pack.about.pack)
        if binding is None:
            issues.append(Issue("source.unbound", Span(FILE), {"entity": entity}))
        else:
            found[entity] = binding
    if issues:
        raise PackError(issues)
    return found


def list_bindings(pack: Pack, settings: Settings) -> dict[str, Binding]:
    """Every file of members, values and posts, by what is read from it.

    Raises: PackError with every source that does not exist.
    """
    found, issues = _list_bindings(pack, settings)
    if issues:
        raise PackError(issues)
    return found


def _list_bindings(pack: Pack, settings: Settings) -> tuple[dict[str, Binding], list[Issue]]:
    found: dict[str, Binding] = {}
    issues: list[Issue] = []
    tables: dict[str, Table] = {
        _members_name(d): d.members for d in pack.dimensions.values() if isinstance(d.members, MemberTable)
    }
    tables |= {values_name(table.id): table for table in pack.tables.values()}
    for name, table in (*tables.items(), *([(POSTS, pack.posts)] if pack.posts else [])):
        columns = {**table.columns, **table.levels} if isinstance(table, MemberTable) else table.columns
        try:
            found[name] = settings.for_table(table.file, columns, table.source, table.span)
        except PackError as error:
            issues.extend(error.issues)
    return found, issues


def build(engine: DuckDB, pack: Pack, bindings: dict[str, Binding], scratch: Path) -> None:
    """Read everything into an empty database.

    Raises: PackError with all files, columns and cycles that stand in the way.
    """
    issues = build_lists(engine, pack, bindings, scratch)
    rejects: list[Reject] = []
    for entity in tables_of(pack).values():
        try:
            rejects += read_entity(engine, entity, bindings[entity.id], scratch, pack.about.timezone)
        except PackError as error:
            issues.extend(error.issues)
    if issues:
        raise PackError(issues)
    rejects += drop_dangling(engine, tables_of(pack))
    build_trees(engine, pack)
    keep_rejects(engine, rejects)


def build_lists(engine: DuckDB, pack: Pack, bindings: dict[str, Binding], scratch: Path) -> list[Issue]:
    """Read what stands beside the records: members, roles, value tables and posts; what is wrong with the last two.

    Raises: PackError with all that is wrong with members, without which nothing else can be read.
    """
    issues: list[Issue] = []
    for dimension in pack.dimensions.values():
        try:
            _members(engine, pack, dimension, bindings.get(_members_name(dimension)), scratch)
        except PackError as error:
            issues.extend(error.issues)
    if issues:
        raise PackError(issues)
    _roles(engine, pack)
    for table in pack.tables.values():
        try:
            read_values(engine, table, bindings[values_name(table.id)], scratch)
        except PackError as error:
            issues.extend(error.issues)
    try:
        _posts(engine, pack, bindings, scratch)
    except PackError as error:
        issues.extend(error.issues)
    return issues


def _posts(engine: DuckDB, pack: Pack, bindings: dict[str, Binding], scratch: Path) -> None:
    if pack.posts is not None:
        scopes = {dimension for role in pack.roles.values() for dimension in role.scope}
        wanted = {"person": True, "role": True, **dict.fromkeys([*sorted(scopes), "from", "to"], True)}
        read_raw(engine, POSTS, bindings[POSTS], wanted, scratch)


def build_trees(engine: Engine, pack: Pack) -> None:
    """Keep the trees that records form, such as who reports to whom.

    Raises: PackError if a record is its own ancestor.
    """
    for entity in pack.entities.values():
        parent = pack.tree_of(entity.id)
        if parent:
            pairs = engine.rows(f"SELECT {quoted(KEY)}, {quoted(parent)} FROM {quoted(entity.id)}")
            _tree(engine, entity.id, pairs, entity.span)


def keep_rejects(engine: Engine, rejects: Iterable[Reject]) -> None:
    """Keep what was left out, beside what was read."""
    found = list(rejects)
    engine.insert(REJECTS, {name: [str(getattr(r, name)) for r in found] for name in Reject.__dataclass_fields__})


def _roles(engine: DuckDB, pack: Pack) -> None:
    """The roles as a flat tree, for the value tables that are looked up by role."""
    if ROLE in pack.dimensions:
        return
    names = {**{id: id for id in pack.roles}, **pack.aliases.get(ROLE, {})}
    engine.insert(f"names {ROLE}", {"name": list(names), "member": [str(id) for id in names.values()]})
    _tree(engine, ROLE, [(id, None) for id in pack.roles], pack.span, EVERYTHING)


def _members_name(dimension: Dimension) -> str:
    return f"members of {dimension.id}"


def _members(engine: DuckDB, pack: Pack, dimension: Dimension, binding: Binding | None, scratch: Path) -> None:
    """Read the members of a dimension; every text that means one goes into the table `names <dimension>`."""
    names: dict[str, str] = {}
    if isinstance(dimension.members, MemberTable):
        assert binding is not None
        pairs, names = _member_table(engine, dimension, dimension.members, binding, scratch)
    else:
        pairs = [(member.id, member.parent) for member in dimension.members]
        names = {name: member.id for member in dimension.members for name in member.names}
    names |= {id: id for id, _ in pairs}
    for alias, id in pack.aliases.get(dimension.id, {}).items():
        if id not in dict(pairs):
            words = {"name": id, "dimension": dimension.id}
            raise PackError([Issue("dimension.unknown_member", dimension.span, words, near=nearest(id, dict(pairs)))])
        names[alias] = id
    if EVERYTHING in names:
        raise PackError([Issue("dimension.everything", dimension.span, {"dimension": dimension.id})])
    engine.insert(f"names {dimension.id}", {"name": list(names), "member": list(names.values())})
    _tree(engine, dimension.id, pairs, dimension.span, EVERYTHING)


def _member_table(
    engine: DuckDB, dimension: Dimension, table: MemberTable, binding: Binding, scratch: Path
) -> tuple[list[tuple[str, str | None]], dict[str, str]]:
    levels = list(table.levels) or ["id", "parent"]
    wanted = {name: name != "parent" for name in levels}
    if table.value:
        wanted[table.value] = True
    read_raw(engine, "raw members", binding, wanted, scratch)
    rows = all_values(engine, "raw members")
    engine.rows('DROP TABLE "raw members"')
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


def _tree(
    engine: Engine, name: str, pairs: Iterable[tuple[str, str | None]], span: Span, top: str | None = None
) -> None:
    """Keep the interval of each node in the table `tree <name>`, a subtree a range of `lft`, roots of depth 0.

    Args: top: a name for the interval of all nodes; a record may have any key, so trees of records have none.

    Raises: PackError if a node is its own ancestor.
    Source: nested sets by preorder number; the interval of a node holds those of all below it.
    """
    parent_of = dict(pairs)
    below: dict[str | None, list[str]] = {}
    for id, parent in parent_of.items():
        below.setdefault(parent if parent in parent_of else None, []).append(id)
    found: dict[str, tuple[int, int, int]] = {}
    ahead: list[tuple[str, bool]] = [(id, False) for id in reversed(below.get(None, []))]
    count = level = 0
    starts: dict[str, int] = {}
    while ahead:
        id, left = ahead.pop()
        if left:
            level -= 1
            found[id] = (starts[id], count, level)
            continue
        level += 1
        count += 1
        starts[id] = count
        ahead.append((id, True))
        ahead.extend((child, False) for child in reversed(below.get(id, [])))
    circle = [id for id in parent_of if id not in found]
    if circle:
        raise PackError([Issue("tree.cycle", span, {"name": circle[0], "tree": name})])
    if top is not None:
        found[top] = (1, max(1, count), -1)
    columns = {part: [place[at] for place in found.values()] for at, part in enumerate(("lft", "rgt", "depth"))}
    engine.insert(f"tree {name}", {"id": list(found), **columns})
