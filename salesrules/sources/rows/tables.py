"""Bound files to typed tables in the engine: what cannot be read is left out, counted, and says why."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from salesrules.engines.duckdb import DuckDB
from salesrules.engines.engine import Engine
from salesrules.expr.moved import within_times
from salesrules.expr.sql import literal, quoted
from salesrules.issue import EngineError, Issue, PackError, nearest
from salesrules.pack.entities import Entity, Field
from salesrules.sources.notes.reads import REJECTED, note_aliases, note_read, note_rejected
from salesrules.sources.raw.broken import broken
from salesrules.sources.raw.files import relation
from salesrules.sources.raw.formats import UNFIT, Formats, canonical
from salesrules.sources.raw.relations import AT, Relation
from salesrules.sources.rows.storage import STORAGE, choice_of, read_as
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


@dataclass(frozen=True, slots=True)
class Reject:
    """Rows that were left out, or values that were emptied, for one reason."""

    entity: str
    field: str
    reason: str
    rows: int
    example: str


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
        engine.rows(f"CREATE OR REPLACE TABLE {quoted(table)} AS SELECT {columns} FROM {source.sql}")
    except EngineError as error:
        raise broken(binding, source, error) from error
    note_read(engine, table, source)
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


def day_column(field: str) -> str:
    """The column beside a timestamp that has its day in the time zone of the pack."""
    return f"#day {field}"


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
    rejects = []
    emptied: dict[str, list[str]] = {}
    for (field_id, fault), (condition, example) in _faults(entity, raw, named, timezone):
        reason = EMPTIED if field_id in idle else fault
        if field_id in idle:
            emptied.setdefault(field_id, []).append(f"({condition})")
        count = note_rejected(engine, entity.id, field_id, reason, f"{quoted(named)} WHERE {condition}")
        if count:
            shown = engine.rows(f"SELECT min({example}) FROM {quoted(named)} WHERE {condition}")[0][0]
            rejects.append(Reject(entity.id, field_id, reason, count, str(shown).lstrip(UNFIT)))
    left_out = f"SELECT place FROM {quoted(REJECTED)} WHERE entity = {literal(entity.id)} AND reason <> '{EMPTIED}'"
    values = typed_columns(entity.fields.values(), timezone)
    values += [f"{key_of([quoted(key) for key in entity.key])} AS {quoted(KEY)}"] if entity.key else []
    rows = f"{_with_emptied(named, emptied)} WHERE {quoted(AT)} NOT IN ({left_out})"
    select = f"SELECT {', '.join([*values, quoted(AT)])} FROM {rows}"
    engine.rows(f"CREATE OR REPLACE TABLE {typed} AS {select}")
    engine.rows(f"DROP VIEW {quoted(named)}")
    engine.rows(f"DROP TABLE {quoted(raw)}")
    return rejects, source


def drop_dangling(engine: DuckDB, tables: Mapping[str, Entity]) -> Iterator[Reject]:
    """Empty the references whose record does not exist, once all tables are read, and mark them as lost."""
    for entity in tables.values():
        for field in entity.fields.values():
            if field.type != "ref" or field.to is None:
                continue
            lost = quoted(lost_column(field.id))
            engine.rows(f"ALTER TABLE {quoted(entity.id)} ADD COLUMN {lost} BOOLEAN DEFAULT FALSE")
            known = f"SELECT {quoted(KEY)} FROM {quoted(field.to)}"
            gone = f"{quoted(field.id)} IS NOT NULL AND {quoted(field.id)} NOT IN ({known})"
            rows = f"{quoted(entity.id)} WHERE {gone}"
            count = note_rejected(engine, entity.id, field.id, "reject.dangling", rows)
            if count:
                shown = engine.rows(f"SELECT min({quoted(field.id)}) FROM {rows}")[0][0]
                engine.rows(f"UPDATE {quoted(entity.id)} SET {quoted(field.id)} = NULL, {lost} = TRUE WHERE {gone}")
                yield Reject(entity.id, field.id, "reject.dangling", count, str(shown))


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


def names_of_field(field: Field) -> str | None:
    """The table of every text that means a choice, for fields that hold one."""
    return {"member": f"names {field.dimension}", "stage": f"stages {field.process}"}.get(field.type)


def _member_join(field: Field) -> str:
    names = quoted("names of " + field.id)
    return f"LEFT JOIN {quoted(str(names_of_field(field)))} AS {names} ON {names}.name = raw.{quoted(field.id)}"


def typed_columns(fields: Collection[Field], timezone: str) -> list[str]:
    """The fields out of columns of text that can be cast, and the day beside each instant."""
    days = [_day(field, timezone) for field in fields if field.type == "timestamp"]
    return [*(_typed(field, timezone) for field in fields), *days]


def _typed(field: Field, timezone: str) -> str:
    column = quoted(field.id)
    if field.type == "timestamp":
        return f"{_instant(column, timezone)} AS {column}"
    if field.type == "percent":
        return f"{_percent(column)} AS {column}"
    type_ = STORAGE[field.type].sql if field.type in STORAGE else choice_of(field)
    return f"CAST({column} AS {type_}) AS {column}" if type_ else column


def _instant(column: str, timezone: str) -> str:
    """The instant in UTC, null for text that is none."""
    said = f"timezone('UTC', TRY_CAST({column} AS TIMESTAMPTZ))"
    local = f"timezone('UTC', timezone({literal(timezone)}, TRY_CAST({column} AS TIMESTAMP)))"
    found = f"CASE WHEN regexp_matches({column}, {literal(_OFFSET)}) THEN {said} ELSE {local} END"
    first, last = _ends(timezone)
    return within_times(found, literal(first), literal(last))


@cache
def _ends(timezone: str) -> tuple[datetime, datetime]:
    """The first and last instant in UTC that has a day there and in a time zone."""
    ahead = [ZoneInfo(timezone).utcoffset(end) or _NONE for end in (datetime.min, datetime.max)]
    return datetime.min - min(ahead[0], _NONE), datetime.max - max(ahead[1], _NONE)


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
        for reason, condition in faults_of(field, timezone):
            yield (field.id, reason), (condition, quoted(field.id))
    if not entity.key:
        return
    keys = [quoted(key) for key in entity.key]
    name = ", ".join(entity.key)
    yield (name, "reject.no_key"), (" OR ".join(f"{key} IS NULL" for key in keys), "'-'")
    twice = f"SELECT {', '.join(keys)} FROM {quoted(named)} GROUP BY ALL HAVING count(*) > 1"
    yield (name, "reject.duplicate_key"), (f"({', '.join(keys)}) IN ({twice})", keys[0])


def faults_of(field: Field, timezone: str) -> Iterator[tuple[str, str]]:
    """What the text of one field can have wrong, each a reason and the condition for it."""
    column = quoted(field.id)
    if field.type in STORAGE or field.type == "timestamp":
        yield "reject.type", f"{column} IS NOT NULL AND {_read(field, timezone)} IS NULL"
    if names := names_of_field(field):
        known = f"SELECT member FROM {quoted(names)}"
        yield f"reject.unknown_{field.type}", f"{column} IS NOT NULL AND {column} NOT IN ({known})"
    if field.type in ("text", "ref", "list"):
        wrong = ", ".join(literal(text) for text in MISCALCULATED)
        yield "reject.miscalculated", f"{column} IN ({wrong})"


def _read(field: Field, timezone: str) -> str:
    """The value of a field, null for text that is of another type."""
    column = quoted(field.id)
    if field.type == "timestamp":
        return _instant(column, timezone)
    if field.type == "percent":
        return _percent(column)
    return read_as(field.type, column)


def count_rows(engine: Engine, table: str) -> int:
    """How many rows a table has."""
    return int(engine.rows(f"SELECT count(*) FROM {quoted(table)}")[0][0])


def all_values(engine: Engine, table: str) -> list[dict[str, Any]]:
    """All rows of a table as mappings."""
    names = engine.columns(quoted(table))
    return [dict(zip(names, row, strict=True)) for row in engine.rows(f"SELECT * FROM {quoted(table)}")]
