"""A pack and the PostgreSQL that holds all its records to an engine that answers there, with nothing of it copied."""

from __future__ import annotations

import tempfile
from pathlib import Path

from salesrules.engines.duckdb import DuckDB
from salesrules.engines.postgres import Postgres
from salesrules.expr.sql import quoted
from salesrules.issue import Issue, PackError
from salesrules.pack.pack import Pack
from salesrules.sources.beside import tables_of
from salesrules.sources.bindings import Settings
from salesrules.sources.build import build_lists, build_trees, keep_rejects, list_bindings
from salesrules.sources.client_tables import ClientTable, find_table, unchanged
from salesrules.sources.client_views import ClientView
from salesrules.sources.databases import Database, address

_TYPES = {"DOUBLE": "DOUBLE PRECISION"}  # what PostgreSQL calls differently


def open_in_place(pack: Pack, settings: Settings, database: Database) -> Postgres:
    """The database itself, with what of the pack lies in files in temporary tables beside it.

    People, posts and trees are as of now; records are read anew by each question.
    Raises: PackError with every table and column that is missing; EngineError if there is no connection.
    """
    engine = Postgres(address(database), database.timeout)
    try:
        _copy_lists(engine, pack, settings)
        views = _views(engine, pack, database)
        for view in views:
            view.define_readable(engine)
        for view in views:
            view.define(engine)
        build_trees(engine, pack)
        keep_rejects(engine, (reject for view in views for reject in view.rejects(engine)))
    except BaseException:
        engine.close()
        raise
    return engine


def _copy_lists(engine: Postgres, pack: Pack, settings: Settings) -> None:
    """Read members, value tables and posts as ever, and make temporary tables of what came of them."""
    lists = DuckDB()
    with tempfile.TemporaryDirectory() as scratch:
        if issues := build_lists(lists, pack, list_bindings(pack, settings), Path(scratch)):
            raise PackError(issues)
    for (table,) in lists.rows("SELECT table_name FROM duckdb_tables()"):
        described = lists.rows(f"DESCRIBE {quoted(table)}")
        rows = lists.rows(f"SELECT * FROM {quoted(table)}")
        types = {name: _TYPES.get(type_, type_) for name, type_, *_ in described}
        engine.fill(table, types, {name: [row[at] for row in rows] for at, name in enumerate(types)})
    lists.close()


def _views(engine: Postgres, pack: Pack, database: Database) -> list[ClientView]:
    """How each entity is read; from now on the engine refuses to answer once a table is not what it was.

    Raises: PackError with all tables and columns that are missing.
    """
    views: list[ClientView] = []
    used: list[tuple[ClientTable, set[str]]] = []
    issues: list[Issue] = []
    for entity in tables_of(pack).values():
        bound = database.tables[entity.id]
        try:
            table = find_table(engine, bound)
            view = ClientView(engine, entity, bound, table, database.nulls, pack.about.timezone)
        except PackError as error:
            issues.extend(error.issues)
            continue
        views.append(view)
        used.append((table, {column.name for column in view.columns.values()}))
    if issues:
        raise PackError(issues)
    engine.check(*unchanged(used))
    return views
