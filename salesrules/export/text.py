"""An Answer to CSV that is safe to open in a spreadsheet, and to JSON that is exact."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from salesrules.export.plain import beside, not_shown, plain, written
from salesrules.workspace import Answer

_FORMULA = re.compile(r"^[=+\-@＝＋－＠\t\r\n]")  # a spreadsheet would run what follows
_NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?$")


def to_csv(answer: Answer, heads: Sequence[str] | None = None) -> str:
    """The answer as CSV; text that a spreadsheet would take for a formula is led by an apostrophe."""
    heads = heads or answer.columns
    rows = [[*(written(plain(value)) for value in row), " ".join(not_shown(answer, row))] for row in answer.rows]
    out = io.StringIO()
    for row in ([*heads, beside(heads)], *rows):
        # a lone carriage return ends a row for many readers, and is not what the writer looks for
        careful = any("\r" in text for text in row)
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL if careful else csv.QUOTE_MINIMAL)
        writer.writerow(map(_harmless, row))
    return out.getvalue()


def to_json(answer: Answer, heads: Sequence[str] | None = None, about: Mapping[str, str] = MappingProxyType({})) -> str:
    """The answer as a JSON object; figures are text, so that no digit of money is lost.

    Args: about: what is said of the whole answer, before its rows.
    """
    heads = heads or answer.columns
    hidden = beside(heads)
    rows = [
        {name: _exact(plain(value)) for name, value in zip(heads, row, strict=True)} | {hidden: not_shown(answer, row)}
        for row in answer.rows
    ]
    return json.dumps({**about, "total": answer.total, "rows": rows}, ensure_ascii=False, indent=2)


def _harmless(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.match(text) else text


def _exact(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float | bool) else written(value)
