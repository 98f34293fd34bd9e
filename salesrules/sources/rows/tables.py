"""Bound files to typed tables in the engine: what cannot be read is left out, counted, and says why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from salesrules.engines.duckdb import DuckDB
from salesrules.engines.engine import Engine
from salesrules.expr.sql import literal, quoted
from salesrules.issue import EngineError, Issue, PackError, nearest
from salesrules.pack.entities import Entity, Field
from salesrules.sources.notes.reads import REJECTED, note_aliases, note_read
from salesrules.sources.raw.broken import broken
from salesrules.sources.raw.files import relation
from salesrules.sources.raw.formats import Formats, canonical
from salesrules.sources.raw.relations import AT, Relation
from salesrules.sources.rows.faults import Fault, Reject, rejected, row_faults
from salesrules.sources.rows.typed import names_of_field, typed_columns
from salesrules.sources.settings.bindings import Binding

KEY = "#key"
BLANKS = " \t\r\n\u00a0\u3000"  # what stands around values by accident, the wide spaces of Chinese text too
MISCALCULATED = ("#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!")  # what spreadsheets show instead
_DAY_AFTER = "CAST(CAST(least(TRY_CAST({day} AS DATE), DATE '9999-12-30') + INTERVAL 1 DAY AS DATE) AS VARCHAR)"
DAYS = MappingProxyType({"from": "date", "to": "date"})  # the types of what dates rows, in tables that have no others
EMPTIED = "reject.emptied"  # the reason that is noted of a row which is kept without a cell that nothing looks at
ABSENT = "-"  # a field that is mapped to this has no column, and is empty in every row
_OFFSET = r":\d\d(\.\d+)?\s*(Z|[+-]\d\d(:?\d\d)?)$"  # an instant that says how far from UTC its clock is
_NONE = timedelta(0)


def read_raw(
    engine: DuckDB,
    table: str,
    binding: Binding,
    wanted: Mapping[str, bool],
    scratch: Path,
    kinds: Mapping[str, str] = MappingProxyType({}),
) -> Relation:
    """Make a table of text columns, and the place of each row, from what is bound.

    Args: wanted: of each column whether it must be there. kinds: the types of columns that are not text.
    """
    source = relation(engine, binding, scratch)
    columns = _select(binding, wanted, source, kinds)
    try:
        ((rows,),) = engine.rows(f"CREATE OR REPLACE TABLE {quoted(table)} AS SELECT {columns} FROM {source.sql}")
    except EngineError as error:
        raise broken(binding, source, error) from error
    note_read(engine, table, source, rows)
    return source


def _select(binding: Binding, wanted: Mapping[str, bool], source: Relation, kinds: Mapping[str, str]) -> str:
    """The columns as trimmed text in NFC that can be cast, null where nothing or a declared null is written."""
    parts, issues = [], []
    for name, required in wanted.items():
        column = binding.columns.get(name, name)
        span = binding.at("columns", name)
        if column in source.nested:
            issues.append(Issue("source.nested", span, {"name": column, "file": binding.shown}))
        elif column in source.columns:
            parts.append(f"{_text(binding, name, column, source, kinds)} AS {quoted(name)}")
        elif column != ABSENT and (required or name in binding.columns):
            words = {"name": column, "file": binding.shown}
            issues.append(Issue("source.no_column", span, words, near=nearest(column, source.columns)))
        else:
            parts.append(f"CAST(NULL AS VARCHAR) AS {quoted(name)}")
    for name in binding.columns:
        if name not in wanted:
            span = binding.at("columns", name)
            issues.append(Issue("source.unknown_field", span, {"name": name}, near=nearest(name, wanted)))
    if issues:
        raise PackError(issues)
    return ", ".join([*parts, quoted(AT)])


def _text(binding: Binding, name: str, column: str, source: Relation, kinds: Mapping[str, str]) -> str:
    text = f"trim(nfc_normalize({quoted(column)}), {literal(BLANKS)})"
    empty = ", ".join(literal(null) for null in ("", *binding.nulls))
    formats = Formats() if column in source.typed else binding.formats
    kind = kinds.get(name, "text")
    read = canonical(text, kind, formats, name in binding.scale)
    if name == "to" and kind == "date" and binding.to_inclusive:
        read = f"coalesce({_DAY_AFTER.format(day=read)}, {read})"
    return f"CASE WHEN {text} NOT IN ({empty}) THEN {read} END"


def lost_column(field: str) -> str:
    """The column beside a reference that says whether it named a record which is not there, so that it was emptied."""
    return f"#lost {field}"


def written_column(field: str) -> str:
    """The column beside a reference that has it as it is written, of records that are read in place.

    Whether it leads anywhere takes a look at the other table, which is needless where the two are joined anyway.
    """
    return f"#written {field}"


def line_column(field: str) -> str:
    """The column beside a classified field that has the number of the line which said it, from 0."""
    return f"#line {field}"


def read_entity(
    engine: DuckDB,
    entity: Entity,
    binding: Binding,
    scratch: Path,
    timezone: str,
    idle: frozenset[str] = frozenset(),
) -> tuple[list[Reject], Relation]:
    """Make the typed table of an entity, with its key, if it has one, as text in the column `#key`.

    Instants are kept in UTC; one that is written without an offset is meant in the time zone of the pack.
    Args: idle: the columns in which a cell that cannot be read is emptied, and its row kept.
    Returns: what was left out, and where everything was read from.
    """
    raw, named, typed = f"raw {entity.id}", f"named {entity.id}", quoted(entity.id)
    kinds = {field.id: field.type for field in entity.fields.values()}
    binding = replace(binding, to_inclusive=False)  # `to` of a record is a field like any other
    source = read_raw(engine, raw, binding, dict.fromkeys(entity.fields, True), scratch, kinds)
    columns = ", ".join(f"{_named(field)} AS {quoted(field.id)}" for field in entity.fields.values())
    joins = " ".join(_member_join(field) for field in entity.fields.values() if names_of_field(field))
    view = f"SELECT {columns}, raw.{quoted(AT)} FROM {quoted(raw)} AS raw {joins}"
    engine.rows(f"CREATE OR REPLACE VIEW {quoted(named)} AS {view}")
    for field in entity.fields.values():
        if names := names_of_field(field):
            note_aliases(engine, entity.id, field.id, names)
    faults = [
        replace(fault, reason=EMPTIED) if fault.field in idle else fault
        for fault in row_faults(entity, quoted(named), timezone)
    ]
    rejects = rejected(engine, entity.id, quoted(named), faults)
    emptied: dict[str, list[str]] = {}
    for fault in faults:
        if fault.reason == EMPTIED:
            emptied.setdefault(fault.field, []).append(f"({fault.condition})")
    left_out = f"SELECT place FROM {quoted(REJECTED)} WHERE entity = {literal(entity.id)} AND reason <> '{EMPTIED}'"
    values = typed_columns(entity.fields.values(), timezone)
    values += [f"{key_of([quoted(key) for key in entity.key])} AS {quoted(KEY)}"] if entity.key else []
    rows = f"{_with_emptied(named, emptied)} WHERE {quoted(AT)} NOT IN ({left_out})"
    values += [f"FALSE AS {quoted(lost_column(field.id))}" for field in _references(entity)]
    select = f"SELECT {', '.join([*values, quoted(AT)])} FROM {rows}"
    engine.rows(f"CREATE OR REPLACE TABLE {typed} AS {select}")
    engine.rows(f"DROP VIEW {quoted(named)}")
    engine.rows(f"DROP TABLE {quoted(raw)}")
    return rejects, source


def drop_dangling(engine: DuckDB, tables: Mapping[str, Entity]) -> Iterator[Reject]:
    """Empty the references whose record does not exist, once all tables are read, and mark them as lost."""
    for entity in tables.values():
        table, faults = quoted(entity.id), [_dangling(field) for field in _references(entity)]
        found = rejected(engine, entity.id, table, faults)
        lost = {reject.field for reject in found}
        for fault in faults:
            if fault.field in lost:
                gone = f"{fault.example} = NULL, {quoted(lost_column(fault.field))} = TRUE"
                engine.rows(f"UPDATE {table} SET {gone} WHERE {fault.condition}")
        yield from found


def _references(entity: Entity) -> list[Field]:
    return [field for field in entity.fields.values() if field.type == "ref" and field.to is not None]


def _dangling(field: Field) -> Fault:
    """A reference to a record that does not exist."""
    column, known = quoted(field.id), f"SELECT {quoted(KEY)} FROM {quoted(str(field.to))}"
    return Fault(field.id, "reject.dangling", f"{column} IS NOT NULL AND {column} NOT IN ({known})", column)


def _with_emptied(named: str, emptied: Mapping[str, list[str]]) -> str:
    """The rows of a view with null where one of the conditions on a column holds."""
    cells = ", ".join(
        f"CASE WHEN NOT coalesce({' OR '.join(wrong)}, FALSE) THEN {quoted(name)} END AS {quoted(name)}"
        for name, wrong in emptied.items()
    )
    return f"(SELECT * REPLACE ({cells}) FROM {quoted(named)})" if cells else quoted(named)


def _named(field: Field) -> str:
    """The text of a field, for a member its id where one of its names was written."""
    own = f"raw.{quoted(field.id)}"
    if field.type == "integer":  # `007` and `7` are one number, and one key
        return f"coalesce(CAST(TRY_CAST({own} AS BIGINT) AS VARCHAR), {own})"
    return f"coalesce({quoted('names of ' + field.id)}.member, {own})" if names_of_field(field) else own


def _member_join(field: Field) -> str:
    names = quoted("names of " + field.id)
    return f"LEFT JOIN {quoted(str(names_of_field(field)))} AS {names} ON {names}.name = raw.{quoted(field.id)}"


def key_of(texts: Sequence[str]) -> str:
    """The key as one text; parts of a composite key are joined by `/`, which is escaped inside them."""
    if len(texts) == 1:
        return texts[0]
    return " || '/' || ".join(f"replace(replace({text}, '\\', '\\\\'), '/', '\\/')" for text in texts)


def count_rows(engine: Engine, table: str) -> int:
    """How many rows a table has."""
    return int(engine.rows(f"SELECT count(*) FROM {quoted(table)}")[0][0])


def all_values(engine: Engine, table: str) -> list[dict[str, Any]]:
    """All rows of a table as mappings."""
    names = engine.columns(quoted(table))
    return [dict(zip(names, row, strict=True)) for row in engine.rows(f"SELECT * FROM {quoted(table)}")]
