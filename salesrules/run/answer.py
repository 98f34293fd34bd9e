"""What comes back from a question: a table whose cells may be hidden, and how it came to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Mark(Enum):
    """A cell that is not shown."""

    HIDDEN = "hidden"
    TOO_FEW = "too_few"
    NOT_EXPORTED = "not_exported"


@dataclass(frozen=True, slots=True)
class Masked:
    """A cell of which only the end is shown; it counts as hidden."""

    end: str

    def __str__(self) -> str:
        return f"••••{self.end}"  # as many dots for every value: its length is hidden too


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows under named columns; `total` counts all rows, `visible` says how many show which categories.

    `keys` names the record of each row, if the rows are records, and `types` what each column holds. Under a filter,
    `filtered`, rows that hide what it asks about are not compared: `uncompared` counts them. An export leaves out the
    `not_exported` rows of which nothing may be exported.
    """

    entity: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int
    visible: Mapping[frozenset[str], int]
    slices: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    filtered: bool = False
    uncompared: int = 0
    not_exported: int = 0
