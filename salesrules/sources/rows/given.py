"""Texts that somebody types for fields to one typed row, read as the cells of a source are."""

from __future__ import annotations

from collections.abc import Mapping
from unicodedata import normalize

from salesrules.engines.engine import Answering
from salesrules.expr.sql import quoted
from salesrules.pack.entities import Entity, Field
from salesrules.sources.raw.formats import Formats, canonical
from salesrules.sources.rows.faults import faults_of
from salesrules.sources.rows.tables import BLANKS
from salesrules.sources.rows.typed import names_of_field, typed_columns

GIVEN = "#given"
_TEXTS = "#given texts"


def read_given(engine: Answering, entity: Entity, values: Mapping[str, str], timezone: str) -> list[str]:
    """Make the temporary table `#given` of one row: these fields, and the day beside each instant.

    Args: values: texts by field; an empty one is null. timezone: of instants without an offset.
    Returns: the fields whose text cannot be read; if there are any, there is no table.
    """
    fields = [entity.fields[name] for name in values]
    texts = {f"c{at}": normalize("NFC", text).strip(BLANKS) or None for at, text in enumerate(values.values())}
    columns = ", ".join(f"{_text(field, f'c{at}')} AS {quoted(field.id)}" for at, field in enumerate(fields))
    engine.rows(f"CREATE TEMPORARY TABLE {quoted(_TEXTS)} AS SELECT {columns}", texts)
    unread = [field.id for field in fields if _is_unread(engine, field, timezone)]
    if not unread:
        typed = ", ".join(typed_columns(fields, timezone))
        engine.rows(f"CREATE TEMPORARY TABLE {quoted(GIVEN)} AS SELECT {typed} FROM {quoted(_TEXTS)}")
    return unread


def _text(field: Field, name: str) -> str:
    """What was typed as text that can be cast; for a member or stage its id where one of its names was."""
    text = f"CAST(${name} AS VARCHAR)"
    if names := names_of_field(field):
        return f"coalesce((SELECT member FROM {quoted(names)} WHERE name = {text}), {text})"
    return canonical(text, field.type, Formats())


def _is_unread(engine: Answering, field: Field, timezone: str) -> bool:
    wrong = " OR ".join(f"({condition})" for _, condition in faults_of(field, timezone)) or "FALSE"
    return bool(engine.rows(f"SELECT 1 FROM {quoted(_TEXTS)} WHERE {wrong}"))
