"""What was noted while sources were read to the rows that were left out, as they were written, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from salesrules.engines.engine import Engine
from salesrules.expr.sql import literal, quoted
from salesrules.sources.notes.reads import READ, REJECTED, original
from salesrules.sources.org.organisation import Organisation
from salesrules.sources.org.posts import noted_as
from salesrules.sources.raw.relations import AT, place_of_row


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """One row for one reason: the file or table, the row if it has a number, and the cells as they were written."""

    file: str
    row: int | None
    field: str
    reason: str
    cells: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """All rows of one table that something was found wrong with; a row stands once for each reason."""

    entity: str
    columns: tuple[str, ...]
    rows: tuple[RejectedRow, ...]


def rejected_rows(engine: Engine, organisation: Organisation) -> Iterator[Rejected]:
    """Every table of which rows were left out, or values emptied, in the order in which they were read."""
    noted = engine.rows(f"SELECT entity, place, field, reason FROM {quoted(REJECTED)} ORDER BY 1, 2, 3, 4")
    noted += sorted((line.kept, line.at, line.field, line.reason) for line in organisation.wrong_posts)
    for entity in dict.fromkeys(line[0] for line in noted):
        yield _table(engine, entity, [line[1:] for line in noted if line[0] == entity])


def _table(engine: Engine, entity: str, noted: list[tuple[int, str, str]]) -> Rejected:
    name = quoted(original(entity))
    columns = [column for column in engine.columns(name) if column != AT]
    every = ", ".join(map(quoted, (AT, *columns)))
    cells = {place: row for place, *row in engine.rows(f"SELECT {every} FROM {name}")}
    what = noted_as(entity)
    files = dict(engine.rows(f"SELECT part, file FROM {quoted(READ)} WHERE what = {literal(what)}"))
    rows = []
    for place, field, reason in noted:
        part, row = place_of_row(place)
        rows.append(RejectedRow(files[part], row, field, reason, tuple(cells[place])))
    return Rejected(entity, tuple(columns), tuple(rows))
