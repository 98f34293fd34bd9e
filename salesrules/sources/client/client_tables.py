"""The name of a table in a client's database to what its catalogue says: columns with their types, and unique keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from salesrules.engines.engine import Engine
from salesrules.expr.sql import quoted
from salesrules.issue import Issue, PackError, nearest
from salesrules.sources.settings.bindings import Binding

_PART = re.compile(r'"((?:[^"]|"")+)"|([^."]+)')


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its built-in type, empty for any other, and the modifier of it; `type_id` is the type as declared.

    `own_order` says that it is compared by other rules than those of the database.
    """

    name: str
    type: str
    modifier: int
    own_order: bool
    type_id: int


@dataclass(frozen=True, slots=True)
class ClientTable:
    """A table, or anything that reads like one; `unique` has the columns of each index that keeps rows apart, by id."""

    id: int
    name: str
    columns: Mapping[str, Column]
    unique: Mapping[int, frozenset[str]]


def find_table(engine: Engine, bound: Binding) -> ClientTable:
    """What is known of a table.

    Raises: PackError if there is no such table, or the login may not read any of it.
    """
    schema, name = _named(bound)
    found = engine.rows(_TABLE, {"schema": schema, "name": name})
    if not found:
        known = [".".join(row) for row in engine.rows(_KNOWN)]
        raise PackError(
            [Issue("source.no_table", bound.at("table"), _words(bound), near=nearest(f"{schema}.{name}", known))]
        )
    id, enters, whole = found[0]
    columns = {row[0]: Column(*row[:-1]) for row in engine.rows(_COLUMNS, {"table": id}) if row[-1]}
    if not enters or not columns:
        raise PackError([Issue("source.no_right", bound.at("table"), {"name": str(bound.table)})])
    unique = {index: frozenset(names) for index, names in engine.rows(_UNIQUE, {"table": id})} if whole else {}
    return ClientTable(id, f"{quoted(schema)}.{quoted(name)}", columns, unique)


def _named(bound: Binding) -> tuple[str, str]:
    """Schema and name as written; a part with a point in it stands in double quotes.

    Raises: PackError if there are more than two parts.
    """
    found = [(quoted_, plain) for quoted_, plain in _PART.findall(str(bound.table))]
    parts = [inside.replace('""', '"') or plain for inside, plain in found]
    if not 1 <= len(parts) <= 2:
        raise PackError([Issue("source.no_table", bound.at("table"), _words(bound))])
    schema, name = ["public", *parts][-2:]
    return schema, name


def _words(bound: Binding) -> dict[str, str]:
    return {"name": str(bound.table), "file": str(bound.url)}


def unchanged(tables: Iterable[tuple[ClientTable, Iterable[str]]]) -> tuple[str, dict[str, list[object]]]:
    """A statement that is true as long as these columns and the unique indexes of these tables are what they were."""
    tables = [(table, sorted(columns)) for table, columns in tables]
    columns = [(table.id, name, table.columns[name].type_id) for table, names in tables for name in names]
    indexes = [index for table, _ in tables for index in table.unique]
    values: dict[str, list[object]] = {
        "tables": [str(column[0]) for column in columns],
        "names": [column[1] for column in columns],
        "types": [str(column[2]) for column in columns],
        "indexes": [str(index) for index in indexes],
    }
    return _UNCHANGED.format(columns=len(columns), indexes=len(indexes)), values


_TABLE = """
    SELECT c.oid::bigint, has_schema_privilege(n.oid, 'USAGE'), c.relkind <> 'r' OR NOT c.relhassubclass
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = $schema AND c.relname = $name AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""
_KNOWN = """
    SELECT n.nspname::text, c.relname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname NOT LIKE 'pg_%' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""
_COLUMNS = """
    SELECT a.attname::text, CASE WHEN b.typnamespace = CAST('pg_catalog' AS regnamespace) THEN b.typname::text END,
        CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END, a.attcollation NOT IN (0, 100),
        a.atttypid::bigint, has_column_privilege(a.attrelid, a.attnum, 'SELECT')
    FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
    JOIN pg_type AS b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
    WHERE a.attrelid = $table AND a.attnum > 0 AND NOT a.attisdropped
"""
_UNIQUE = """
    SELECT i.indexrelid::bigint, array_agg(a.attname::text)
    FROM pg_index AS i, unnest(CAST(i.indkey AS int2[])) WITH ORDINALITY AS k(number, place)
    JOIN pg_attribute AS a ON a.attnum = k.number
    WHERE i.indrelid = $table AND a.attrelid = $table AND k.place <= i.indnkeyatts
        AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
    GROUP BY 1
"""
_UNCHANGED = """
    SELECT (
        SELECT count(*) FROM unnest(CAST($tables AS oid[]), CAST($names AS text[]), CAST($types AS oid[])) AS w(t, n, k)
        JOIN pg_attribute AS a ON a.attrelid = w.t AND a.attname = w.n AND a.atttypid = w.k AND NOT a.attisdropped
    ) = {columns} AND (
        SELECT count(*) FROM unnest(CAST($indexes AS oid[])) AS w(i)
        JOIN pg_index AS x ON x.indexrelid = w.i AND x.indisvalid
    ) = {indexes}
"""
