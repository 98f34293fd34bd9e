"""A sheet of a workbook to a relation: cells as a CSV file would have them, formulas by their saved results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from salesrules.issue import Issue, PackError
from salesrules.sources.raw.cells import cell_text
from salesrules.sources.raw.relations import named, rewritten
from salesrules.sources.settings.bindings import Binding

LARGEST = 512 << 20  # bytes of a workbook once it is unpacked; its texts are all held in memory


def sheet_rows(binding: Binding, path: Path, scratch: Path) -> tuple[str, list[str]]:
    """The rows of the sheet as SQL that can stand after FROM, and the names of its columns.

    Raises: ValueError if there is no such sheet, or it cannot be held; PackError if results of formulas are missing.
    """
    from openpyxl import load_workbook

    _must_be_bounded(path)
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        if binding.sheet is not None and binding.sheet not in book.sheetnames:
            raise ValueError(f"no sheet {binding.sheet}; there are {', '.join(book.sheetnames)}")
        name = binding.sheet or book.sheetnames[0]
        sheet = book[name]
        sheet.reset_dimensions()  # how large a sheet says it is need not be true, and the rest would be lost
        cells = sheet.iter_rows()
        rows = _filled(tuple(map(_shown, row)) for row in cells) if binding.scale else _filled(sheet.values)
        _, first = next(rows, (1, ()))
        header = [cell_text(value, binding) for value in first]
        while header and not header[-1]:  # cells that were once touched
            header.pop()
        if not header:
            raise ValueError("the sheet is empty")
        _must_have_results(binding, path, name)
        sql = rewritten(scratch, header, rows, lambda value: cell_text(value, binding))
    finally:
        book.close()
    return sql, named(header)


def _must_be_bounded(path: Path) -> None:
    with ZipFile(path) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > LARGEST:
        raise ValueError(f"unpacked it has {size >> 20} MB, more than {LARGEST >> 20}: save the sheet as CSV")


def _filled(rows: Iterator[Sequence[Any]]) -> Iterator[tuple[int, Sequence[Any]]]:
    """The rows that hold anything, with the numbers that the spreadsheet shows."""
    for number, row in enumerate(rows, start=1):
        if any(value is not None for value in row):
            yield number, row


def _shown(cell: Any) -> Any:
    """The value of a cell; what is shown as a percent is written as one, for a bare number may count hundredths."""
    if isinstance(cell.value, int | float) and "%" in str(cell.number_format):
        return f"{Decimal(repr(cell.value)) * 100:f}%"
    return cell.value


def _must_have_results(binding: Binding, path: Path, sheet: str) -> None:
    """A program that only writes formulas saves no results: their cells would read as empty."""
    from openpyxl import load_workbook

    with ZipFile(path) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        if not any(b"<f" in archive.read(name) for name in sheets):
            return
    formulas, results = (load_workbook(path, read_only=True, data_only=saved) for saved in (False, True))
    try:
        for book in (formulas, results):
            book[sheet].reset_dimensions()
        pairs = zip(formulas[sheet].iter_rows(), results[sheet].iter_rows(values_only=True), strict=True)
        for cells, values in pairs:
            for cell, value in zip(cells, values, strict=True):
                if cell.data_type == "f" and value is None:
                    words = {"file": str(path), "cell": str(cell.coordinate)}
                    raise PackError([Issue("source.no_result", binding.at("file"), words)])
    finally:
        formulas.close()
        results.close()
