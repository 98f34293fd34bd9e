"""An Answer to a workbook: text is text, never a formula, and a number that a spreadsheet would round is text too."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from salesrules.export.plain import beside, not_shown, plain, written
from salesrules.issue import Issue, QuestionError, Span
from salesrules.workspace import Answer

_ROWS, _LETTERS, _DIGITS = 1_048_576, 32_767, 15  # what a sheet, a cell and a number in it can hold


def to_workbook(answer: Answer, heads: Sequence[str]) -> bytes:
    """The answer as an xlsx file with one sheet, its heads kept in sight.

    Raises: QuestionError without openpyxl, or if rows or texts are too many or too long for a sheet.
    """
    try:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    except ImportError as error:
        raise QuestionError([Issue("export.needs_extra", Span("--output"), {"extra": "xlsx"})]) from error
    rows = [[_value(plain(value)) for value in row] + [" ".join(not_shown(answer, row))] for row in answer.rows]
    if len(rows) >= _ROWS or any(isinstance(value, str) and len(value) > _LETTERS for row in rows for value in row):
        raise QuestionError([Issue("export.too_large", Span("--output"), {"rows": f"{_ROWS - 1:,}"})])
    book = Workbook(write_only=True)
    sheet = book.create_sheet(answer.entity[:31])
    sheet.freeze_panes = "A2"

    def cell(value: Any) -> Any:
        made = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\ufffd", value) if isinstance(value, str) else value)
        if isinstance(value, str):
            made.data_type = "s"  # what begins with = is no formula
        return made

    for row in ([*heads, beside(heads)], *rows):
        sheet.append([cell(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return written(value)
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return value if len(Decimal(value).as_tuple().digits) <= _DIGITS else str(value)
    return value
