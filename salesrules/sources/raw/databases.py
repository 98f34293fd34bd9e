"""A table of a database to a relation: DuckDB files by DuckDB, everything else through SQLAlchemy, only ever read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import literal, quoted
from salesrules.issue import EngineError, Issue, PackError, Span, nearest
from salesrules.sources.raw.cells import cell_text
from salesrules.sources.raw.encodings import mended
from salesrules.sources.raw.relations import AT, Part, Relation, named, rewritten, unreadable
from salesrules.sources.settings.bindings import Binding
from salesrules.sources.settings.settings_schema import FROM_ENVIRONMENT

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection
    from sqlalchemy.engine.interfaces import ReflectedColumn

_CHUNK = 5_000  # rows held at a time
_NESTED = ("STRUCT", "MAP", "UNION", "VARIANT")


def nested(kind: str) -> bool:
    """Whether a cell of such a column holds several values."""
    return kind.endswith("]") or kind.startswith(_NESTED)


def duckdb_table(binding: Binding, scratch: Path) -> Relation:
    """A table of a DuckDB file, copied out so that the file is let go of at once.

    Raises: PackError if another process holds the file, it is none, or has no such table.
    """
    try:
        source = DuckDB(binding.path)
    except EngineError as error:
        if "lock" in error.said:
            raise PackError([Issue("source.locked", binding.at("file"), {"file": binding.shown})]) from error
        raise unreadable(binding, error.said) from error
    try:
        name = _duckdb_name(source, binding)
        kinds = {row[0]: str(row[1]) for row in source.rows(f"DESCRIBE SELECT * FROM {name}")}
        copied = scratch.with_suffix(".parquet")
        texts = f'SELECT row_number() OVER () AS "{AT}", CAST(COLUMNS(*) AS VARCHAR) FROM {name}'
        source.rows(f"COPY ({texts}) TO {literal(str(copied))} (FORMAT parquet)")
    except EngineError as error:
        raise unreadable(binding, error.said) from error
    finally:
        source.close()
    typed = frozenset(column for column, kind in kinds.items() if kind != "VARCHAR")
    several = frozenset(column for column, kind in kinds.items() if nested(kind))
    sql = f"read_parquet({literal(str(copied))})"
    return Relation(sql, tuple(kinds), (Part(binding.shown),), typed, several)


def _duckdb_name(source: DuckDB, binding: Binding) -> str:
    """The table as SQL, of another schema where its name says so.

    Raises: PackError if there is none.
    """
    known = [
        (schema, name)
        for schema, name in source.rows("SELECT table_schema, table_name FROM information_schema.tables ORDER BY ALL")
    ]
    wanted = str(binding.table)
    for schema, name in sorted(known, key=lambda place: place[0] != "main"):
        if wanted in (name, f"{schema}.{name}"):
            return f"{quoted(schema)}.{quoted(name)}"
    raise _no_table(binding, [name for _, name in known])


def _no_table(binding: Binding, known: Sequence[str]) -> PackError:
    words = {"name": str(binding.table), "file": binding.url or str(binding.path)}
    return PackError([Issue("source.no_table", binding.at("table"), words, near=nearest(str(binding.table), known))])


def address(url: str, span: Span) -> str:
    """The address of a database, out of the environment where it says so.

    Raises: PackError if the variable is not set.
    """
    if not url.startswith(FROM_ENVIRONMENT):
        return url
    name = url.removeprefix(FROM_ENVIRONMENT)
    if not os.environ.get(name):
        raise PackError([Issue("source.no_variable", span, {"name": name})])
    return os.environ[name]


def sql_table(binding: Binding, scratch: Path) -> Relation:
    """A table or view behind a URL, read in one transaction that cannot write, a chunk at a time.

    Raises: PackError if SQLAlchemy or a driver is missing, or the database refuses, has no such table or goes away.
    """
    try:
        import sqlalchemy
    except ImportError as error:
        words = {"file": binding.shown, "extra": "sql"}
        raise PackError([Issue("source.needs_extra", binding.at("url"), words)]) from error
    try:
        url = _readable(sqlalchemy.make_url(address(str(binding.url), binding.at("url"))), binding)
    except (sqlalchemy.exc.ArgumentError, ValueError) as error:
        raise PackError([Issue("source.bad_url", binding.at("url"), {"name": str(binding.url)})]) from error
    try:
        engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
    except (sqlalchemy.exc.ArgumentError, sqlalchemy.exc.NoSuchModuleError, ImportError) as error:
        words = {"file": binding.shown, "driver": url.drivername}
        raise PackError([Issue("source.needs_driver", binding.at("url"), words)]) from error
    try:
        with engine.connect().execution_options(**_options(url)) as connection:
            return _copied(connection, binding, scratch)
    except (sqlalchemy.exc.SQLAlchemyError, OSError) as error:
        raise _unreachable(binding, url, error) from error
    finally:
        engine.dispose()


def _readable(url: URL, binding: Binding) -> URL:
    """The URL with our own driver for PostgreSQL, and SQLite opened to be read, below the workspace."""
    if url.drivername in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database and not url.database.startswith("file:"):
        path = (binding.path / url.database).resolve()
        return url.set(database=f"file:{path}", query={"mode": "ro", "uri": "true"})
    return url


def _options(url: URL) -> dict[str, Any]:
    options: dict[str, Any] = {"stream_results": True, "yield_per": _CHUNK}
    if url.get_backend_name() == "postgresql":
        options |= {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
    return options


def _unreachable(binding: Binding, url: URL, error: Exception) -> PackError:
    """What the database said, its password never among it."""
    problem = str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__]
    shown = problem[0].replace(str(url.password), "***") if url.password else problem[0]
    words = {"file": binding.shown, "problem": shown}
    return PackError([Issue("source.unreachable", binding.at("url"), words)])


def _copied(connection: Connection, binding: Binding, scratch: Path) -> Relation:
    import sqlalchemy

    schema, table, columns = _reflected(connection, binding)
    header = [str(column["name"]) for column in columns]
    loose = connection.dialect.name == "sqlite"  # a column of any type may hold anything: only the value itself tells
    types = [None if loose else column["type"] for column in columns]
    picked = [sqlalchemy.column(name, type_) for name, type_ in zip(header, types, strict=True)]
    query = sqlalchemy.select(*picked).select_from(sqlalchemy.table(table, *picked, schema=schema))

    def rows() -> Iterator[tuple[int, Sequence[Any]]]:
        yield from enumerate(map(tuple, connection.execute(query)), start=1)

    def text(value: Any) -> str:
        return cell_text(value, binding) if loose else _text(value, binding.encoded_twice)

    sql = rewritten(scratch.with_suffix(".csv"), header, rows(), text)
    typed, several = (
        frozenset(name for name, type_ in zip(header, types, strict=True) if isinstance(type_, kinds))
        for kinds in (_typed_kinds(), (sqlalchemy.JSON, sqlalchemy.ARRAY))
    )
    return Relation(sql, tuple(named(header)), (Part(binding.shown),), typed, several)


def _typed_kinds() -> tuple[type, ...]:
    import sqlalchemy

    return (sqlalchemy.Numeric, sqlalchemy.Integer, sqlalchemy.Boolean, sqlalchemy.Date, sqlalchemy.DateTime)


def _reflected(connection: Connection, binding: Binding) -> tuple[str | None, str, list[ReflectedColumn]]:
    """Schema, name and columns of the table; the part before a point is a schema unless a table is called so."""
    import sqlalchemy

    found = sqlalchemy.inspect(connection)
    wanted = str(binding.table)
    schema, point, name = wanted.partition(".")
    for place in ((None, wanted), (schema, name) if point else (None, wanted)):
        if found.has_table(place[1], schema=place[0]):
            return *place, found.get_columns(place[1], schema=place[0])
    raise _no_table(binding, [*found.get_table_names(), *found.get_view_names()])


def _text(value: Any, encoded_twice: bool) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case bytes() | memoryview():
            return bytes(value).hex()
        case str():
            return mended(value) if encoded_twice else value
        case _:
            return str(value)
