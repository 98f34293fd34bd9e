"""The people of a lot who can still get something to what a pick needs of them, worked out once until they change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from heapq import heapify, heappop, heappush, heapreplace
from typing import Any

from salesrules.meaning.assignments import Ruled
from salesrules.pack.pick import ByRank, ByScore, WeightedTurns
from salesrules.work.assign.checks import Ready
from salesrules.work.assign.lots import Passed
from salesrules.work.assign.rounds import Among
from salesrules.work.assign.turns import CHANCE, LONGEST_AGO, UNTIED


class Line:
    """People in the order of a number and of when they got something, both of which only grow while a run goes on.

    What is kept of somebody may be out of date, and then comes too early and never too late: so only who is first is
    looked at again.
    """

    def __init__(self, places: Sequence[int], numbers: Sequence[int], last: Sequence[int]) -> None:
        self._numbers, self._last = numbers, last
        self._line = [(numbers[at], last[at], at) for at in places]
        heapify(self._line)

    def first(self) -> tuple[int, int]:
        """Who has the least number, of these who got something longest ago; and what broke a tie."""
        line = self._line
        number, ago, at = self._refreshed()
        if all(one[0] > number for one in line[1:3]):
            return at, UNTIED
        top = heappop(line)
        other, before, _ = self._refreshed()
        heappush(line, top)
        return at, UNTIED if other > number else CHANCE if before == ago else LONGEST_AGO

    def _refreshed(self) -> tuple[int, int, int]:
        line, numbers, last = self._line, self._numbers, self._last
        while (now := (numbers[at := line[0][2]], last[at], at)) != line[0]:
            heapreplace(line, now)
        return now


class Open:
    """Those of a lot who can still get something.

    `counts` are how many are too full, and of the others had too many today; `out` are all who can get nothing, after
    so many `changes` of them. `best` are those whom a rule by a number prefers; `line` is who of them is first, once
    somebody asked. Args: before: the same before the last change.
    """

    def __init__(self, ready: Ready, passed: Sequence[Passed], people: int, before: Open | None = None) -> None:
        self.people = people
        self.counts, self.out, self.changes = (0, 0), 0, -1
        able = [one for one in passed if people >> one.at & 1]
        self.places = [one.at for one in able]
        self.best = self.places
        self.number = 0.0
        self.line: Line | None = None
        match ready.rule.pick:
            case "best_skill":
                self._keep_best([float(one.values[0]) for one in able], min)
            case ByScore():
                self._keep_best([score_of(ready.rule, one.values) for one in able], max)
            case ByRank():
                ranks = [rank_of(ready.rule, one.values[0]) for one in able]
                self.best = [at for at, rank in zip(self.places, ranks, strict=True) if rank == max(ranks)]
        weights = [one.values[0] for one in able] if isinstance(ready.rule.pick, WeightedTurns) else None
        self.among: Among = Among(self.places, weights, before.among if before is not None else None)

    def _keep_best(self, numbers: Sequence[float], of: Callable[..., float]) -> None:
        self.number = of(numbers, default=0.0)
        self.best = [at for at, number in zip(self.places, numbers, strict=True) if number == self.number]


def rank_of(rule: Ruled, result: Any) -> tuple[bool, Any]:
    """Where a result stands: the greater the better, and one that is unknown below all others."""
    return (False, 0) if result is None else (True, -result if rule.least_first else result)


def score_of(rule: Ruled, values: Sequence[Any]) -> float:
    """The weighted sum of the parts of a score; a part that is unknown adds nothing."""
    assert isinstance(rule.pick, ByScore)
    weights = (part.weight for part in rule.pick.score.values())
    return float(sum(Fraction(w) * Fraction(v) for w, v in zip(weights, values, strict=True) if v is not None))
