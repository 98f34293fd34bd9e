"""CSV text to rows of cells that know their places; the header decides which column is which."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from salesrules.issue import Issue, Span, Term, nearest
from salesrules.load.places import Source

FULL_WIDTH_COMMAS = "，、"
OTHER_SEPARATORS = ";\t|；"

_QUOTED = re.compile(r'[^\S\r\n]*"([^"]*+(?:""[^"]*+)*+)"[^\S\r\n]*')
_BARE = re.compile(r"[^,\r\n]*")
_BREAK = re.compile(r"\r\n|\r|\n")
_SKIPPED = re.compile(r"[^\S\r\n]*(?:#[^\r\n]*)?(?:\r\n|\r|\n|\Z)")


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of a cell without quotes and outer spaces, and where it stands."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Row:
    """One row by column name; `span` covers all of its cells."""

    cells: dict[str, Cell]
    span: Span

    def __getitem__(self, column: str) -> Cell:
        return self.cells[column]


def read_csv(text: str, file: str, columns: Sequence[str]) -> tuple[list[Row], list[Issue]]:
    """The rows below a header that names `columns`, in any order; a row with an issue is left out.

    Blank lines and lines that begin with # are skipped; a quoted cell may hold commas, line breaks and "".
    """
    source = Source(file, text.removeprefix("\ufeff"))
    issues: list[Issue] = []
    lines = _lines(source, issues)
    first = next(lines, None)
    if first is None:
        return [], issues or [Issue("csv.no_header", Span(file), {"header": ",".join(columns)})]
    while first and not first[-1].text:
        first.pop()  # a spreadsheet saves empty columns on the right
    issues += _header_issues(first, columns)
    if issues:
        return [], issues
    names = [cell.text for cell in first]
    rows: list[Row] = []
    for cells in lines:
        span = _around(cells)
        if len(cells) == len(names) or (len(cells) > len(names) and not any(c.text for c in cells[len(names) :])):
            rows.append(Row(dict(zip(names, cells, strict=False)), span))
        else:
            issues.append(_miscounted(cells, span, len(names)))
    return rows, issues


def _lines(source: Source, issues: list[Issue]) -> Iterator[list[Cell]]:
    """The cells of each line that says something; a line that cannot be cut into cells becomes an issue."""
    text, at = source.text, 0
    while at < len(text):
        skipped = _SKIPPED.match(text, at)
        if skipped:
            at = max(skipped.end(), at + 1)
            continue
        cells: list[Cell] = []
        at = _cut_line(source, at, cells, issues)
        if any(cell.text for cell in cells):
            yield cells


def _cut_line(source: Source, at: int, cells: list[Cell], issues: list[Issue]) -> int:
    """Fill `cells` from the line at an index, with nothing if it has a flaw; gives the index of the next line."""
    text, flaw = source.text, None
    while True:
        quoted = _QUOTED.match(text, at)
        match = quoted or _BARE.match(text, at)
        assert match is not None
        if quoted is None and match[0].lstrip().startswith('"'):
            flaw = Issue("csv.open_quote", _span(source, match.start() + match[0].index('"')))
        cells.append(_cell(source, match, quoted is not None))
        at = match.end()
        if quoted and at < len(text) and text[at] not in ",\r\n":
            flaw = Issue("csv.text_after_quote", _span(source, at))
            break
        if not text.startswith(",", at):
            break
        at += 1
    if flaw:
        issues.append(flaw)
        cells.clear()
    line_end = _BREAK.search(text, at)
    return line_end.end() if line_end else len(text)


def _cell(source: Source, match: re.Match[str], quoted: bool) -> Cell:
    if quoted:
        start, end = match.start(1) - 1, match.end(1) + 1
        return Cell(match[1].replace('""', '"').strip(), _span(source, start, end))
    said = match[0].strip()
    start = match.start() + (match[0].index(said) if said else 0)
    return Cell(said, _span(source, start, start + len(said)))


def _span(source: Source, start: int, end: int | None = None) -> Span:
    end = start + 1 if end is None else end
    line, end_line = source.line_of(start), source.line_of(end)
    column, end_column = start - source.starts[line], end - source.starts[end_line]
    return Span(source.file, line + 1, column + 1, end_line + 1, end_column + 1)


def _around(cells: Sequence[Cell]) -> Span:
    first, last = cells[0].span, cells[-1].span
    return Span(first.file, first.line, first.column, last.end_line, last.end_column)


def _miscounted(cells: Sequence[Cell], span: Span, wanted: int) -> Issue:
    """Too few or too many cells; where commas are missing, the full-width one is the likely reason."""
    for cell in cells:
        found = next((place for place, sign in enumerate(cell.text) if sign in FULL_WIDTH_COMMAS), None)
        if found is not None and len(cells) < wanted and cell.span.line == cell.span.end_line:
            column = cell.span.column + found
            place = Span(span.file, cell.span.line, column, cell.span.line, column + 1)
            return Issue("csv.full_width_comma", place, {"sign": cell.text[found]})
    place = _around(cells[wanted:]) if len(cells) > wanted else span
    return Issue("csv.columns", place, {"found": str(len(cells)), "wanted": str(wanted)})


def _header_issues(cells: Sequence[Cell], columns: Sequence[str]) -> Iterator[Issue]:
    names = [cell.text for cell in cells]
    separators = [sign for sign in FULL_WIDTH_COMMAS + OTHER_SEPARATORS if sign in names[0]]
    if separators and len(names) < len(columns):
        sign = Term("csv.tab") if separators[0] == "\t" else separators[0]
        wide = separators[0] in FULL_WIDTH_COMMAS
        yield (
            _miscounted(cells, cells[0].span, len(columns))
            if wide
            else Issue("csv.separator", cells[0].span, {"sign": sign})
        )
        return
    if not set(names) & set(columns):
        yield Issue("csv.no_header", _around(cells), {"header": ",".join(columns)})
        return
    meant = set()
    for place, cell in enumerate(cells):
        if cell.text not in columns:
            near = nearest(cell.text.lower(), columns)
            meant.add(near)
            yield Issue("csv.unknown_column", cell.span, {"name": cell.text}, near=near)
        elif cell.text in names[:place]:
            first = cells[names.index(cell.text)].span
            yield Issue("csv.column_twice", cell.span, {"name": cell.text}, other=first)
    for name in columns:
        if name not in names and name not in meant:
            yield Issue("csv.missing_column", _around(cells), {"name": name})
