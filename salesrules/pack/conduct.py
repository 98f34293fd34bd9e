"""The conduct of stages.yaml: what people should not let happen to records, and whom it is charged to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.label import Label
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
