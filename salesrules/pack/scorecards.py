"""The scorecards and reviews of kpis.yaml: how people are scored, and what follows from a figure."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.label import Label
from salesrules.pack.values import Duration, Percent, PeriodLength, Quantity
from salesrules.pack.word import Word


@dataclass(frozen=True, slots=True)
class Veto:
    """A fact that decides the grade whatever the score.

    Keys:
      when: the fact
      grade: the grade it leads to
    """

    span: Span
    when: Expression
    grade: Word


@dataclass(frozen=True, slots=True)
class Scorecard:
    """How several kpis become one score.

    Keys:
      label: what people call it
      for: the role that is scored
      period: over which time
      weights: how much each kpi counts; together 100 %
      score: by kpi, the points at some attainments; straight lines between them, flat outside
      veto: facts that decide the grade whatever the score
      grades: the lowest score of each grade, the best grade first
    """

    id: str
    span: Span
    for_: Word
    period: PeriodLength
    weights: dict[Word, Percent]
    label: Label | None = None
    score: dict[Word, dict[Quantity, Decimal]] = field(default_factory=dict)
    veto: tuple[Veto, ...] = ()
    grades: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Review:
    """A look at figures that comes back, and the action that opens when they are bad.

    Keys:
      label: what people call it
      every: how often
      by: the role that holds it
      kpis: the figures on its agenda
      when: the condition on which an action opens
      action: what is to be done then
      due: how long it may take
    """

    id: str
    span: Span
    label: Label
    every: PeriodLength
    by: Word
    kpis: tuple[Word, ...]
    when: Expression | None = None
    action: Label | None = None
    due: Duration | None = None
