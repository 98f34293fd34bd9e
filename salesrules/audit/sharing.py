"""A resource and weights to who gets how much of it: exact, to the last part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from salesrules.pack.resources import Resource, Sharing

Weighed = Sequence[tuple[str, Fraction]]
"""Members with their weights, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a resource: of which members along the steps, which share of its parent, and how much that is."""

    members: tuple[str, ...]
    of_parent: Fraction
    amount: Decimal


def apportion(whole: int, weights: Sequence[Fraction]) -> list[int]:
    """Share out a whole number by weights, of which some is above zero: each gets its part rounded down or up.

    What rounding down leaves goes to the largest remainders, of equal ones to the first.
    Source: the method of largest remainders (Hamilton, 1792).
    """
    total = sum(weights, Fraction(0))
    quotas = [whole * weight / total for weight in weights]
    parts = [int(quota) for quota in quotas]
    behind = sorted(range(len(weights)), key=lambda at: (parts[at] - quotas[at], at))
    for at in behind[: whole - sum(parts)]:
        parts[at] += 1
    return parts


def shared_out(resource: Resource, weighed: Callable[[Sharing], Weighed]) -> Iterator[Share]:
    """Every part of a resource, each followed by the parts of it; those of one parent add up to it."""
    steps = [weighed(step) for step in resource.split]

    def below(members: tuple[str, ...], units: int) -> Iterator[Share]:
        if len(members) == len(steps):
            return
        here = steps[len(members)]
        total = sum((weight for _, weight in here), Fraction(0))
        parts = apportion(units, [weight for _, weight in here])
        for (member, weight), part in zip(here, parts, strict=True):
            yield Share((*members, member), weight / total, part * resource.smallest)
            yield from below((*members, member), part)

    yield from below((), int(Fraction(resource.amount) / Fraction(resource.smallest)))
