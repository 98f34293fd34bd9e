"""A bound file of any kind to a relation of text columns that DuckDB can read."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from salesrules.expr.sql import literal
from salesrules.issue import Issue, PackError
from salesrules.sources.bindings import Binding

_CHUNK = 1 << 20


def relation(binding: Binding, scratch: Path) -> str:
    """SQL that can stand after FROM; files that DuckDB cannot read are first rewritten as CSV below `scratch`.

    Raises: PackError if there is no such file, or none of its kind can be read.
    """
    if not binding.path.is_file():
        raise PackError([Issue("source.no_file", binding.span, {"file": str(binding.path)})])
    kind = binding.path.suffix.lower()
    if kind not in _READERS:
        words = {"file": str(binding.path), "kinds": " ".join(sorted(_READERS))}
        raise PackError([Issue("source.unknown_kind", binding.span, words)])
    try:
        return _READERS[kind](binding, scratch)
    except ImportError as error:
        words = {"file": str(binding.path), "extra": kind.removeprefix(".")}
        raise PackError([Issue("source.needs_extra", binding.span, words)]) from error
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise unreadable(binding, str(error)) from error


def unreadable(binding: Binding, problem: str) -> PackError:
    """The refusal of a file that is not what its name says."""
    return PackError([Issue("source.unreadable", binding.span, {"file": str(binding.path), "problem": problem})])


def _csv(binding: Binding, scratch: Path) -> str:
    path = binding.path
    if encoding_of(path) != "utf-8":
        path = scratch / f"{path.name}.utf8.csv"
        with binding.path.open(encoding="gb18030", newline="") as old, path.open("w", encoding="utf-8") as new:
            while chunk := old.read(_CHUNK):
                new.write(chunk)
    return _read_csv(path, delimiter_of(path))


def _read_csv(path: Path, delimiter: str) -> str:
    """Every option is given, because a guessed one would take a broken line for another dialect."""
    options = f"delim = {literal(delimiter)}, quote = '\"', escape = '\"', nullstr = '', strict_mode = true"
    return f"read_csv({literal(str(path))}, header = true, {options}, columns = {_columns(path, delimiter)})"


def delimiter_of(path: Path, encoding: str = "utf-8-sig") -> str:
    """The separator of which the first line has most: comma, semicolon, tab or bar."""
    with path.open(encoding=encoding) as file:
        line = file.readline()
    return max(",;\t|", key=line.count)


def _columns(path: Path, delimiter: str) -> str:
    """The header as DuckDB's list of column types.

    Raises: ValueError if a name stands twice.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = [name.strip() for name in next(csv.reader(file, delimiter=delimiter), [])]
    twice = {name for name in header if header.count(name) > 1}
    if twice:
        raise ValueError(f"column {min(twice)} stands twice")
    return "{" + ", ".join(f"{literal(name)}: 'VARCHAR'" for name in header) + "}"


def encoding_of(path: Path) -> str:
    """`utf-8` or `gb18030`: the first under which the whole file can be read.

    Raises: ValueError if it is neither.
    """
    for encoding in ("utf-8", "gb18030"):
        try:
            with path.open(encoding=encoding, newline="") as file:
                while file.read(_CHUNK):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise ValueError("neither UTF-8 nor GB18030")


def _xlsx(binding: Binding, scratch: Path) -> str:
    from openpyxl import load_workbook

    book = load_workbook(binding.path, read_only=True, data_only=True)
    if binding.sheet is not None and binding.sheet not in book.sheetnames:
        raise ValueError(f"no sheet {binding.sheet}; there are {', '.join(book.sheetnames)}")
    sheet = book[binding.sheet] if binding.sheet else book.worksheets[0]
    path = scratch / f"{binding.path.name}.{binding.sheet or ''}.csv"
    _write(path, sheet.iter_rows(values_only=True))
    book.close()
    return _read_csv(path, ",")


def _write(path: Path, rows: Iterator[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for row in rows:
            if any(value is not None for value in row):
                writer.writerow([_text(value) for value in row])


def _text(value: Any) -> str:
    """A cell of a spreadsheet as it would stand in a CSV: days without a time, whole numbers without a point."""
    match value:
        case None:
            return ""
        case datetime():
            return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
        case date():
            return value.isoformat()
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case _:
            return str(value)


def _parquet(binding: Binding, scratch: Path) -> str:
    return f"(SELECT CAST(COLUMNS(*) AS VARCHAR) FROM read_parquet({literal(str(binding.path))}))"


_READERS: dict[str, Callable[[Binding, Path], str]] = {
    ".csv": _csv,
    ".txt": _csv,
    ".xlsx": _xlsx,
    ".parquet": _parquet,
}
