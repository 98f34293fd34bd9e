"""Bound files to typed tables in the engine: what cannot be read is left out, counted, and says why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from salesrules.engines.duckdb import DuckDB
from salesrules.engines.engine import Engine
from salesrules.expr.sql import literal, quoted
from salesrules.issue import EngineError, Issue, PackError, nearest
from salesrules.pack.entities import Entity, Field
from salesrules.sources.bindings import Binding
from salesrules.sources.files import relation, unreadable

KEY = "#key"
ABSENT = "-"  # a field that is mapped to this has no column, and is empty in every row
_TYPES = {
    "integer": "BIGINT",
    "decimal": "DECIMAL(28,6)",
    "money": "DECIMAL(18,2)",
    "percent": "DECIMAL(9,6)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "double": "DOUBLE",
}
_OFFSET = r":\d\d(\.\d+)?\s*(Z|[+-]\d\d(:?\d\d)?)$"  # an instant that says how far from UTC its clock is


@dataclass(frozen=True, slots=True)
class Reject:
    """Rows that were left out, or values that were emptied, for one reason."""

    entity: str
    field: str
    reason: str
    rows: int
    example: str


def read_raw(engine: DuckDB, table: str, binding: Binding, wanted: dict[str, bool], scratch: Path) -> None:
    """Make a table of text columns from a file; `wanted` says of each column whether it must be there."""
    source = relation(binding, scratch)
    try:
        header = engine.columns(source)
        engine.rows(f"CREATE OR REPLACE TABLE {quoted(table)} AS {_select(binding, wanted, header)} FROM {source}")
    except EngineError as error:
        raise unreadable(binding, error.issues[0].words["problem"]) from error


def _select(binding: Binding, wanted: dict[str, bool], header: list[str]) -> str:
    """The columns as trimmed text, null where nothing or a declared null is written."""
    parts, issues = [], []
    for name, required in wanted.items():
        column = binding.columns.get(name, name)
        if column == ABSENT:
            parts.append(f"CAST(NULL AS VARCHAR) AS {quoted(name)}")
        elif column in header:
            text = f"trim({quoted(column)})"
            empty = ", ".join(literal(null) for null in ("", *binding.nulls))
            parts.append(f"CASE WHEN {text} NOT IN ({empty}) THEN {text} END AS {quoted(name)}")
        elif required or name in binding.columns:
            words = {"name": column, "file": binding.path.name}
            issues.append(Issue("source.no_column", binding.span, words, near=nearest(column, header)))
        else:
            parts.append(f"CAST(NULL AS VARCHAR) AS {quoted(name)}")
    for name in binding.columns:
        if name not in wanted:
            issues.append(Issue("source.unknown_field", binding.span, {"name": name}, near=nearest(name, wanted)))
    if issues:
        raise PackError(issues)
    return f"SELECT {', '.join(parts)}"


def day_column(field: str) -> str:
    """The column beside a timestamp that has its day in the time zone of the pack."""
    return f"#day {field}"


def read_entity(engine: DuckDB, entity: Entity, binding: Binding, scratch: Path, timezone: str) -> list[Reject]:
    """Make the typed table of an entity, with its key, if it has one, as text in the column `#key`.

    Instants are kept in UTC; one that is written without an offset is meant in the time zone of the pack.
    """
    raw, named, typed = f"raw {entity.id}", f"named {entity.id}", quoted(entity.id)
    read_raw(engine, raw, binding, dict.fromkeys(entity.fields, True), scratch)
    columns = ", ".join(f"{_named(field)} AS {quoted(field.id)}" for field in entity.fields.values())
    joins = " ".join(_member_join(field) for field in entity.fields.values() if field.type == "member")
    engine.rows(f"CREATE OR REPLACE VIEW {quoted(named)} AS SELECT {columns} FROM {quoted(raw)} AS raw {joins}")
    faults = dict(_faults(entity, raw, named, timezone))
    rejects = []
    for (field, reason), (condition, example) in faults.items():
        sql = f"SELECT count(*), min({example}) FROM {quoted(named)} WHERE {condition}"
        count, shown = engine.rows(sql)[0]
        if count:
            rejects.append(Reject(entity.id, field, reason, count, str(shown)))
    good = " AND ".join(f"(({condition}) IS NOT TRUE)" for condition, _ in faults.values()) or "TRUE"
    values = [_typed(field, timezone) for field in entity.fields.values()]
    values += [_day(field, timezone) for field in entity.fields.values() if field.type == "timestamp"]
    values += [f"{key_of([quoted(key) for key in entity.key])} AS {quoted(KEY)}"] if entity.key else []
    select = f"SELECT {', '.join(values)} FROM {quoted(named)} WHERE {good}"
    engine.rows(f"CREATE OR REPLACE TABLE {typed} AS {select}")
    engine.rows(f"DROP VIEW {quoted(named)}")
    engine.rows(f"DROP TABLE {quoted(raw)}")
    return rejects


def drop_dangling(engine: DuckDB, tables: Mapping[str, Entity]) -> Iterator[Reject]:
    """Empty the references whose record does not exist, once all tables are read."""
    for entity in tables.values():
        for field in entity.fields.values():
            if field.type != "ref" or field.to is None:
                continue
            known = f"SELECT {quoted(KEY)} FROM {quoted(field.to)}"
            gone = f"{quoted(field.id)} IS NOT NULL AND {quoted(field.id)} NOT IN ({known})"
            count, shown = engine.rows(
                f"SELECT count(*), min({quoted(field.id)}) FROM {quoted(entity.id)} WHERE {gone}"
            )[0]
            if count:
                engine.rows(f"UPDATE {quoted(entity.id)} SET {quoted(field.id)} = NULL WHERE {gone}")
                yield Reject(entity.id, field.id, "reject.dangling", count, str(shown))


def _named(field: Field) -> str:
    """The text of a field, for a member its id where one of its names was written."""
    own = f"raw.{quoted(field.id)}"
    if field.type == "integer":  # `007` and `7` are one number, and one key
        return f"coalesce(CAST(TRY_CAST({own} AS BIGINT) AS VARCHAR), {own})"
    return f"coalesce({quoted('names of ' + field.id)}.member, {own})" if field.type == "member" else own


def _member_join(field: Field) -> str:
    names = quoted("names of " + field.id)
    return f"LEFT JOIN {quoted('names ' + str(field.dimension))} AS {names} ON {names}.name = raw.{quoted(field.id)}"


def _typed(field: Field, timezone: str) -> str:
    column = quoted(field.id)
    if field.type == "timestamp":
        return f"{_instant(column, timezone)} AS {column}"
    if field.type == "percent":
        return f"{_percent(column)} AS {column}"
    return f"CAST({column} AS {_TYPES[field.type]}) AS {column}" if field.type in _TYPES else column


def _instant(column: str, timezone: str) -> str:
    """The instant in UTC, null for text that is none."""
    said = f"timezone('UTC', TRY_CAST({column} AS TIMESTAMPTZ))"
    local = f"timezone('UTC', timezone({literal(timezone)}, TRY_CAST({column} AS TIMESTAMP)))"
    return f"CASE WHEN regexp_matches({column}, {literal(_OFFSET)}) THEN {said} ELSE {local} END"


def _day(field: Field, timezone: str) -> str:
    instant = _instant(quoted(field.id), timezone)
    day = f"CAST(timezone({literal(timezone)}, timezone('UTC', {instant})) AS DATE)"
    return f"{day} AS {quoted(day_column(field.id))}"


def _percent(column: str) -> str:
    """15% is 0.15; a bare number stands for itself."""
    share = f"CAST(TRY_CAST(regexp_replace({column}, '%$', '') AS DECIMAL(18,6)) / 100 AS DECIMAL(18,8))"
    number = f"TRY_CAST({column} AS DECIMAL(18,6))"
    return f"TRY_CAST(CASE WHEN suffix({column}, '%') THEN {share} ELSE {number} END AS DECIMAL(9,6))"


def key_of(texts: Sequence[str]) -> str:
    """The key as one text; parts of a composite key are joined by `/`, which is escaped inside them."""
    if len(texts) == 1:
        return texts[0]
    return " || '/' || ".join(f"replace(replace({text}, '\\', '\\\\'), '/', '\\/')" for text in texts)


def _faults(entity: Entity, raw: str, named: str, timezone: str) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """What a row can have wrong: ((field, reason), (condition, example)); one is enough to leave it out."""
    for field in entity.fields.values():
        column = quoted(field.id)
        if field.type in _TYPES or field.type == "timestamp":
            read = _read(field, timezone)
            yield (field.id, "reject.type"), (f"{column} IS NOT NULL AND {read} IS NULL", column)
        if field.type == "member":
            known = f"SELECT member FROM {quoted('names ' + str(field.dimension))}"
            yield (field.id, "reject.unknown_member"), (f"{column} IS NOT NULL AND {column} NOT IN ({known})", column)
    if not entity.key:
        return
    keys = [quoted(key) for key in entity.key]
    name = ", ".join(entity.key)
    yield (name, "reject.no_key"), (" OR ".join(f"{key} IS NULL" for key in keys), "'-'")
    twice = f"SELECT {', '.join(keys)} FROM {quoted(named)} GROUP BY ALL HAVING count(*) > 1"
    yield (name, "reject.duplicate_key"), (f"({', '.join(keys)}) IN ({twice})", keys[0])


def _read(field: Field, timezone: str) -> str:
    """The value of a field, null for text that is of another type."""
    column = quoted(field.id)
    if field.type == "timestamp":
        return _instant(column, timezone)
    if field.type == "percent":
        return _percent(column)
    value = f"TRY_CAST({column} AS {_TYPES[field.type]})"
    if field.type == "date":  # what no calendar in the language can hold is no day
        return f"CASE WHEN {value} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN {value} END"
    return value


def count_rows(engine: Engine, table: str) -> int:
    """How many rows a table has."""
    return int(engine.rows(f"SELECT count(*) FROM {quoted(table)}")[0][0])


def all_values(engine: Engine, table: str) -> list[dict[str, Any]]:
    """All rows of a table as mappings."""
    names = engine.columns(quoted(table))
    return [dict(zip(names, row, strict=True)) for row in engine.rows(f"SELECT * FROM {quoted(table)}")]
