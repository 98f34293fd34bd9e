"""Cells of an Answer to plain values: what is not shown is nothing, and is named beside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from salesrules.workspace import Answer, Mark, Masked

_NOT_SHOWN = (Mark, Masked)


def plain(value: Any) -> Any:
    """A value as it is, None for one that is not shown; of a masked one nothing is given away in a file."""
    return None if isinstance(value, _NOT_SHOWN) else value


def not_shown(answer: Answer, row: Sequence[Any]) -> list[str]:
    """The names of the columns of a row that are not shown."""
    return [name for name, value in zip(answer.columns, row, strict=True) if isinstance(value, _NOT_SHOWN)]


def beside(heads: Sequence[str]) -> str:
    """The heading of the last column, which no other has."""
    name = "hidden"
    while name in heads:
        name += "_"
    return name


def written(value: Any) -> str:
    """A value as text: ISO dates, instants in UTC, every digit of a decimal."""
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    return "" if value is None else str(value)
