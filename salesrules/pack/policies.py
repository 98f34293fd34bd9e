"""policies/: slices say on which rows, grants say who may do what to which category of fields there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.label import Label

ACTIONS = (
    "read",
    "aggregate",
    "export",
    "create",
    "update",
    "assign",
    "advance",
    "claim",
    "return",
    "transfer",
    "approve",
)


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows by entity; the entity `*` stands for every entity that has no line of its own."""

    id: str
    span: Span
    label: Label
    rows: dict[str, Expression]

    def on(self, entity: str) -> Expression | None:
        """The condition for an entity, or None if the slice says nothing about it."""
        return self.rows.get(entity) or self.rows.get("*")


@dataclass(frozen=True, slots=True)
class SlicesFile:
    """The sections of slices.yaml."""

    slices: dict[str, Slice]


@dataclass(frozen=True, slots=True)
class Grant:
    """One line of grants.csv; it holds on days in `[start, end)`."""

    span: Span
    effect: str
    role: str
    action: str
    object: str
    category: str
    slice: str
    start: date | None
    end: date | None
    note: str

    def on(self, day: date) -> bool:
        """Whether the line holds on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)
