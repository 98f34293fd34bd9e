"""What the text of a row can have wrong, as conditions; and where they hold, noted and counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import literal, quoted
from salesrules.pack.entities import Entity, Field
from salesrules.sources.notes.reads import note_rejected
from salesrules.sources.raw.formats import UNFIT
from salesrules.sources.rows.storage import STORAGE
from salesrules.sources.rows.typed import names_of_field, read_typed

MISCALCULATED = ("#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!")  # what spreadsheets show instead


@dataclass(frozen=True, slots=True)
class Fault:
    """A condition under which a row is left out or a value emptied, and the text that shows it."""

    field: str
    reason: str
    condition: str
    example: str


@dataclass(frozen=True, slots=True)
class Reject:
    """Rows that were left out, or values that were emptied, for one reason."""

    entity: str
    field: str
    reason: str
    rows: int
    example: str


def row_faults(entity: Entity, rows: str, timezone: str) -> Iterator[Fault]:
    """What a row can have wrong; one is enough to leave it out.

    Args: rows: the texts of all rows, as what stands after FROM.
    """
    for field in entity.fields.values():
        for reason, condition in faults_of(field, timezone):
            yield Fault(field.id, reason, condition, quoted(field.id))
    if not entity.key:
        return
    keys = [quoted(key) for key in entity.key]
    name = ", ".join(entity.key)
    yield Fault(name, "reject.no_key", " OR ".join(f"{key} IS NULL" for key in keys), "'-'")
    twice = f"SELECT {', '.join(keys)} FROM {rows} GROUP BY ALL HAVING count(*) > 1"
    yield Fault(name, "reject.duplicate_key", f"({', '.join(keys)}) IN ({twice})", keys[0])


def faults_of(field: Field, timezone: str) -> Iterator[tuple[str, str]]:
    """What the text of one field can have wrong, each a reason and the condition for it."""
    column = quoted(field.id)
    if field.type in STORAGE or field.type == "timestamp":
        yield "reject.type", f"{column} IS NOT NULL AND {read_typed(field, timezone)} IS NULL"
    if names := names_of_field(field):
        known = f"SELECT member FROM {quoted(names)}"
        yield f"reject.unknown_{field.type}", f"{column} IS NOT NULL AND {column} NOT IN ({known})"
    if field.type in ("text", "ref", "list"):
        wrong = ", ".join(literal(text) for text in MISCALCULATED)
        yield "reject.miscalculated", f"{column} IN ({wrong})"


def rejected(engine: DuckDB, entity: str, rows: str, faults: Sequence[Fault]) -> list[Reject]:
    """Note the place of every row that has one of the faults; all of them are looked for at once.

    Args: rows: what stands after FROM, with the place of each.
    """
    if not faults:
        return []
    asked = ", ".join(f"count(*) FILTER (WHERE {fault.condition})" for fault in faults)
    counts = zip(faults, engine.rows(f"SELECT {asked} FROM {rows}")[0], strict=True)
    return [_rejected(engine, entity, f"{rows} WHERE {f.condition}", f, count) for f, count in counts if count]


def _rejected(engine: DuckDB, entity: str, rows: str, fault: Fault, count: int) -> Reject:
    note_rejected(engine, entity, fault.field, fault.reason, rows)
    shown = engine.rows(f"SELECT min({fault.example}) FROM {rows}")[0][0]
    return Reject(entity, fault.field, fault.reason, count, str(shown).lstrip(UNFIT))
