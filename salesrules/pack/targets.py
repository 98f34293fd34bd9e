"""targets.yaml: what is to be reached, decomposed over time, products, regions and people."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.label import Label
from salesrules.pack.resources import Resource
from salesrules.pack.table import Table
from salesrules.pack.values import ALL, Duration, Percent, Period
from salesrules.pack.word import Word


@dataclass(frozen=True, slots=True)
class KpiWeights:
    """Weights by what was reached before.

    Keys:
      kpi: the figure
      over: the earlier time
    """

    kpi: Word
    over: Literal["last_year", "last_period", "year_to_date"]


@dataclass(frozen=True, slots=True)
class ExprWeights:
    """Weights by an attribute of the person or member.

    Keys:
      expr: the attribute
    """

    expr: Expression


@dataclass(frozen=True, slots=True)
class TableWeights:
    """Weights from a value table.

    Keys:
      table: the table
    """

    table: Word


Weights = Literal["even"] | KpiWeights | ExprWeights | TableWeights | dict[Word, Percent]


@dataclass(frozen=True, slots=True)
class Ramp:
    """Less for people who are new.

    Keys:
      first: for how long
      at: which share of a full target; several for equal parts of that time
    """

    first: Duration
    at: tuple[Percent, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """One step of a decomposition, crossed with the others unless it is inside one of them.

    Keys:
      by: period, person, or a dimension
      levels: the levels that are split one after the other; weights belong to the first
      inside: the steps whose shares it splits, each for itself
      weights: how the parts compare
      total: what the parts add up to; over 100 % where the pressure is meant
      ramp: less for people who are new
    """

    span: Span
    by: Word
    weights: Weights
    levels: tuple[Word, ...] = ()
    inside: tuple[Word, ...] = ()
    total: Percent = ALL
    ramp: Ramp | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """A change of a target in the course of its period; the old figures are kept.

    Keys:
      from: the first day on which it holds
      applies_to: whether the new weights hold for the rest of the period, or for the year as a whole
      reason: why, for people
      amount: the new amount
      levels: the new floor, goal and stretch
      split: by dimension, the new weights
      keep: what does not move
    """

    span: Span
    from_: date
    reason: str
    applies_to: Literal["rest", "year"] | None = None
    amount: Decimal | None = None
    levels: dict[str, Decimal] = field(default_factory=dict)
    split: dict[Word, dict[Word, Percent]] = field(default_factory=dict)
    keep: tuple[Literal["past", "locks"], ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """What a kpi is to reach in a period.

    Keys:
      label: what people call it
      kpi: the figure
      period: when
      amount: how much, where there is one level only
      levels: how much at each level; goal is the one that is decomposed
      primary: whether it is the one core target of the period
      split: the steps of its decomposition
      locks: the table of parts that someone fixed by hand
      currency: `person` where each person's target is in the currency of the person
      revisions: changes in the course of the period
    """

    id: str
    span: Span
    kpi: Word
    period: Period
    label: Label | None = None
    amount: Decimal | None = None
    levels: dict[Literal["floor", "goal", "stretch"], Decimal] = field(default_factory=dict)
    primary: bool = False
    split: tuple[Split, ...] = ()
    locks: Table | None = None
    currency: Literal["pack", "person"] = "pack"
    revisions: tuple[Revision, ...] = ()

    @property
    def goal(self) -> Decimal | None:
        """The amount that is decomposed."""
        return self.levels.get("goal", self.amount)


@dataclass(frozen=True, slots=True)
class TargetsFile:
    """What is to be reached, and with what.

    Keys:
      targets: by id
      resources: what there is of people, money, time and market work, by id
    """

    targets: dict[str, Target] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
