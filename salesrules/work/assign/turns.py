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
SAME = 1e-6  # of a record: what is due closer together than this is due at once
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
