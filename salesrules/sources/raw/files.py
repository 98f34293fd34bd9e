"""A binding to a relation: one file or several of one shape, or a table of a database, as text columns for DuckDB."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import partial
from pathlib import Path
from zipfile import BadZipFile

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import literal, quoted
from salesrules.issue import EngineError, Issue, PackError
from salesrules.sources.raw.databases import duckdb_table, nested, sql_table
from salesrules.sources.raw.encodings import CHUNK, encoding_of, mended
from salesrules.sources.raw.relations import AT, Part, Relation, at_part, named, read_csv, unreadable
from salesrules.sources.raw.workbooks import sheet_rows
from salesrules.sources.settings.bindings import Binding

LONGEST_HEADER = 1 << 20
_KINDS = (".csv", ".duckdb", ".parquet", ".tsv", ".txt", ".xlsx")


def relation(engine: DuckDB, binding: Binding, scratch: Path) -> Relation:
    """Everything that a binding names; what DuckDB cannot read is first rewritten below `scratch`.

    Raises: PackError if there is no such file or table, it cannot be read, or one file has other columns.
    """
    if binding.url is not None:
        return sql_table(binding, _new(scratch))
    found = [_file(engine, replace(binding, path=path), _new(scratch)) for path in files_of(binding)]
    first = found[0]
    shape = (set(first.columns), first.typed)
    issues = [_differs(binding, first, other) for other in found[1:] if (set(other.columns), other.typed) != shape]
    if issues:
        raise PackError(issues)
    if len(found) == 1:
        return first
    columns = ", ".join(quoted(name) for name in first.columns)
    each = (
        f'SELECT {columns}, "{AT}" + {at_part(number)} AS "{AT}" FROM {part.sql}' for number, part in enumerate(found)
    )
    return Relation(
        f"({' UNION ALL '.join(each)})",
        first.columns,
        tuple(part for other in found for part in other.parts),
        first.typed,
        frozenset.union(*(other.nested for other in found)),
    )


def files_of(binding: Binding) -> list[Path]:
    """The files of a binding in order, those with a pattern by name; what an open spreadsheet locks with is none.

    Raises: PackError if there is none.
    """
    if binding.files is None:
        found = [binding.path] if binding.path.is_file() else []
    else:
        matches = binding.path.glob(binding.files)
        found = sorted(path for path in matches if path.is_file() and not path.name.startswith(("~$", ".")))
    if not found:
        code, key = ("source.no_files", "files") if binding.files else ("source.no_file", "file")
        raise PackError([Issue(code, binding.at(key), {"file": str(binding.path / (binding.files or ""))})])
    return found


def _new(scratch: Path) -> Path:
    """A name below `scratch` that nothing has yet."""
    return scratch / f"{sum(1 for _ in scratch.iterdir())}.csv"


def _differs(binding: Binding, first: Relation, other: Relation) -> Issue:
    """That a file has other columns than the first, and which."""
    more, fewer = set(other.columns) - set(first.columns), set(first.columns) - set(other.columns)
    kinds = (first.typed ^ other.typed) & set(first.columns) & set(other.columns)
    signs = {"+": more, "-": fewer, "~": kinds}
    columns = " ".join(f"{sign}{name}" for sign, names in signs.items() for name in sorted(names))
    words = {"file": other.parts[0].file, "first": first.parts[0].file, "columns": columns}
    return Issue("source.columns_differ", binding.at("files"), words)


def _file(engine: DuckDB, binding: Binding, scratch: Path) -> Relation:
    kind = binding.path.suffix.lower()
    if kind not in _KINDS:
        words = {"file": str(binding.path), "kinds": " ".join(_KINDS)}
        raise PackError([Issue("source.unknown_kind", binding.at("file"), words)])
    if binding.encoded_twice and kind in (".parquet", ".duckdb"):
        raise PackError([Issue("source.cannot_mend", binding.at("encoded_twice"), {"file": str(binding.path)})])
    try:
        if kind == ".duckdb":
            return duckdb_table(binding, scratch)
        if kind == ".parquet":
            return _parquet(engine, binding)
        return _workbook(binding, scratch) if kind == ".xlsx" else _text(binding, scratch)
    except ImportError as error:
        words = {"file": str(binding.path), "extra": kind.removeprefix(".")}
        raise PackError([Issue("source.needs_extra", binding.at("file"), words)]) from error
    except EngineError as error:
        raise unreadable(binding, error.said, str(binding.path)) from error
    except (OSError, ValueError, KeyError, BadZipFile, csv.Error) as error:
        raise unreadable(binding, str(error), str(binding.path)) from error


def _text(binding: Binding, scratch: Path) -> Relation:
    path, encoding = binding.path, binding.encoding or encoding_of(binding.path)
    if encoding != "utf-8" or binding.encoded_twice:
        with path.open(encoding=encoding, newline="") as old, scratch.open("w", encoding="utf-8", newline="") as new:
            for piece in iter(partial(old.readline, CHUNK), ""):
                new.write(mended(piece) if binding.encoded_twice else piece)
        path = scratch
    delimiter = delimiter_of(path)
    header = _header(path, delimiter)
    # the heading is row 1
    sql = f'(SELECT *, 1 + row_number() OVER () AS "{AT}" FROM {read_csv(path, header, delimiter)})'
    return Relation(sql, tuple(header), (Part(str(binding.path), encoding, delimiter),))


def delimiter_of(path: Path, encoding: str = "utf-8-sig") -> str:
    """The separator of which the first line has most: comma, semicolon, tab or bar.

    Raises: ValueError if the first line has no end within LONGEST_HEADER.
    """
    with path.open(encoding=encoding) as file:
        line = file.readline(LONGEST_HEADER)
    if len(line) == LONGEST_HEADER:
        raise ValueError(f"the first line has more than {LONGEST_HEADER:,} characters")
    return max(",;\t|", key=line.count)


def _header(path: Path, delimiter: str) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file, delimiter=delimiter), [])
    if not header:
        raise ValueError("the file is empty")
    return named(header)


def _workbook(binding: Binding, scratch: Path) -> Relation:
    sql, header = sheet_rows(binding, binding.path, scratch)
    return Relation(sql, tuple(header), (Part(str(binding.path)),))


def _parquet(engine: DuckDB, binding: Binding) -> Relation:
    source = f"read_parquet({literal(str(binding.path))})"
    kinds = {row[0]: str(row[1]) for row in engine.rows(f"DESCRIBE SELECT * FROM {source}")}
    return Relation(
        f'(SELECT row_number() OVER () AS "{AT}", CAST(COLUMNS(*) AS VARCHAR) FROM {source})',
        tuple(kinds),
        (Part(str(binding.path)),),
        frozenset(column for column, kind in kinds.items() if kind != "VARCHAR"),
        frozenset(column for column, kind in kinds.items() if nested(kind)),
    )
