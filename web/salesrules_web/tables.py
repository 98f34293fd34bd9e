"""An Answer to the cells of a page: texts, marks of hidden cells, the way to the reason."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import request

from salesrules import phrases
from salesrules.workspace import Answer, Mark, Masked
from salesrules_web.asking import lang
from salesrules_web.words import pack

PAGE = 50
_LAST_PAGE = 1_000_000


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; `reason_of` names the field to ask about, and is empty for the whole record.

    Of a `masked` cell the end is shown, and it is hidden all the same.
    """

    text: str
    hidden: bool = False
    reason_of: str | None = None
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Which stretch of all rows is shown."""

    number: int
    total: int

    @property
    def first(self) -> int:
        return PAGE * (self.number - 1) + 1

    @property
    def last(self) -> int:
        return min(PAGE * self.number, self.total)


def page_number() -> int:
    """The page that the request asks for; the first one if it asks for none, or for nonsense."""
    return min(max(1, request.args.get("page", 1, type=int)), _LAST_PAGE)


def numeric(answer: Answer) -> tuple[bool, ...]:
    """Which columns hold numbers and stand on the right."""
    columns = zip(*answer.rows, strict=True) if answer.rows else ((),) * len(answer.columns)
    return tuple(any(isinstance(value, int | float | Decimal) for value in column) for column in columns)


def records_cells(answer: Answer) -> list[list[Cell]]:
    """The rows of a list; its key, and each hidden cell, leads to its reason."""
    key = pack().entities[answer.entity].key

    def cell(name: str, value: Any) -> Cell:
        hidden = isinstance(value, Mark | Masked)
        text = phrases.value_text(pack(), answer, name, value, lang())
        reason_of = name if hidden and "." not in name else "" if name == key[0] else None
        return Cell(text, hidden, reason_of, isinstance(value, Masked))

    return [[cell(*pair) for pair in zip(answer.columns, row, strict=True)] for row in answer.rows]


def group_texts(answer: Answer, row: tuple[Any, ...]) -> list[str]:
    """What the records of a group of a KPI share, field by field; empty where they name none."""
    named = list(zip(answer.columns, row, strict=True))[:-2]  # the figure and the count of rows are last
    return [phrases.value_text(pack(), answer, name, value, lang()) for name, value in named]
