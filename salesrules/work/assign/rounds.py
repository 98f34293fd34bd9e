"""Those who can get the records of a rule to whose turn it is, record by record: one round for those who stay the same.

Turns go by the part that somebody has beyond the share. While the people are the same, all of them gather their shares
alike, so that nothing changes but for who gets a record: then two heaps say who may get one, and whose falls due first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from heapq import heapify, heappop, heappush, heapreplace
from typing import Any

from salesrules.work.assign.turns import CHANCE, LONGEST_AGO, SAME, UNTIED, shares, whole

_FEW = 8  # people: among so few a look at each is quicker than heaps
_DIGITS = 6  # what is due closer together than `SAME` is due at once
_NEVER = float("inf")
Next = tuple[int, float, int]
"""Who gets a record, when that record of theirs fell due, and what broke a tie."""


class Among:
    """Those who could get a record at one moment, by their places, with their weights.

    `apart` says whether they may have a round: not if others who share people with them take turns as well.
    """

    def __init__(self, places: Sequence[int], values: Sequence[Any] | None, before: Among | None = None) -> None:
        self.places = places
        self._values = values
        self.round: Round | None = None
        self.apart: bool = len(places) > _FEW and (before is None or before.apart)

    @cached_property
    def weights(self) -> Sequence[int]:
        """The weights as whole numbers in the same proportions; all alike where there are none."""
        if self._values is None:
            return [1] * len(self.places)
        return self._values if all(type(one) is int for one in self._values) else whole([*map(Fraction, self._values)])

    @cached_property
    def share(self) -> Sequence[float]:
        """The share of each in one record."""
        return shares(self.weights)

    @cached_property
    def owed(self) -> Sequence[tuple[int, float, float]]:
        """For each the place, the share, and how many records there are to one of theirs."""
        total = sum(self.weights)
        return [(at, part, total / w) for at, part, w in zip(self.places, self.share, self.weights, strict=True)]


class Round:
    """The accounts of people in one scope while records come that all of them could get.

    Somebody with `got` records of the round and `ahead` before it has the share of all records up to number
    (ahead + got) / share; the next falls due 1 / share later.
    """

    def __init__(self, among: Among, ahead: list[float], last: Sequence[int]) -> None:
        self.places, self.over = among.places, False
        self._ahead, self._last, self._total = ahead, last, sum(among.weights)
        self._weight = dict(zip(among.places, among.weights, strict=True))
        self._start = {at: ahead[at] * self._total / self._weight[at] for at in among.places}
        self._got = dict.fromkeys(among.places, 0)
        self._records = 0
        self._waiting = [(until, at) for at, until in self._start.items()]
        heapify(self._waiting)
        self._due: list[tuple[float, int, int]] = []

    def next(self) -> Next:
        """Who gets the next record. There can be a million: this is written to be quick."""
        self._records = number = self._records + 1
        total, weight, last, due = self._total, self._weight, self._last, self._due
        waiting = self._waiting
        while waiting and waiting[0][0] < number - SAME:
            until, at = heappop(waiting)
            heappush(due, (round(until + total / weight[at], _DIGITS), last[at], at))
        if due:
            while last[at := due[0][2]] != due[0][1]:  # somebody got something elsewhere since
                heapreplace(due, (due[0][0], last[at], at))
            soonest, ago, best = heappop(due)
            tied = self._broken_by(ago) if due and due[0][0] == soonest else UNTIED
        else:
            best, soonest, tied = self._beyond()
        self._got[best] = got = self._got[best] + 1
        heappush(waiting, (got * total / weight[best] + self._start[best], best))
        return best, soonest - number, tied

    def _broken_by(self, ago: int) -> int:
        """What set somebody who got something so long ago apart from the others who are due at once."""
        due, last, soonest = self._due, self._last, self._due[0][0]
        while last[at := due[0][2]] != due[0][1]:
            heapreplace(due, (due[0][0], last[at], at))
        return UNTIED if due[0][0] != soonest else CHANCE if due[0][1] == ago else LONGEST_AGO

    def _beyond(self) -> Next:
        """Everybody has the share already; then whose next falls due first all the same."""
        found = first([(until + self._total / self._weight[at], self._last[at], at) for until, at in self._waiting])
        self._waiting[:] = [(until, at) for until, at in self._waiting if at != found[0]]
        heapify(self._waiting)
        return found

    def settle(self) -> None:
        """Write down what each has beyond the share by now; the round is over."""
        self.over = True
        for at, weight in self._weight.items():
            until = self._start[at] + self._got[at] * self._total / weight
            self._ahead[at] = (until - self._records) * weight / self._total


class Turn:
    """One scope during a run: what each has beyond the share, by the place in the lineup.

    Args: last: by place when somebody got something, 0 for never. alone: whether nothing counts in this scope but what
        its own picks give.
    """

    def __init__(
        self, kept: Mapping[str, float], people: Sequence[str], last: Sequence[int], alone: bool = True
    ) -> None:
        self._ahead, self._last = [kept.get(id, 0.0) for id in people], last
        self._alone = alone
        self._rounds: dict[int, Round] = {}

    def next(self, among: Among) -> Next:
        """Add a record's shares, and say who gets it; of those equally due, who got something longest ago.

        It counts as given.
        """
        if among.round is not None and not among.round.over:
            return among.round.next()
        if self._rounds:
            for round_ in {id(one): one for at in among.places if (one := self._rounds.get(at))}.values():
                self._settle(round_)
        among.apart = among.apart and self._alone and among.round is None
        if among.apart:
            among.round = Round(among, self._ahead, self._last)
            self._rounds.update(dict.fromkeys(among.places, among.round))
            return among.round.next()
        found = self._looked(among)
        self._ahead[found[0]] += 1.0
        return found

    def _looked(self, among: Among) -> Next:
        """The same by a look at each."""
        ahead, last, soonest, latest = self._ahead, self._last, _NEVER, _NEVER
        line: list[tuple[float, int, int]] = []
        for at, part, each in among.owed:
            ahead[at] = more = ahead[at] - part
            if more < 0.0 and (due := (more + 1.0) * each) <= latest:
                if due < soonest - SAME:
                    line, soonest, latest = [(due, last[at], at)], due, due + SAME
                else:
                    line.append((soonest, last[at], at))
        if len(line) == 1:
            return line[0][2], soonest, UNTIED
        return first(line or [((ahead[at] + 1.0) * each, last[at], at) for at, _, each in among.owed])

    def count(self, among: Among, given: int) -> None:
        """Add a record that somebody got in another way."""
        ahead = self._ahead
        for at, part in zip(among.places, among.share, strict=True):
            ahead[at] -= part
        ahead[given] += 1.0

    def ahead(self) -> list[float]:
        """How much more than the share each has by now, by place."""
        for round_ in [*self._rounds.values()]:
            self._settle(round_)
        return self._ahead

    def _settle(self, round_: Round) -> None:
        if not round_.over:
            round_.settle()
            for at in round_.places:
                del self._rounds[at]

    @property
    def error(self) -> float:
        """How far anybody is from the share now, in records."""
        return max(map(abs, self.ahead()), default=0.0)


def first(line: Sequence[tuple[float, int, int]]) -> Next:
    """The first in a line of people with what is due, and when they got something."""
    (soonest, ago, best), *others = sorted((round(due, _DIGITS), ago, at) for due, ago, at in line)
    if not others or others[0][0] != soonest:
        return best, soonest, UNTIED
    return best, soonest, CHANCE if others[0][1] == ago else LONGEST_AGO
