"""Whose turn it is: what people got of a rule beside their share of it, kept from run to run.

A person's share of each record is weight over the weights of all who could get it then, so that who is away gathers
neither work nor a claim to work. Somebody who has at least the share gets nothing; of the others the one whose next
record falls due first gets it. Source: the quota method, Balinski and Young, 1975, with the deadlines of Tijdeman,
1980; for a constant set of people nobody is ever a whole record off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

from salesrules.meaning.assignments import Assigning, Ruled

_GRAIN = 1 << 40  # shares are cut to this part of a record, so that sums of them are exact and ties are ties
_SAME = 1e-6  # of a record: what is due closer together than this is due at once
_NEVER = float("inf")
ORGANISATION = "*"
UNTIED, LONGEST_AGO, CHANCE = 0, 1, 2
"""What broke a tie: nothing had to, who got something longest ago, or the order that the seed draws."""


@dataclass(frozen=True, slots=True)
class Turns:
    """What is kept: by scope and person how much more than the share was given, and when somebody got the last one.

    `last` counts what the assignment gave out, from 1 on.
    """

    ahead: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    last: Mapping[str, int] = field(default_factory=dict)
    given: int = 0


def scope_of(assigning: Assigning, rule: Ruled) -> str:
    """What counts as a turn under a rule, by name."""
    return {"rule": f"{assigning.id}/{rule.id}", "team": assigning.id, "organisation": ORGANISATION}[rule.turn]


def whole(weights: Sequence[Fraction]) -> list[int]:
    """The weights as whole numbers in the same proportions."""
    scale = lcm(*(weight.denominator for weight in weights))
    return [int(weight * scale) for weight in weights]


def shares(weights: Sequence[int]) -> tuple[float, ...]:
    """The share of each person in one record, rounded down to a grain."""
    total = sum(weights)
    return tuple([weight * _GRAIN // total / _GRAIN for weight in weights])


class Turn:
    """One scope during a run; `ahead` stands by the place in the lineup."""

    def __init__(self, kept: Mapping[str, float], people: Sequence[str]) -> None:
        self.ahead = [kept.get(id, 0.0) for id in people]

    def accrue(self, places: Sequence[int], share: Sequence[float]) -> None:
        """Add a record's shares to what people can claim."""
        ahead = self.ahead
        for at, part in zip(places, share, strict=True):
            ahead[at] -= part

    def next(self, owed: Sequence[tuple[int, float, float]], last: Sequence[int]) -> tuple[int, float, int]:
        """Add a record's shares, and say who gets it; of those equally due, who got something longest ago.

        Args: owed: for each person the place, the share, and how many records there are to one of theirs.
        Returns: the place, when the next record of that person fell due, and what broke a tie.
        """
        ahead, best, soonest, latest, tied = self.ahead, -1, _NEVER, _NEVER, UNTIED
        for at, part, each in owed:
            ahead[at] = more = ahead[at] - part
            if more < 0.0 and (due := (more + 1.0) * each) <= latest:
                if due < soonest - _SAME:
                    best, soonest, latest, tied = at, due, due + _SAME, UNTIED
                else:
                    tied = CHANCE if last[at] == last[best] else LONGEST_AGO
                    if last[at] < last[best]:
                        best = at
        return best, soonest, tied

    @property
    def error(self) -> float:
        """How far anybody is from the share now, in records."""
        return max((abs(more) for more in self.ahead), default=0.0)
