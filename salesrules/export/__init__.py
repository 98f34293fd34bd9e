"""An Answer to a file for other programs: CSV, JSON, a workbook or Parquet; what is not shown is empty and named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from salesrules.export.parquet import to_parquet
from salesrules.export.text import to_csv, to_json
from salesrules.export.workbook import to_workbook
from salesrules.workspace import Answer

__all__ = ["FORMATS", "as_file", "to_csv", "to_json"]

_MADE: Mapping[str, Callable[[Answer, Sequence[str]], bytes]] = {
    "csv": lambda answer, heads: to_csv(answer, heads).encode(),
    "xlsx": to_workbook,
    "parquet": to_parquet,
}
FORMATS = ("csv", "json", "xlsx", "parquet")


def as_file(
    answer: Answer, kind: str, heads: Sequence[str] | None = None, about: Mapping[str, str] = MappingProxyType({})
) -> bytes:
    """The file of one of FORMATS; a last column names the cells of each row that are not shown.

    Args: heads: what stands above the columns, or for JSON beside the values; their names where None. about: what is
    said of the whole answer, where the format has a place for it, as JSON has.

    Raises: QuestionError if a workbook is asked for and what writes them is not installed, or it would not hold all.
    """
    if kind == "json":
        return (to_json(answer, heads, about) + "\n").encode()
    return _MADE[kind](answer, heads or answer.columns)
