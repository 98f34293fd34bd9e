"""Answers to text for other programs: CSV and JSON, with hidden cells named rather than left to guess."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

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


def _hidden(answer: Answer, row: tuple[Any, ...]) -> list[str]:
    return [name for name, value in zip(answer.columns, row, strict=True) if isinstance(value, Mark)]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, Mark):
        return None
    return value if isinstance(value, int | float | bool) else str(value)
