"""What can stand after FROM: the columns of a source as text, the place of each row, and what is known of them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from salesrules.expr.sql import literal
from salesrules.issue import Issue, PackError
from salesrules.sources.settings.bindings import Binding

AT = "#at"  # the place of a row: the number of its part, and its row there
_ROWS = 1 << 40


@dataclass(frozen=True, slots=True)
class Part:
    """One file or table that rows were read from, and how."""

    file: str
    encoding: str = ""
    separator: str = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows of text columns and AT. Values of `typed` columns had a type; `nested` ones hold several values a cell."""

    sql: str
    columns: tuple[str, ...]
    parts: tuple[Part, ...]
    typed: frozenset[str] = frozenset()
    nested: frozenset[str] = frozenset()


def place_of_row(at: int) -> tuple[int, int]:
    """The number of the part, from 0, and the row there; below a heading the first row is 2."""
    return divmod(at, _ROWS)


def at_part(number: int) -> int:
    """What the places of rows in a part begin with."""
    return number * _ROWS


def unreadable(binding: Binding, problem: str, file: str | None = None) -> PackError:
    """The refusal of a file or database that is not what it should be."""
    words = {"file": file or binding.shown, "problem": problem}
    return PackError([Issue("source.unreadable", binding.at("file"), words)])


def read_csv(path: Path, header: Sequence[str], delimiter: str = ",") -> str:
    """A CSV file in UTF-8 as text columns, named by `header`.

    Every option is given, because a guessed one would take a broken line for another dialect.
    """
    columns = "{" + ", ".join(f"{literal(name)}: 'VARCHAR'" for name in header) + "}"
    options = f"delim = {literal(delimiter)}, quote = '\"', escape = '\"', nullstr = '', header = true"
    return f"read_csv({literal(str(path))}, {options}, strict_mode = true, auto_detect = false, columns = {columns})"


def rewritten(
    path: Path, header: Sequence[str], rows: Iterable[tuple[int, Sequence[Any]]], text: Callable[[Any], str]
) -> str:
    """Write numbered rows as a CSV file that can be read again, and return it as text columns and AT."""
    names = named(header)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([AT, *names])
        for number, row in rows:
            cells = [text(value) for value in row[: len(names)]]
            writer.writerow([number, *cells, *[""] * (len(names) - len(cells))])
    return f'(SELECT * REPLACE (CAST("{AT}" AS BIGINT) AS "{AT}") FROM {read_csv(path, [AT, *names])})'


def named(header: Sequence[str]) -> list[str]:
    """The names of columns, a column without one called by its number.

    Raises: ValueError if a name stands twice, or is the one that places have.
    """
    names = [name.strip() or f"#{number}" for number, name in enumerate(header, start=1)]
    seen = {AT}
    for name in names:
        if name in seen:
            raise ValueError(f"column {name} stands twice")
        seen.add(name)
    return names
