"""The one table of how values are stored: the engine's type for each type of field, and which values it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.dialects import DUCKDB
from salesrules.expr.sql import literal, quoted
from salesrules.pack.entities import Field


@dataclass(frozen=True, slots=True)
class Storage:
    """A type of the engine; `holds` is the condition on `{0}` under which a value of it is kept, empty for all."""

    sql: str
    holds: str = ""


_EXACT = 2**53  # beyond it a double, as people's spreadsheets have it, no longer tells whole numbers apart
STORAGE: Mapping[str, Storage] = {
    "integer": Storage(DUCKDB.types["integer"], f"{{0}} BETWEEN -{_EXACT} AND {_EXACT}"),
    "decimal": Storage(DUCKDB.types["decimal"]),
    "money": Storage(DUCKDB.types["money"]),
    "percent": Storage(DUCKDB.types["percent"]),
    "boolean": Storage(DUCKDB.types["boolean"]),
    # what no calendar in the language can hold is no day
    "date": Storage(DUCKDB.types["date"], "{0} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"),
    "double": Storage(DUCKDB.types["double"], "isfinite({0})"),
}
"""Texts that are read as another type; timestamps are read by their zone, members and stages are choices."""


def read_as(type_: str, text: str) -> str:
    """The value that a text is as a type of this table, null where it is none."""
    found = STORAGE[type_]
    value = f"TRY_CAST({text} AS {found.sql})"
    return f"CASE WHEN {found.holds.format(value)} THEN {value} END" if found.holds else value


def choice_of(field: Field) -> str | None:
    """The engine's type of a field that is a member or a stage: an enumeration, ordered as its texts are."""
    if field.type == "member":
        return member_type(str(field.dimension))
    return stage_type(str(field.process)) if field.type == "stage" and field.process else None


def member_type(dimension: str) -> str:
    """The engine's type of the members of a dimension."""
    return quoted(f"member {dimension}")


def stage_type(process: str) -> str:
    """The engine's type of the stages of a process."""
    return quoted(f"stage {process}")


def declare_choices(engine: DuckDB, type_: str, ids: Iterable[str]) -> None:
    """Make the type of a few texts, so that comparing and grouping them is comparing and grouping small integers."""
    texts = ", ".join(literal(id) for id in sorted({str(id) for id in ids}))
    engine.rows(f"CREATE TYPE {type_} AS ENUM ({texts})")
