"""A bound file to the place of each of its rows, as an editor or a spreadsheet numbers them."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from salesrules.issue import Span
from salesrules.sources.bindings import Binding
from salesrules.sources.encodings import encoding_of
from salesrules.sources.files import delimiter_of

_TEXT = (".csv", ".tsv", ".txt")


def row_places(binding: Binding, file: str, count: int) -> list[Span]:
    """The place of each of the `count` rows that were read from a file, in order; the header is none of them.

    Args: file: what the file is called in a place.
    """
    is_text = binding.url is None and binding.files is None and binding.path.suffix.lower() in _TEXT
    lines = list(_first_lines(binding)) if is_text else list(range(2, count + 2))
    return [Span(file, line, 1, line, 1) for line in lines]


def _first_lines(binding: Binding) -> Iterator[int]:
    """The line on which each row begins: a cell may hold line breaks, and empty lines are no rows."""
    path, encoding = binding.path, binding.encoding or encoding_of(binding.path)
    encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=delimiter_of(path, encoding))
        next(reader, None)
        start = reader.line_num + 1
        for row in reader:
            if row:
                yield start
            start = reader.line_num + 1
