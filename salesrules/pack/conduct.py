"""The conduct of stages.yaml: what people should not let happen to records, or to what was planned for their days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.label import Label
from salesrules.pack.values import Percent
from salesrules.pack.word import Word

Severity = Literal["high", "normal", "low"]


@dataclass(frozen=True, slots=True)
class ConductRule:
    """A rule of conduct, which a record breaks while a condition holds.

    Keys:
      label: what it is called when it is broken
      entity: whose records can break it
      when: the condition under which a record breaks it
      by: whom that is charged to, as a path from the record
      severity: how grave it is
      tell: who gets a message of it, as a path from the record
    """

    id: str
    span: Span
    label: Label
    entity: Word
    when: Expression
    by: Expression
    severity: Severity = "normal"
    tell: Expression | None = None


@dataclass(frozen=True, slots=True)
class DeviationRule:
    """A rule about days, which a person breaks who does too little of what was planned on too many of them.

    Keys:
      label: what it is called when it is broken
      below: the share of the tasks planned for a day below which the day counts, such as 80%
      days: on how many days
      of: out of how many of the person's last days with a plan; without it, all of them in a row
      severity: how grave it is
      tell: who gets a message of it, as a path from the person
    """

    id: str
    span: Span
    label: Label
    below: Percent
    days: int
    of: int | None = None
    severity: Severity = "normal"
    tell: Expression | None = None

    @property
    def window(self) -> int:
        """How many of a person's last days with a plan are looked at."""
        return self.of if self.of is not None else self.days
