"""Answers and matrices to text for other programs: CSV and JSON, with hidden cells named rather than left to guess."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from salesrules.audit.matrix import Matrix, MatrixCell
from salesrules.run.answer import Answer, Mark

HIDDEN = "hidden"


def to_csv(answer: Answer) -> str:
    """The answer as CSV; a last column `hidden` names the cells that are not shown."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*answer.columns, HIDDEN])
    for row in answer.rows:
        cells = ["" if value is None or isinstance(value, Mark) else value for value in row]
        writer.writerow([*cells, " ".join(_hidden(answer, row))])
    return out.getvalue()


def to_json(answer: Answer) -> str:
    """The answer as a JSON object; figures are text, so that no digit of money is lost."""
    rows = [
        {name: _plain(value) for name, value in zip(answer.columns, row, strict=True)} | {HIDDEN: _hidden(answer, row)}
        for row in answer.rows
    ]
    return json.dumps({"total": answer.total, "rows": rows}, ensure_ascii=False, indent=2)


def matrix_csv(matrix: Matrix) -> str:
    """Every cell of a matrix as CSV; slices are parted by spaces, counts are empty where nobody has the role."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    entries = [_cell(matrix, cell) for cell in matrix.cells]
    writer.writerow(_CELL)
    for entry in entries:
        writer.writerow([" ".join(value) if isinstance(value, tuple) else value for value in entry.values()])
    return out.getvalue()


def matrix_json(matrix: Matrix) -> str:
    """Every cell of a matrix as a JSON object."""
    cells = [_cell(matrix, cell) for cell in matrix.cells]
    return json.dumps({"day": matrix.day.isoformat(), "cells": cells}, ensure_ascii=False, indent=2)


_CELL = (
    "role",
    "entity",
    "category",
    "action",
    "how",
    "slices",
    "but_not",
    "people",
    "least",
    "median",
    "most",
    "rows",
)


def _cell(matrix: Matrix, cell: MatrixCell) -> dict[str, Any]:
    opening, counts = cell.opening, cell.counts
    spread = (counts.least, counts.median, counts.most) if counts else (None, None, None)
    words = (cell.role, cell.entity, cell.category, cell.action, opening.how, opening.slices, opening.but_not)
    values = (*words, matrix.people[cell.role], *spread, matrix.rows[cell.entity])
    return dict(zip(_CELL, values, strict=True))


def _hidden(answer: Answer, row: tuple[Any, ...]) -> list[str]:
    return [name for name, value in zip(answer.columns, row, strict=True) if isinstance(value, Mark)]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, Mark):
        return None
    return value if isinstance(value, int | float | bool) else str(value)
