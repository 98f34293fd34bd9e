"""A pack and its bindings to one database: typed tables, the trees, the raw posts, and what was rejected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from salesrules.engines.duckdb import DuckDB
from salesrules.engines.engine import Engine
from salesrules.expr.sql import quoted
from salesrules.issue import Issue, PackError, Span
from salesrules.meaning import PERSON
from salesrules.meaning.computed import Computation
from salesrules.pack.dimensions import MemberTable
from salesrules.pack.entities import Entity
from salesrules.pack.pack import Pack
from salesrules.pack.table import Table
from salesrules.sources.notes.losses import much_left_out
from salesrules.sources.notes.reads import keep_originals, start_notes
from salesrules.sources.notes.warnings import keep_warnings
from salesrules.sources.org.calendars import EXCEPTIONS, calendar_of, read_calendar
from salesrules.sources.org.leave import LEAVE_TABLE, read_leave
from salesrules.sources.org.members import members_name, read_members, read_roles
from salesrules.sources.org.posts import keep_posts, posts_by_name
from salesrules.sources.org.stages import read_stages
from salesrules.sources.org.trees import Node, grow, write_tree
from salesrules.sources.org.uprooted import parent_places
from salesrules.sources.org.values import read_values, values_name
from salesrules.sources.raw.relations import Relation
from salesrules.sources.rows.beside import tables_of, tables_read, unread
from salesrules.sources.rows.computed import compute
from salesrules.sources.rows.faults import Reject
from salesrules.sources.rows.logged import Logged, overlay
from salesrules.sources.rows.places import carry
from salesrules.sources.rows.tables import KEY, drop_dangling, lost_column, read_entity
from salesrules.sources.settings.bindings import FILE, Binding, Settings
from salesrules.sources.settings.misfits import doubts, misfits

REJECTS = "#rejects"  # no table of a source is called so


def bindings_of(pack: Pack, settings: Settings) -> dict[str, Binding]:
    """Every file that the pack reads, by what is read from it.

    Raises: PackError with every entity that nothing is bound to, and every source that does not exist.
    """
    found, issues = _list_bindings(pack, settings)
    for entity, fields in tables_read(pack).items():
        binding = settings.for_entity(entity, pack.about.pack)
        if binding is None:
            issues.append(Issue("source.unbound", Span(FILE), {"entity": entity}))
            issues += [doubt for doubt in doubts(pack, settings) if doubt.near == entity]
        else:
            found[entity] = binding
            issues.extend(misfits(fields, tables_of(pack)[entity], binding))
    if issues:
        raise PackError(issues)
    return found


def list_bindings(pack: Pack, settings: Settings) -> dict[str, Binding]:
    """Every file of members, values, days and posts, by what is read from it.

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
        members_name(d.id): d.members for d in pack.dimensions.values() if isinstance(d.members, MemberTable)
    }
    tables |= {values_name(table.id): table for table in pack.tables.values()}
    calendar = calendar_of(pack)
    if calendar is not None and calendar.days is not None:
        tables[EXCEPTIONS] = calendar.days
    if pack.leave is not None:
        tables[LEAVE_TABLE] = pack.leave
    for name, table in (*tables.items(), *posts_by_name(pack).items()):
        columns = {**table.columns, **table.levels} if isinstance(table, MemberTable) else table.columns
        try:
            found[name] = settings.for_table(table.file, columns, table.source, table.span, table.to_inclusive)
        except PackError as error:
            issues.extend(error.issues)
    return found, issues


def build(
    engine: DuckDB,
    pack: Pack,
    bindings: dict[str, Binding],
    scratch: Path,
    computed: Sequence[Computation],
    logged: Logged,
    root: Path,
) -> None:
    """Read everything into an empty database.

    Args: computed: the fields that no column holds, each after those that it reads; logged: what the log says of those
        of which it is right; root: the folder that the places of files start from.

    Raises: PackError with all files, columns and cycles that stand in the way.
    """
    start_notes(engine)
    rejects, warnings, sources = read_sources(engine, pack, bindings, scratch, tables_read(pack).values())
    rejects += overlay(engine, pack, bindings, logged)
    rejects += drop_dangling(engine, tables_of(pack))
    people = engine.rows(f"SELECT {quoted(KEY)} FROM {quoted(PERSON)}") if PERSON in pack.entities else []
    rejects += read_leave(engine, pack, bindings.get(LEAVE_TABLE), scratch, {key for (key,) in people})
    keep_originals(engine, sources)
    warnings += much_left_out(engine, sources, {entity: bindings[entity].span for entity in sources})
    grow_entities(engine, pack, root)
    today = datetime.now(ZoneInfo(pack.about.timezone)).date()
    compute(engine, tables_of(pack), computed, today)
    carry(engine, pack, tables_of(pack), today)
    keep_posts(engine, pack, bindings, scratch)
    keep_warnings(engine, warnings)
    keep_rejects(engine, rejects)


def keep_rejects(engine: Engine, rejects: Sequence[Reject]) -> None:
    """Keep what was left out, beside what was read."""
    columns = {name: [str(getattr(reject, name)) for reject in rejects] for name in Reject.__dataclass_fields__}
    engine.insert(REJECTS, columns)


_Found = tuple[list[Reject], list[Issue], dict[str, Relation]]


def read_sources(
    engine: DuckDB, pack: Pack, bindings: Mapping[str, Binding], scratch: Path, entities: Iterable[Entity]
) -> _Found:
    """Members, then the records and values that name them; what is not there stops those after it.

    Args: entities: the records to read, with those of their fields that have a column.

    Returns: what was left out, what is doubtful, and each entity's rows as they were written.

    Raises: PackError with all files and columns that stand in the way.
    """
    issues: list[Issue] = []
    warnings: list[Issue] = []
    rejects: list[Reject] = []
    sources: dict[str, Relation] = {}
    idle = unread(pack)
    for dimension in pack.dimensions.values():
        with _collected(issues):
            rejects += read_members(engine, pack, dimension, bindings.get(members_name(dimension.id)), scratch)
    read_roles(engine, pack)
    read_stages(engine, pack)
    for entity in entities if not issues else ():
        with _collected(issues):
            left_out, sources[entity.id] = read_entity(
                engine, entity, bindings[entity.id], scratch, pack.about.timezone, idle.get(entity.id, frozenset())
            )
            rejects += left_out
    for table in pack.tables.values() if not issues else ():
        with _collected(issues):
            warnings += read_values(engine, table, bindings[values_name(table.id)], scratch)
    with _collected(issues):
        read_calendar(engine, pack, bindings.get(EXCEPTIONS), scratch)
    if issues:
        raise PackError(issues)
    return rejects, warnings, sources


@contextmanager
def _collected(issues: list[Issue]) -> Iterator[None]:
    """What is wrong with one file is told together with what is wrong with the others."""
    try:
        yield
    except PackError as error:
        issues.extend(error.issues)


def grow_entities(engine: Engine, pack: Pack, root: Path) -> None:
    """The trees that records form by a reference to their own kind, as it is now: inactive ones keep their place.

    Args: root: the folder that the places of files start from.
    Raises: PackError with every circle, at a row of it.
    """
    for entity in pack.entities.values():
        parent = pack.tree_of(entity.id)
        if parent:
            columns = ", ".join(quoted(name) for name in (KEY, parent, lost_column(parent)))
            found = engine.rows(f"SELECT {columns} FROM {quoted(entity.id)}")
            nodes = [Node(id, above, entity.span, is_lost=lost) for id, above, lost in found]
            try:
                tree = grow(nodes, entity.id)
            except PackError:  # where each stands is looked up for who is on a circle only
                spans = parent_places(engine, entity, parent, [node.id for node in nodes], root)
                grow([replace(node, span=span) for node, span in zip(nodes, spans, strict=True)], entity.id)
                raise
            write_tree(engine, entity.id, tree)
