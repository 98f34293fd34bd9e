"""What people have or got to how unequal that is: the busiest to the idlest, the Gini coefficient and Jain's index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from salesrules.pack.assignment import Fairness
from salesrules.work.assign.run import Run


@dataclass(frozen=True, slots=True)
class Spread:
    """How a number is spread over people who could all have got some: who has how much, the least first.

    `ratio` is what the busiest has over what the idlest has, None where the idlest has nothing; `gini` is 0 where all
    have the same and nears 1 where one has all; `jain` is 1 where all have the same.
    Source: Gini, 1912; Jain, Chiu and Hawe, 1984.
    """

    ranked: tuple[tuple[str, Fraction], ...]
    ratio: Fraction | None
    gini: float
    jain: float

    @property
    def people(self) -> int:
        """How many there are."""
        return len(self.ranked)

    @property
    def most(self) -> tuple[str, Fraction]:
        """The busiest and what that person has."""
        return self.ranked[-1]

    @property
    def least(self) -> tuple[str, Fraction]:
        """The idlest and what that person has."""
        return self.ranked[0]


def spread(of: Mapping[str, int | Fraction]) -> Spread | None:
    """How these numbers are spread; None for nobody."""
    if not of:
        return None
    ranked = sorted(of, key=lambda id: (of[id], id))
    numbers = [Fraction(of[id]) for id in ranked]
    least, most = numbers[0], numbers[-1]
    return Spread(
        tuple(zip(ranked, numbers, strict=True)),
        Fraction(1) if most == least else most / least if least > 0 else None,
        _gini(numbers),
        _jain(numbers),
    )


def _gini(ranked: Sequence[Fraction]) -> float:
    """Of numbers that rise."""
    total, count = sum(ranked), len(ranked)
    if not total:
        return 0.0
    weighted = sum(rank * number for rank, number in enumerate(ranked, start=1))
    return float(2 * weighted / (count * total) - Fraction(count + 1, count))


def _jain(numbers: Sequence[Fraction]) -> float:
    squares = sum(number * number for number in numbers)
    return float(sum(numbers) ** 2 / (len(numbers) * squares)) if squares else 1.0


def breaks(limit: Fairness, found: Spread) -> bool:
    """Whether a spread is beyond the limit of a pack; one with an idlest who has nothing is beyond any ratio."""
    if limit.measure == "gini":
        return found.gini > float(limit.at_most)
    return found.ratio is None or found.ratio > Fraction(limit.at_most)


def of_run(run: Run, of: str) -> dict[str, int]:
    """What everyone who could have got something in a run has after it (`load`), or got in it (`assigned`)."""
    able, numbers = able_in(run), run.load if of == "load" else run.given
    return {id: number for id, number in zip(run.people, numbers, strict=True) if id in able}


def able_in(run: Run) -> frozenset[str]:
    """Everyone who could get something in a run."""
    able = 0
    for lot in run.lots.values():
        able |= lot.people
    return frozenset(id for at, id in enumerate(run.people) if able >> at & 1)
