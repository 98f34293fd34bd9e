"""How an assignment rule chooses one of its candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.values import Duration, Percent
from salesrules.pack.word import Word

Simple = Literal["sticky_owner", "round_robin", "least_loaded", "best_skill"]
"""The former owner of the customer; each in turn; who has least open work; who is just good enough."""


@dataclass(frozen=True, slots=True)
class WeightedTurns:
    """Each in turn, by weight.

    Keys:
      weighted_round_robin: the weight of a candidate
    """

    weighted_round_robin: Expression


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One part of a score.

    Keys:
      of: a number for the candidate and the record
      weight: how much it counts
    """

    of: Expression
    weight: Percent


@dataclass(frozen=True, slots=True)
class ByScore:
    """The candidate with the highest weighted score.

    Keys:
      score: the parts by name; their weights total 100 %
    """

    span: Span
    score: dict[str, ScorePart]


@dataclass(frozen=True, slots=True)
class Rank:
    """The result of each candidate, over all rows that are the candidate's.

    Keys:
      kpi: the kpi; its `direction` says whether more is better
      over: over which time before the day, in days or months
    """

    kpi: Word
    over: Duration


@dataclass(frozen=True, slots=True)
class ByRank:
    """The candidate with the best result; who has none comes last.

    Keys:
      rank: the result
    """

    span: Span
    rank: Rank


@dataclass(frozen=True, slots=True)
class ToTeam:
    """Several people share the record.

    Keys:
      team: the share of the credit of each part in the team; the shares total 100 %
    """

    span: Span
    team: dict[Word, Percent]


@dataclass(frozen=True, slots=True)
class ToPool:
    """Nobody in particular.

    Keys:
      pool: the pool that the record goes to
    """

    pool: Word


@dataclass(frozen=True, slots=True)
class Optimal:
    """All waiting records at once, so that the total is best.

    Keys:
      optimal: the value of giving a record to a candidate
    """

    optimal: Expression


Pick = Simple | WeightedTurns | ByScore | ByRank | ToTeam | ToPool | Optimal
