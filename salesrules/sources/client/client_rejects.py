"""A database that is read in place to the rows that are left out of it now, as they stand there, with the reasons."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.engines.engine import Engine
from salesrules.expr.sql import literal, quoted
from salesrules.pack.pack import Pack
from salesrules.sources.client.client_views import FIELD, REASON, faulty
from salesrules.sources.notes.reads import READ
from salesrules.sources.notes.rejects import Rejected, RejectedRow
from salesrules.sources.rows.beside import tables_read


def faulty_rows(engine: Engine, pack: Pack) -> Iterator[Rejected]:
    """Every table with such rows; rows of a database have no number."""
    for entity in tables_read(pack):
        columns = engine.columns(quoted(faulty(entity)))
        order = ", ".join(str(at + 1) for at in range(len(columns)))
        found = engine.rows(f"SELECT {', '.join(map(quoted, columns))} FROM {quoted(faulty(entity))} ORDER BY {order}")
        if found:
            ((table,),) = engine.rows(f"SELECT file FROM {quoted(READ)} WHERE what = {literal(entity)}")
            own = [at for at, name in enumerate(columns) if name not in (FIELD, REASON)]
            rows = (_row(table, dict(zip(columns, row, strict=True)), [row[at] for at in own]) for row in found)
            yield Rejected(entity, tuple(columns[at] for at in own), tuple(rows))


def _row(table: str, named: dict[str, str], cells: list[str | None]) -> RejectedRow:
    return RejectedRow(table, None, named[FIELD], named[REASON], tuple(cells))
