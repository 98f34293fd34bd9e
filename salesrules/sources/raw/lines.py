"""A bound file to the place of each of its rows and cells, as an editor or a spreadsheet numbers them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from salesrules.issue import Span
from salesrules.sources.raw.encodings import encoding_of
from salesrules.sources.raw.files import delimiter_of
from salesrules.sources.settings.bindings import Binding

_TEXT = (".csv", ".tsv", ".txt")
_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class TextRow:
    """One row of a text file: the line on which it begins, its text as it is written, and its cells."""

    line: int
    text: str
    separator: str
    cells: tuple[str, ...]

    def place(self, file: str, number: int) -> Span:
        """Where the cell with a number from 0 is written, without the spaces around it."""
        sign = re.escape(self.separator)
        cell = rf'([^\S\r\n{sign}]*"(?:[^"]|"")*"[^{sign}\r\n]*|[^{sign}\r\n]*)(?:{sign}|\r|\n|$)'
        found = next(islice(re.finditer(cell, self.text), number, None), None)
        if found is None:
            return Span(file, self.line, 1, self.line, 1)
        said = found[1].strip()
        start = found.start() + (found[1].index(said) if said else 0)
        line, column = self._at(start)
        return Span(file, line, column, *self._at(start + max(len(said), 1)))

    def _at(self, index: int) -> tuple[int, int]:
        """The line and column of a character of the text."""
        breaks = [found.end() for found in _BREAK.finditer(self.text, 0, index)]
        return self.line + len(breaks), index - (breaks[-1] if breaks else 0) + 1


def text_rows(path: Path, encoding: str, separator: str) -> Iterator[TextRow]:
    """The rows of a text file with the heading first: a cell may hold line breaks, and empty lines are no rows.

    Raises: OSError if there is no such file.
    """
    with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as file:
        lines = list(file)
    reader = csv.reader(lines, delimiter=separator)
    start = 0
    for cells in reader:
        if cells:
            yield TextRow(start + 1, "".join(lines[start : reader.line_num]), separator, tuple(cells))
        start = reader.line_num


def row_places(binding: Binding, file: str, count: int) -> list[Span]:
    """The place of each of the `count` rows that were read from a file, in order; the header is none of them.

    Args: file: what the file is called in a place.
    """
    is_text = binding.url is None and binding.files is None and binding.path.suffix.lower() in _TEXT
    lines = list(_first_lines(binding)) if is_text else list(range(2, count + 2))
    return [Span(file, line, 1, line, 1) for line in lines]


def _first_lines(binding: Binding) -> Iterator[int]:
    """The line on which each row below the heading begins."""
    encoding = binding.encoding or encoding_of(binding.path)
    separator = delimiter_of(binding.path, "utf-8-sig" if encoding == "utf-8" else encoding)
    return (row.line for row in islice(text_rows(binding.path, encoding, separator), 1, None))
