"""targets.yaml, resources: what there is of people, money, time and market work, and how it is shared out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from salesrules.issue import Span
from salesrules.pack.label import Label
from salesrules.pack.values import Percent, Period
from salesrules.pack.word import Word

_SMALLEST = {"money": Decimal("0.01"), "people": Decimal(1), "time": Decimal("0.25"), "market": Decimal(1)}


@dataclass(frozen=True, slots=True)
class Sharing:
    """One step of sharing out: each part of the step before is split once more.

    Keys:
      by: the dimension
      weights: how the parts compare: alike, by potential or by the people who are there, or percent by member
      level: the level of the dimension that gets them, where no members are named; without it the lowest
    """

    span: Span
    by: Word
    weights: Literal["even", "potential", "people"] | dict[Word, Percent]
    level: Word | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """Something there is a limited amount of, shared out to the last part.

    Keys:
      label: what people call it
      kind: money in the currency of the pack, people, time in hours, or market such as places at a fair
      amount: how much there is
      period: for which time
      part: the smallest part that is given; 0.01 of money, a quarter of an hour, else 1
      split: how it is shared out, step by step
    """

    id: str
    span: Span
    label: Label
    kind: Literal["money", "people", "time", "market"]
    amount: Decimal
    split: tuple[Sharing, ...]
    period: Period | None = None
    part: Decimal | None = None

    @property
    def smallest(self) -> Decimal:
        """The smallest part that is given."""
        return self.part if self.part is not None else _SMALLEST[self.kind]
