"""A pack and its bindings to one database: typed tables, the trees, the raw posts, and what was rejected."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import quoted
from salesrules.issue import Issue, PackError, Span
from salesrules.pack.dimensions import MemberTable
from salesrules.pack.pack import Pack
from salesrules.pack.table import Table
from salesrules.sources.beside import tables_of
from salesrules.sources.bindings import FILE, Binding, Settings
from salesrules.sources.members import members_name, read_members, read_roles
from salesrules.sources.places import carry
from salesrules.sources.posts import POSTS, keep_posts
from salesrules.sources.storage import declare_stages
from salesrules.sources.tables import KEY, Reject, drop_dangling, read_entity
from salesrules.sources.trees import Node, grow, write_tree
from salesrules.sources.values import read_values, values_name

REJECTS = "#rejects"  # no table of a source is called so


def bindings_of(pack: Pack, settings: Settings) -> dict[str, Binding]:
    """Every file that the pack reads, by what is read from it.

    Raises: PackError with every entity that nothing is bound to, and every source that does not exist.
    """
    found: dict[str, Binding] = {}
    issues: list[Issue] = []
    for entity in tables_of(pack):
        binding = settings.for_entity(entity, pack.about.pack)
        if binding is None:
            issues.append(Issue("source.unbound", Span(FILE), {"entity": entity}))
        else:
            found[entity] = binding
    tables: dict[str, Table] = {
        members_name(d.id): d.members for d in pack.dimensions.values() if isinstance(d.members, MemberTable)
    }
    tables |= {values_name(table.id): table for table in pack.tables.values()}
    for name, table in (*tables.items(), *([(POSTS, pack.posts)] if pack.posts else [])):
        columns = {**table.columns, **table.levels} if isinstance(table, MemberTable) else table.columns
        try:
            found[name] = settings.for_table(table.file, columns, table.source, table.span)
        except PackError as error:
            issues.extend(error.issues)
    if issues:
        raise PackError(issues)
    return found


def build(engine: DuckDB, pack: Pack, bindings: dict[str, Binding], scratch: Path) -> None:
    """Read everything into an empty database.

    Raises: PackError with all files, columns and cycles that stand in the way.
    """
    issues: list[Issue] = []
    rejects: list[Reject] = []
    for dimension in pack.dimensions.values():
        try:
            rejects += read_members(engine, pack, dimension, bindings.get(members_name(dimension.id)), scratch)
        except PackError as error:
            issues.extend(error.issues)
    read_roles(engine, pack)
    declare_stages(engine, pack)
    for entity in tables_of(pack).values() if not issues else ():
        try:
            rejects += read_entity(engine, entity, bindings[entity.id], scratch, pack.about.timezone)
        except PackError as error:
            issues.extend(error.issues)
    for table in pack.tables.values() if not issues else ():
        try:
            read_values(engine, table, bindings[values_name(table.id)], scratch)
        except PackError as error:
            issues.extend(error.issues)
    if issues:
        raise PackError(issues)
    rejects += drop_dangling(engine, tables_of(pack))
    _grow_entities(engine, pack)
    carry(engine, pack, tables_of(pack), datetime.now(ZoneInfo(pack.about.timezone)).date())
    if pack.posts is not None:
        keep_posts(engine, pack, bindings[POSTS], scratch)
    columns = {name: [str(getattr(reject, name)) for reject in rejects] for name in Reject.__dataclass_fields__}
    engine.insert(REJECTS, columns)


def _grow_entities(engine: DuckDB, pack: Pack) -> None:
    """The trees that records form by a reference to their own kind, as it is now: inactive ones keep their place.

    Raises: PackError with every circle.
    """
    for entity in pack.entities.values():
        parent = pack.tree_of(entity.id)
        if parent:
            pairs = engine.rows(f"SELECT {quoted(KEY)}, {quoted(parent)} FROM {quoted(entity.id)}")
            write_tree(engine, entity.id, grow([Node(id, above, entity.span) for id, above in pairs], entity.id))
