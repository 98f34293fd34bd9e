"""What happened while sources were read, kept as tables beside the typed rows: files, other names, rows left out."""

from __future__ import annotations

from collections.abc import Mapping

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import literal, quoted
from salesrules.sources.raw.relations import AT, Part, Relation, at_part, place_of_row

READ, ALIASED, REJECTED = "#read", "#aliased", "#rejected"
_COLUMNS = {
    READ: "what VARCHAR, part BIGINT, file VARCHAR, encoding VARCHAR, separator VARCHAR, rows BIGINT",
    ALIASED: "entity VARCHAR, field VARCHAR, alias VARCHAR, member VARCHAR, rows BIGINT",
    REJECTED: "entity VARCHAR, place BIGINT, field VARCHAR, reason VARCHAR",
}


def start_notes(engine: DuckDB) -> None:
    """Make the tables that the notes go into."""
    for table, columns in _COLUMNS.items():
        engine.rows(f"CREATE TABLE {quoted(table)} ({columns})")


def note_read(engine: DuckDB, table: str, source: Relation, rows: int) -> None:
    """Note how many of the rows of a raw table came from each part of its source."""
    what = table.removeprefix("raw ").removeprefix("#")
    counts: Mapping[int, int] = {0: rows}
    if len(source.parts) > 1:
        sql = f"SELECT {quoted(AT)} // {at_part(1)}, count(*) FROM {quoted(table)} GROUP BY ALL"
        counts = dict(engine.rows(sql))
    for number, part in enumerate(source.parts):
        note_part(engine, what, number, part, counts.get(number, 0))


def note_part(engine: DuckDB, what: str, number: int, part: Part, rows: int) -> None:
    """Note how many rows one part of a source has."""
    row = (what, number, part.file, part.encoding, part.separator, rows)
    engine.rows(f"INSERT INTO {quoted(READ)} VALUES ({', '.join(map(literal, row))})")


def note_alias(engine: DuckDB, entity: str, field: str, alias: str, member: str, rows: int) -> None:
    """Note a text that is another name of a member, and how often it stands in a field."""
    row = (entity, field, alias, member, rows)
    engine.rows(f"INSERT INTO {quoted(ALIASED)} VALUES ({', '.join(map(literal, row))})")


def note_aliases(engine: DuckDB, entity: str, field: str, names: str) -> None:
    """Note every text of a raw field that is another name of a member, and how often it stands there."""
    engine.rows(f"""
        INSERT INTO {quoted(ALIASED)}
        SELECT {literal(entity)}, {literal(field)}, names.name, names.member, count(*)
        FROM {quoted("raw " + entity)} AS raw JOIN {quoted(names)} AS names ON raw.{quoted(field)} = names.name
        WHERE names.name <> names.member GROUP BY ALL
    """)


def note_rejected(engine: DuckDB, entity: str, field: str, reason: str, rows: str) -> None:
    """Note the places of rows that are left out, or of which a value is emptied.

    Args: rows: the rows as what stands after FROM.
    """
    words = ", ".join(literal(word) for word in (field, reason))
    found = f"SELECT {literal(entity)}, {quoted(AT)}, {words} FROM {rows}"
    engine.rows(f"INSERT INTO {quoted(REJECTED)} {found}")


def keep_originals(engine: DuckDB, sources: Mapping[str, Relation]) -> None:
    """Keep the rows of sources, column by column as they were written, that something was found wrong with."""
    noted = {entity for (entity,) in engine.rows(f"SELECT DISTINCT entity FROM {quoted(REJECTED)}")}
    for entity, source in sources.items():
        if entity in noted:
            places = f"SELECT place FROM {quoted(REJECTED)} WHERE entity = {literal(entity)}"
            rows = f"SELECT * FROM {source.sql} WHERE {quoted(AT)} IN ({places})"
            engine.rows(f"CREATE TABLE {quoted(original(entity))} AS {rows}")


def keep_all(engine: DuckDB, entity: str, source: Relation) -> None:
    """Keep all rows of a source as they were written, where only later it is found what is wrong with some."""
    engine.rows(f"CREATE TABLE {quoted(original(entity))} AS SELECT * FROM {source.sql}")


def original(entity: str) -> str:
    """The name of the table with the rows of an entity as they were written."""
    return f"#original {entity}"


__all__ = [
    "ALIASED",
    "READ",
    "REJECTED",
    "keep_all",
    "keep_originals",
    "note_alias",
    "note_aliases",
    "note_part",
    "note_read",
    "note_rejected",
    "original",
    "place_of_row",
    "start_notes",
]
