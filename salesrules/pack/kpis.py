"""kpis.yaml: what is measured, what a row counts under, who gets the credit, and how people are scored and reviewed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.credits import Credit
from salesrules.pack.label import Label
from salesrules.pack.scorecards import Review, Scorecard
from salesrules.pack.word import Word


@dataclass(frozen=True, slots=True)
class Standing:
    """When rows count that are true over a time, such as balances: a figure of a day, not a sum over days.

    Keys:
      on: the day of the row, for rows that state a day
      from: the first day on which the row holds, for rows with a start and an end
      to: the first day on which it no longer holds
      take: the figure of a period: as on its last day, or the average over its days
    """

    take: Literal["period_end", "average"]
    on: Expression | None = None
    from_: Expression | None = None
    to: Expression | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """What a kpi should reach.

    Keys:
      at_least: the lowest good value; a number, a percent, or a value table
      at_most: the highest good value
    """

    at_least: Expression | None = None
    at_most: Expression | None = None


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure over the rows of an entity, or over other kpis.

    Keys:
      label: what people call it
      note: its definition in words: tax, date, returns
      of: the entity whose rows it is about; without it the formula is over other kpis
      formula: what is computed
      date: the date of a row that decides its period
      unit: a currency, percent, or what is counted
      target: what it should reach
      min_sample: with fewer rows it has no value
      direction: whether higher or lower is better
    """

    id: str
    span: Span
    label: Label
    formula: Expression
    unit: Word
    of: Word | None = None
    note: Label | None = None
    date: Expression | Standing | None = None
    target: Goal | None = None
    min_sample: int | None = None
    direction: Literal["higher", "lower"] = "higher"

    @property
    def is_over_rows(self) -> bool:
        """Whether the figure is computed from all the rows of a period, not from other figures or a state in time."""
        return self.of is not None and not isinstance(self.date, Standing)


@dataclass(frozen=True, slots=True)
class KpisFile:
    """What is measured.

    Keys:
      kpis: by id
      counts_under: by entity, the member of each dimension, and the person, that a row counts under
      credits: who gets the credit for a row, by id
      scorecards: how people are scored, by id
      reviews: when figures are looked at, and what follows, by id
    """

    kpis: dict[str, Kpi] = field(default_factory=dict)
    counts_under: dict[Word, dict[Word, Expression]] = field(default_factory=dict)
    credits: dict[str, Credit] = field(default_factory=dict)
    scorecards: dict[str, Scorecard] = field(default_factory=dict)
    reviews: dict[str, Review] = field(default_factory=dict)
