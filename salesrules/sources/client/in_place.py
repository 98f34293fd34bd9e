"""A pack and the PostgreSQL that holds all its records to an engine that answers there, with nothing of it copied."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from salesrules.engines.duckdb import DuckDB
from salesrules.engines.postgres import Postgres
from salesrules.expr.sql import quoted
from salesrules.issue import Issue, PackError
from salesrules.meaning.computed import Computation
from salesrules.pack.entities import Entity
from salesrules.pack.pack import Pack
from salesrules.sources.build import grow_entities, keep_rejects, list_bindings, read_sources
from salesrules.sources.client.client_tables import ClientTable, find_table, unchanged
from salesrules.sources.client.client_views import ClientView
from salesrules.sources.notes.reads import ALIASED, READ, start_notes
from salesrules.sources.notes.warnings import keep_warnings
from salesrules.sources.org.calendars import ASKED_BY, calendar_of
from salesrules.sources.org.leave import LEAVE_TABLE, read_leave
from salesrules.sources.org.posts import keep_posts
from salesrules.sources.rows.beside import tables_of, tables_read
from salesrules.sources.rows.computed import must_be_known, with_field
from salesrules.sources.rows.faults import Reject
from salesrules.sources.rows.places import carry_none
from salesrules.sources.settings.bindings import Settings
from salesrules.sources.settings.in_place_settings import Database, postgres_address
from salesrules.sources.settings.misfits import misfits

_TYPES = {"DOUBLE": "DOUBLE PRECISION"}  # what PostgreSQL calls differently
_NOTES = (READ, ALIASED)  # what is added to once the records were looked at


def open_in_place(pack: Pack, settings: Settings, database: Database, computed: Sequence[Computation]) -> Postgres:
    """The database itself, with what of the pack lies in files in temporary tables beside it.

    People, posts and trees are as of now; records are read anew by each question.
    Args: computed: the fields that no column holds, each after those that it reads.
    Raises: PackError with every table and column that is missing; EngineError if there is no connection.
    """
    engine, lists = Postgres(postgres_address(database), database.timeout), DuckDB()
    try:
        rejects = _read_lists(lists, pack, settings)
        tables = [table for (table,) in lists.rows("SELECT table_name FROM duckdb_tables()")]
        _copy(lists, engine, (table for table in tables if table not in _NOTES))
        if calendar_of(pack) is not None:
            for table, column in ASKED_BY:
                engine.index(table, column)
        views = _views(engine, pack, database)
        for view in views:
            view.define_readable(engine)
        for view in views:
            view.define(engine)
            view.define_faulty(engine)
            view.note(engine, lists)
        _copy(lists, engine, _NOTES)
        grow_entities(engine, pack, settings.root)
        _compute(engine, tables_of(pack), computed, datetime.now(ZoneInfo(pack.about.timezone)).date())
        carry_none(engine)
        keep_rejects(engine, [*rejects, *(reject for view in views for reject in view.rejects(engine))])
    except BaseException:
        engine.close()
        raise
    finally:
        lists.close()
    return engine


def _read_lists(lists: DuckDB, pack: Pack, settings: Settings) -> list[Reject]:
    """Read members, value tables and posts as ever.

    Raises: PackError with all that is wrong with them.
    """
    bindings = list_bindings(pack, settings)
    with tempfile.TemporaryDirectory() as scratch:
        start_notes(lists)
        rejects, warnings, _ = read_sources(lists, pack, bindings, Path(scratch), ())
        keep_posts(lists, pack, bindings, Path(scratch))
        rejects += read_leave(lists, pack, bindings.get(LEAVE_TABLE), Path(scratch), None)
        keep_warnings(lists, warnings)
    return rejects


def _copy(lists: DuckDB, engine: Postgres, tables: Iterable[str]) -> None:
    """Make temporary tables of what was read; the engine's own types of choices become text."""
    for table in tables:
        described = lists.rows(f"DESCRIBE {quoted(table)}")
        rows = lists.rows(f"SELECT * FROM {quoted(table)}")
        types = {name: "VARCHAR" if t.startswith("ENUM") else _TYPES.get(t, t) for name, t, *_ in described}
        engine.insert(table, {name: [row[at] for row in rows] for at, name in enumerate(types)}, types)


def _compute(engine: Postgres, tables: Mapping[str, Entity], computed: Sequence[Computation], day: date) -> None:
    """Define every entity that has computed fields anew, field by field: each reads what was defined before it.

    Raises: PackError with every line that names no member.
    """
    must_be_known(engine, computed)
    now = dict(tables)

    def goes_by(entity: str, name: str) -> None:
        now[entity] = replace(tables[entity], id=name)

    for entity in dict.fromkeys(each.entity for each in computed):
        engine.rename(entity, f"{entity} as read")
        goes_by(entity, f"{entity} as read")
    for each in computed:
        name = f"{each.entity} with {each.field.id}"
        engine.define(name, with_field(engine, now, each, day))
        goes_by(each.entity, name)
    for entity in dict.fromkeys(each.entity for each in computed):
        engine.define(entity, f"SELECT * FROM {quoted(now[entity].id)}")


def _views(engine: Postgres, pack: Pack, database: Database) -> list[ClientView]:
    """How each entity is read; from now on the engine refuses to answer once a table is not what it was.

    Raises: PackError with all tables and columns that are missing.
    """
    views: list[ClientView] = []
    used: list[tuple[ClientTable, set[str]]] = []
    issues: list[Issue] = []
    for entity in tables_read(pack).values():
        bound = database.tables[entity.id]
        if wrong := list(misfits(entity, tables_of(pack)[entity.id], bound)):
            issues.extend(wrong)
            continue
        try:
            table = find_table(engine, bound)
            view = ClientView(engine, entity, bound, table, pack.about.timezone)
        except PackError as error:
            issues.extend(error.issues)
            continue
        views.append(view)
        used.append((table, {column.name for column in view.columns.values()}))
    if issues:
        raise PackError(issues)
    engine.check(*unchanged(used))
    return views
