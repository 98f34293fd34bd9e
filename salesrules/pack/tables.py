"""tables.yaml: limits, rates and days that differ by region, product or role, and the calendars that count days."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from salesrules.issue import Span
from salesrules.pack.label import Label
from salesrules.pack.table import Table
from salesrules.pack.values import Hours, Quantity
from salesrules.pack.word import Word

ValueType = Literal["integer", "decimal", "money", "percent", "duration", "text", "boolean", "date"]


@dataclass(frozen=True, slots=True)
class ValueKind:
    """What the values of a table are.

    Keys:
      type: the type of a value
      unit: what is counted, for people
      min: the smallest value that may stand in it
      max: the largest value that may stand in it
    """

    type: ValueType
    unit: str | None = None
    min: Quantity | None = None
    max: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueTable(Table):
    """A table that is a function of its keys; the most specific row wins, `*` is written for any.

    Keys:
      label: what people call it
      keys: the dimensions, or `role`, that its rows are looked up by
      value: the type of its values
    """

    id: str
    label: Label
    keys: tuple[Word, ...]
    value: ValueType | ValueKind

    @property
    def type(self) -> ValueType:
        """The type of its values."""
        return self.value.type if isinstance(self.value, ValueKind) else self.value


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days and hours are worked.

    Keys:
      label: what people call it
      timezone: where its hours are read, if not in the time zone of the pack
      week: the hours of each weekday, or of a stretch such as mon-fri; days without hours are off
      days: the table of exceptions: date, kind (off or work) and name
      periods: the table of named periods with their first days, where months do not follow the calendar
    """

    id: str
    span: Span
    week: dict[Word, tuple[Hours, ...]]
    label: Label | None = None
    timezone: Word | None = None
    days: Table | None = None
    periods: Table | None = None


@dataclass(frozen=True, slots=True)
class TablesFile:
    """Values that differ by member, and calendars.

    Keys:
      tables: by id; each is a function in every expression
      calendars: by id
    """

    tables: dict[str, ValueTable] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
