"""The tables of a client's database to what questions read: one definition an entity, and what rows they leave out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.dialects import POSTGRES
from salesrules.expr.sql import literal, quoted
from salesrules.issue import Issue, PackError, nearest
from salesrules.pack.entities import Entity, Field
from salesrules.sources.client.client_tables import ClientTable, Column
from salesrules.sources.client.readings import ROWS, Reading, as_written, day_of, reading, trimmed
from salesrules.sources.notes.reads import note_alias, note_part
from salesrules.sources.raw.relations import Part
from salesrules.sources.rows.faults import MISCALCULATED, Fault, Reject
from salesrules.sources.rows.tables import ABSENT, KEY, key_of, lost_column, written_column
from salesrules.sources.rows.typed import day_column, names_of_field
from salesrules.sources.settings.bindings import Binding

if TYPE_CHECKING:  # whoever only asks for what was left out needs no driver
    from salesrules.engines.postgres import Postgres

FIELD, REASON = "#field of salesrules", "#reason of salesrules"  # no column is likely to be called so
_WRITTEN_OUT = 1_000
_WRONG = ", ".join(map(literal, MISCALCULATED))
_PLAIN = ("uuid", "int2", "int4", "int8", "float4", "float8", "numeric", "bool", "date", "timestamp", "timestamptz")
_ONE_TO_ONE = ("text", "varchar", "bpchar", "uuid", "int2", "int4", "int8")  # two values never have one text


class ClientView:
    """How the rows of one entity, or of a table beside its records, are read from their table."""

    def __init__(
        self,
        engine: Postgres,
        entity: Entity,
        bound: Binding,
        table: ClientTable,
        timezone: str,
    ) -> None:
        self.columns = _columns(entity, bound, table)
        self._entity, self._table, self._nulls, self._timezone = entity, table, bound.nulls, timezone
        self._shown = bound.shown
        self._source = f"FROM {table.name} AS {ROWS}"
        fields = [field for field in entity.fields.values() if field.id in self.columns]
        self._names = {field.id: _names(engine, names) for field in fields if (names := names_of_field(field))}
        self._untidy, self._renamed, self._miscalculated = self._survey(engine)
        self._readings = {id: self._reading(field) for id, field in entity.fields.items()}
        self._faults = (*self._unreadable(), *self._bad_keys())

    def define_readable(self, engine: Postgres) -> None:
        """Define the rows that can be read, under a name that only definitions use."""
        values = []
        for id, field in self._entity.fields.items():
            values.append(f"{self._readings[id].value} AS {quoted(id)}")
            if field.type == "timestamp":
                values.append(f"{day_of(self._readings[id].value, self._timezone)} AS {quoted(day_column(id))}")
        if self._entity.key:
            values.append(f"{self._key()} AS {quoted(KEY)}")
        engine.define(_readable(self._entity.id), f"SELECT {', '.join(values)} {self._source} {self._without_faults()}")

    def _without_faults(self) -> str:
        """The clause that leaves rows out; planners guess of `is not null` that it is true of nearly every row."""
        if not self._faults:
            return ""
        any_fault = " OR ".join(f"({fault.condition})" for fault in self._faults)
        return f"WHERE CASE WHEN {any_fault} THEN NULL ELSE 1 END IS NOT NULL"

    def define(self, engine: Postgres) -> None:
        """Define the entity itself: its readable rows, with references that lead nowhere emptied.

        The key comes from the row that is referred to, so that PostgreSQL can turn a condition on it into one on the
        table itself, and use an index.
        """
        targets = {field.id: _target(field) for field in self._references()}
        values = []
        for id, field in self._entity.fields.items():
            values.append(f"{targets.get(id, f'g.{quoted(id)}')} AS {quoted(id)}")
            if id in targets:
                values.append(f"{self._lost(field)} AS {quoted(lost_column(id))}")
                values.append(f"g.{quoted(id)} AS {quoted(written_column(id))}")
            if field.type == "timestamp":
                values.append(f"g.{quoted(day_column(id))}")
        if self._entity.key:
            values.append(f"g.{quoted(KEY)}")
        engine.define(self._entity.id, f"SELECT {', '.join(values)} {self._with_targets()}")

    def define_faulty(self, engine: Postgres) -> None:
        """Define the rows that something is wrong with, each once for each fault; all entities are defined."""
        columns = {column.name: column for column in self.columns.values()}
        texts = [f"{as_written(column)} AS {quoted(name)}" for name, column in columns.items()]
        faults = [*self._faults, *(self._dangling(field) for field in self._references())]
        parts = [
            f"SELECT {literal(f.field)} AS {quoted(FIELD)}, {literal(f.reason)} AS {quoted(REASON)}, "
            f"{', '.join(texts)} {self._source} WHERE {f.condition}"
            for f in faults
        ]
        nothing = f"SELECT '' AS {quoted(FIELD)}, '' AS {quoted(REASON)}, {', '.join(texts)} {self._source} WHERE FALSE"
        engine.define(faulty(self._entity.id), " UNION ALL ".join(parts or [nothing]))

    def _dangling(self, reference: Field) -> Fault:
        """That a row which is read names a record that is not there."""
        text = self._readings[reference.id].value
        nothing = ", ".join(literal(null) for null in ("", *self._nulls))
        there = f"SELECT {quoted(KEY)} FROM {quoted(_readable(str(reference.to)))} WHERE {quoted(KEY)} IS NOT NULL"
        others = " OR ".join(f"({fault.condition})" for fault in self._faults) or "FALSE"
        condition = f"{text} NOT IN ({nothing}) AND {text} NOT IN ({there}) AND ({others}) IS NOT TRUE"
        return Fault(reference.id, "reject.dangling", condition, text)

    def note(self, engine: Postgres, notes: DuckDB) -> None:
        """Note how many rows there are now, and which texts stand for a choice by another name."""
        (count,) = engine.rows(f"SELECT count(*) {self._source}")[0]
        note_part(notes, self._entity.id, 0, Part(self._shown), count)
        for field in self._entity.fields.values():
            names = names_of_field(field)
            if names and field.id in self.columns:
                text = self._readings[field.id].text
                known = f"SELECT name, member FROM {quoted(names)} WHERE name <> member"
                found = f"SELECT {text} AS name, count(*) AS rows {self._source} GROUP BY 1"
                sql = f"SELECT n.name, n.member, f.rows FROM ({known}) AS n JOIN ({found}) AS f ON f.name = n.name"
                for alias, member, rows in engine.rows(sql):
                    note_alias(notes, self._entity.id, field.id, alias, member, rows)

    def rejects(self, engine: Postgres) -> Iterator[Reject]:
        """What is left out now, and what is emptied; all entities are defined."""
        yield from _counted(engine, self._entity, self._faults, self._source)
        dangling = [
            Fault(field.id, "reject.dangling", self._lost(field), f"g.{quoted(field.id)}")
            for field in self._references()
        ]
        yield from _counted(engine, self._entity, dangling, self._with_targets())

    def _lost(self, reference: Field) -> str:
        """True where a reference names a record that is not there, else false."""
        own, nothing = f"g.{quoted(reference.id)}", ", ".join(literal(null) for null in ("", *self._nulls))
        return f"({_target(reference)} IS NULL AND {own} IS NOT NULL AND {own} NOT IN ({nothing}))"

    def _references(self) -> list[Field]:
        return [field for field in self._entity.fields.values() if field.type == "ref" and field.to]

    def _with_targets(self) -> str:
        joins = [
            f"LEFT JOIN {quoted(_readable(str(f.to)))} AS {quoted('by ' + f.id)} ON {_target(f)} = g.{quoted(f.id)}"
            for f in self._references()
        ]
        return " ".join([f"FROM {quoted(_readable(self._entity.id))} AS g", *joins])

    def _survey(self, engine: Postgres) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """The fields of choices with spaces or nothing around what is written now, those of them with other names than
        the ids of members, and the fields with miscalculated texts.

        A column that has no such is read as it is, which is faster and lets an index serve. A row that brings some
        later names no member then, and is left out; a text that is miscalculated later is shown.
        """
        texts = [field.id for field in self._entity.fields.values() if self._may_be_miscalculated(field)]
        pairs = {id: (as_written(c), trimmed(c, self._nulls)) for id, c in self.columns.items()}
        asked = [
            [(id, f"{pairs[id][0]} IS DISTINCT FROM {pairs[id][1]}") for id in self._names],
            [(id, f"{pairs[id][1]} IN ({_listed(_others(names))})") for id, names in self._names.items()],
            [(id, f"{pairs[id][0]} LIKE '%#%' AND {pairs[id][1]} IN ({_WRONG})") for id in texts],
        ]
        every = [f"coalesce(bool_or({condition}), FALSE)" for part in asked for _, condition in part]
        found = iter(engine.rows(f"SELECT {', '.join(every)} {self._source}")[0] if every else ())
        untidy, renamed, miscalculated = (frozenset(id for id, _ in part if next(found)) for part in asked)
        return untidy, renamed, miscalculated

    def _choice(self, field: Field, text: str) -> Reading:
        """A text as the choice that it names; the names are written out where they are few: planners know lists."""
        names, table = self._names[field.id], quoted(str(names_of_field(field)))
        is_id = "" if field.id in self._renamed else " WHERE name = member"
        written = names if field.id in self._renamed else [name for name, member in names.items() if name == member]
        known = _listed(written) if 0 < len(written) <= _WRITTEN_OUT else f"SELECT name FROM {table}{is_id}"
        others = json.dumps(_others(names))
        value = f"coalesce(CAST({literal(others)} AS jsonb) ->> {text}, {text})" if field.id in self._renamed else text
        return Reading(value, f"({text} NOT IN ({known}))", text)

    def _reading(self, field: Field) -> Reading:
        column = self.columns.get(field.id)
        if column is None:
            return Reading(f"CAST(NULL AS {POSTGRES.types.get(field.type, 'VARCHAR')})", None, "NULL")
        if field.type == "ref" or (field.id in self._entity.key and field.type == "text"):
            return Reading(as_written(column), None, as_written(column))
        if names_of_field(field):
            text = trimmed(column, self._nulls) if field.id in self._untidy else as_written(column)
            return self._choice(field, text)
        return reading(field, column, self._nulls, self._timezone)

    def _unreadable(self) -> Iterator[Fault]:
        for id, found in self._readings.items():
            field = self._entity.fields[id]
            if found.fault is not None:
                reason = f"reject.unknown_{field.type}" if names_of_field(field) else "reject.type"
                yield Fault(id, reason, found.fault, found.text)
            if id in self._miscalculated:
                yield Fault(id, "reject.miscalculated", f"{found.text} IN ({_WRONG})", found.text)

    def _may_be_miscalculated(self, field: Field) -> bool:
        """Whether a column can hold what spreadsheets show instead of a value: numbers and the like cannot."""
        texts = field.type in ("text", "ref", "list") and field.id in self.columns
        return texts and self.columns[field.id].type not in _PLAIN

    def _bad_keys(self) -> Iterator[Fault]:
        texts = [(self._key_text(key), self._readings[key].value) for key in self._entity.key]
        if not texts:
            return
        name = ", ".join(self._entity.key)
        nothing = ", ".join(literal(null) for null in ("", *self._nulls))
        missing = " OR ".join(f"{text} IS NULL OR {text} IN ({nothing})" for text, _ in texts)
        yield Fault(name, "reject.no_key", missing, "'-'")
        written = [text for key, (text, _) in zip(self._entity.key, texts, strict=True) if self._is_written(key)]
        if written:
            # planners take a LIKE for rare, but two texts that differ for common
            padded = " OR ".join(f"{text} LIKE ' %' OR {text} LIKE '% '" for text in written)
            yield Fault(name, "reject.padded_key", padded, written[0])
        if not self._is_unique():
            whole = self._key()
            twice = f"SELECT {whole} {self._source} WHERE {whole} IS NOT NULL GROUP BY 1 HAVING count(*) > 1"
            yield Fault(name, "reject.duplicate_key", f"{whole} IN ({twice})", texts[0][0])

    def _is_written(self, key: str) -> bool:
        return self._entity.fields[key].type in ("ref", "text")

    def _key(self) -> str:
        return key_of([self._key_text(key) for key in self._entity.key])

    def _key_text(self, key: str) -> str:
        value = self._readings[key].value
        return value if self._is_written(key) else f"CAST({value} AS TEXT)"

    def _is_unique(self) -> bool:
        """Whether an index keeps the rows of two keys apart, so that no question needs to look."""
        fields = [key for key in self._entity.key if self._entity.fields[key].type in ("ref", "text", "integer")]
        columns = {self.columns[key].name for key in fields if self.columns[key].type in _ONE_TO_ONE}
        return any(names <= columns for names in self._table.unique.values())


def _names(engine: Postgres, table: str) -> dict[str, str]:
    """Every text that names a choice, with its id."""
    return dict(engine.rows(f"SELECT name, member FROM {quoted(table)}"))


def _others(names: Mapping[str, str]) -> dict[str, str]:
    """The names that are no ids themselves."""
    return {name: member for name, member in names.items() if name != member}


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(map(literal, texts)) or "NULL"


def _readable(entity: str) -> str:
    return f"readable {entity}"


def faulty(entity: str) -> str:
    """The name of the rows of an entity that something is wrong with."""
    return f"#faulty {entity}"


def _target(reference: Field) -> str:
    """The key of the record that a reference leads to, null where there is none."""
    return f"{quoted('by ' + reference.id)}.{quoted(KEY)}"


def _columns(entity: Entity, bound: Binding, table: ClientTable) -> Mapping[str, Column]:
    """The column of each field that has one.

    Raises: PackError with every column that is missing, and every one that is mapped to no field.
    """
    found: dict[str, Column] = {}
    issues = []
    for field in entity.fields:
        name = bound.columns.get(field, field)
        if name in table.columns:
            found[field] = table.columns[name]
        elif name != ABSENT:
            words = {"name": name, "file": str(bound.table)}
            issues.append(
                Issue("source.no_column", bound.at("columns", field), words, near=nearest(name, table.columns))
            )
    for field in bound.columns:
        if field not in entity.fields:
            near = nearest(field, entity.fields)
            issues.append(Issue("source.unknown_field", bound.at("columns", field), {"name": field}, near=near))
    if issues:
        raise PackError(issues)
    return found


def _counted(engine: Postgres, entity: Entity, faults: Sequence[Fault], source: str) -> Iterator[Reject]:
    """How many rows have each fault, counted in one pass."""
    if not faults:
        return
    figures = [
        f'count(*) FILTER (WHERE {f.condition}), min({f.example} COLLATE "C") FILTER (WHERE {f.condition})'
        for f in faults
    ]
    (row,) = engine.rows(f"SELECT {', '.join(figures)} {source}")
    for at, fault in enumerate(faults):
        count, example = row[2 * at : 2 * at + 2]
        if count:
            yield Reject(entity.id, fault.field, fault.reason, count, str(example))
