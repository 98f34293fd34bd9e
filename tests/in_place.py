"""A workspace of files to the same one on PostgreSQL: its rows in a schema of their own, its settings bound to it."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from psycopg import sql

VARIABLE = "SALESRULES_TEST_URL"
TYPES = {
    "integer": "bigint",
    "money": "numeric(18,2)",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamptz",
    "percent": "numeric(9,6)",
}


def url_of(postgres: Any, user: str = "postgres") -> str:
    info = postgres.info
    return f"postgresql://{user}@/{info.dbname}?host={info.host}"


def new_schema(postgres: Any, schema: str) -> None:
    name = sql.Identifier(schema)
    postgres.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))
    postgres.execute(sql.SQL("CREATE SCHEMA {}").format(name))


def new_table(
    postgres: Any, schema: str, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]], key: str = ""
) -> None:
    """A table with these columns of these types, and these rows."""
    parts = [sql.SQL("{} " + kind).format(sql.Identifier(name)) for name, kind in columns.items()]
    parts += [sql.SQL("PRIMARY KEY ({})").format(sql.Identifier(key))] if key else []
    name = sql.Identifier(schema, table)
    postgres.execute(sql.SQL("CREATE TABLE {} ({})").format(name, sql.SQL(", ").join(parts)))
    with postgres.cursor() as cursor, cursor.copy(sql.SQL("COPY {} FROM STDIN").format(name)) as copy:
        for row in rows:
            copy.write_row(row)


def bind(root: Path, schema: str, tables: Sequence[str], pack: str, extra: str = "") -> None:
    """The settings of the workspace, which now lies in the database."""
    lines = [f'pack = "{pack}"', "[sources.crm]", f'url = "env:{VARIABLE}"', "in_place = true", extra]
    lines += [f'[sources.crm."{table}"]\ntable = \'"{schema}"."{table}"\'' for table in tables]
    (root / "salesrules.toml").write_text("\n".join(lines), encoding="utf-8")


def moved(postgres: Any, root: Path, schema: str, pack: str) -> None:
    """Every bound file of a workspace as a table of text without a key, as old systems have them."""
    sources = tomllib.loads((root / "salesrules.toml").read_text(encoding="utf-8"))["sources"]
    (source,) = sources.values()
    tables = {name: table for name, table in source.items() if isinstance(table, dict)}
    new_schema(postgres, schema)
    for table in tables.values():
        from_csv(postgres, schema, root / source.get("folder", "") / table["file"], key="")
    bind(root, schema, list(tables), pack)


def from_csv(postgres: Any, schema: str, path: Path, key: str = "id", types: Mapping[str, str] | None = None) -> None:
    """A table of the rows of a file, under its name; what is not typed is text, empty cells are null."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = list(csv.reader(file))
    columns = {name: (types or {}).get(name, "text") for name in header}
    new_table(postgres, schema, path.stem, columns, [[cell or None for cell in row] for row in rows], key)
