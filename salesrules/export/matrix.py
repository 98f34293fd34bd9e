"""A Matrix to text for other programs: CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from salesrules.overseeing import Matrix, MatrixCell


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
