"""Noted cells of a source that was read, by row and column, to their places in the files that they came from."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from salesrules.engines.engine import Engine
from salesrules.expr.sql import literal, quoted
from salesrules.issue import Span
from salesrules.sources.notes.reads import READ
from salesrules.sources.raw.lines import text_rows
from salesrules.sources.raw.relations import Part, place_of_row


def cell_places(engine: Engine, what: str, cells: Sequence[tuple[int, str]], root: Path) -> list[Span]:
    """The place of each cell, below `root` where its file is; of what is no text the row, in a database the place.

    Args: what: under which name it was noted how the source was read. cells: the place of the row, and the column.
    """
    if not cells:
        return []
    sql = f"SELECT part, file, encoding, separator FROM {quoted(READ)} WHERE what = {literal(what)}"
    parts = {number: Part(*words) for number, *words in engine.rows(sql)}
    wanted: dict[int, list[tuple[int, str]]] = {}
    for at, column in cells:
        number, row = place_of_row(at)
        wanted.setdefault(number, []).append((row, column))
    found = {number: _in_part(parts[number], asked, root) for number, asked in wanted.items()}
    return [found[number][row, column] for at, column in cells for number, row in [place_of_row(at)]]


def _in_part(part: Part, cells: Sequence[tuple[int, str]], root: Path) -> dict[tuple[int, str], Span]:
    path = Path(part.file)
    shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else part.file
    found = {(row, column): Span(shown, row, 1, row, 1) for row, column in cells}
    if not part.encoding:
        return found
    by_row: dict[int, list[str]] = {}
    for row, column in cells:
        by_row.setdefault(row, []).append(column)
    with suppress(OSError):  # a file that has gone since it was read keeps its rows
        header: list[str] = []
        for row, read in enumerate(text_rows(path, part.encoding, part.separator), start=1):
            header = header or [name.strip() for name in read.cells]
            for column in by_row.get(row, ()):
                number = header.index(column) if column in header else 0
                found[row, column] = read.place(shown, number)
    return found
