"""policies/: slices say on which rows, grants say who may do what to which category of fields there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.label import Label
from salesrules.pack.word import Word

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
    "edit",
    "edit_rows",
    "edit_values",
    "publish",
    "audit",
)
ROW_ACTIONS = ("assign", "advance", "claim", "return", "transfer", "approve")
"""What is done to a whole row: a grant of one names the category `*`."""
LENDABLE = ("read", "aggregate", "export", "create", "update", "advance", "approve")
"""What can be done in the place of somebody else, where a rule lends it.

Not to claim, return, assign or transfer, because pools count what people hold and take themselves; not to change the
pack, because what is no table is not lent; and never to audit, because that is to watch others.
"""
SECTIONS = (
    "pack",
    "entities",
    "dimensions",
    "roles",
    "tables",
    "stages",
    "assignment",
    "kpis",
    "targets",
    "incentives",
    "slices",
    "grants",
    "separation",
)
OBJECTS = (
    *("target", "attainment", "statement", "decision", "event", "release", "pool", "table", "org"),
    *(f"pack.{section}" for section in SECTIONS),
)
"""What can be granted on beside the entities of the pack."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A set of rows with a name, to be granted.

    Keys:
      label: what people call it
      rows: the condition by entity; `via customer` means where the customer is in the slice; `*` stands for the rest
    """

    id: str
    span: Span
    label: Label
    rows: dict[Word, Expression]

    def on(self, entity: str) -> Expression | None:
        """The condition for an entity, or None if the slice says nothing about it."""
        return self.rows.get(Word(entity)) or self.rows.get(Word("*"))


@dataclass(frozen=True, slots=True)
class SlicesFile:
    """On which rows people can be granted something.

    Keys:
      slices: by id
      exclusive: groups of slices that must share no record
    """

    slices: dict[str, Slice] = field(default_factory=dict)
    exclusive: tuple[tuple[Word, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """One line of grants.csv; it holds on days in `[start, end)`.

    A line on a module is a grant for each part of the module, and `said` is the line as it stands there.
    """

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
    said: Grant | None = None

    @property
    def written(self) -> Grant:
        """The line as it stands in the file."""
        return self.said or self

    def on(self, day: date) -> bool:
        """Whether the line holds on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)
