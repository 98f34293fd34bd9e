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


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows under named columns; `total` counts all rows, `visible` says how many show which categories.

    `keys` names the record of each row, if the rows are records.
    """

    entity: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int
    visible: Mapping[frozenset[str], int]
    slices: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
