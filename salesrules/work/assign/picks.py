"""A lot to the one of its people who gets the next record of it, by the pick of its rule, within what each can have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from salesrules.meaning.assignments import Ruled
from salesrules.pack.pick import ByScore, Optimal, ToPool, ToTeam, WeightedTurns
from salesrules.work.assign.checks import Panel, Ready
from salesrules.work.assign.lots import Lot, Passed
from salesrules.work.assign.turns import CHANCE, LONGEST_AGO, ORGANISATION, UNTIED, Turn, Turns, scope_of, shares

NOBODY = -1


class Picked(NamedTuple):
    """What came of one record: who got it, who were too full or had too many today, and what it went by.

    `team` are the people who share it, the first of them `at`.
    """

    at: int = NOBODY
    full: int = 0
    busy: int = 0
    number: float = 0.0
    tied: int = UNTIED
    team: tuple[int, ...] = ()


class Open:
    """Those of a lot who can still get something, with what is worked out for them once until that changes."""

    def __init__(self, ready: Ready, passed: Sequence[Passed], people: int) -> None:
        self.people = people
        self.passed = [one for one in passed if people >> one.at & 1]
        self.places = [one.at for one in self.passed]
        self.best: list[int] = []
        self.number = 0.0
        self.share: Sequence[float] = ()
        self.wait: Sequence[float] = ()
        match ready.rule.pick:
            case "best_skill":
                self._keep_best([float(one.values[0]) for one in self.passed], min)
            case ByScore():
                self._keep_best([score_of(ready.rule, one.values) for one in self.passed], max)
            case _:
                weighted = isinstance(ready.rule.pick, WeightedTurns)
                weights = [Fraction(one.values[0]) if weighted else Fraction(1) for one in self.passed]
                self.share = shares(weights)
                self.wait = [float(sum(weights) / weight) for weight in weights]

    def _keep_best(self, numbers: Sequence[float], of: Callable[[Sequence[float]], float]) -> None:
        self.number = of(numbers)
        self.best = [at for at, number in zip(self.places, numbers, strict=True) if number == self.number]


def score_of(rule: Ruled, values: Sequence[Any]) -> float:
    """The weighted sum of the parts of a score; a part that is unknown adds nothing."""
    assert isinstance(rule.pick, ByScore)
    weights = (part.weight for part in rule.pick.score.values())
    return float(sum(Fraction(w) * Fraction(v) for w, v in zip(weights, values, strict=True) if v is not None))


class Picking:
    """The state of a run: what each person has by now, and whose turn it is."""

    def __init__(self, panel: Panel, load: Mapping[str, int], today: Mapping[str, int], turns: Turns) -> None:
        people = [one.id for one in panel.lineup.people]
        self._panel, self._people, self._turns = panel, people, turns
        self.load = [load.get(id, 0) for id in people]
        self.given = [0] * len(people)
        self.today = [today.get(id, 0) for id in people]
        self._last = [turns.last.get(id, 0) for id in people]
        self._count = turns.given
        self._scopes = _scopes(panel)
        self._turn = {name: Turn(turns.ahead.get(name, {}), people) for name in dict.fromkeys(_all(self._scopes))}
        self._alone = all(p is None or p.of_person_alone for p in (panel.open, panel.per_day, panel.since))
        self._full = self._busy = self._known = 0
        self._room: dict[int, Any] = {}
        self._open: dict[int, Open] = {}

    def pick(self, kind: int, lot: Lot) -> Picked:
        """Who gets the next record of a lot."""
        ready = self._panel.rules[lot.kind.rule]
        if isinstance(ready.rule.pick, ToPool | Optimal) or not lot.people:
            return Picked()
        full, busy = self._stopped(lot)
        counts = ((lot.people & full).bit_count(), (lot.people & busy & ~full).bit_count())
        people = lot.people & ~(full | busy)
        if not people:
            return Picked(NOBODY, *counts)
        at, number, tied, team = self._chosen(ready, self._opened(kind, ready, lot, people), lot)
        for each in team or (at,) * (at != NOBODY):
            self._give(each)
        return Picked(at, *counts, number, tied, team)

    def _opened(self, kind: int, ready: Ready, lot: Lot, people: int) -> Open:
        found = self._open.get(kind)
        if found is None or found.people != people:
            found = self._open[kind] = Open(ready, lot.passed, people)
        return found

    def _stopped(self, lot: Lot) -> tuple[int, int]:
        """Those of a lot who hold as much as they can, and those who got as much today as they can."""
        if not self._alone:
            full = sum(1 << one.at for one in lot.passed if self.load[one.at] >= one.room.open)
            busy = sum(1 << one.at for one in lot.passed if self._new(one.at) >= one.room.per_day)
            return full, busy
        if lot.people & ~self._known:
            for one in lot.passed:
                self._room[one.at] = one.room
                self._close(one.at)
            self._known |= lot.people
        return self._full, self._busy

    def _new(self, at: int) -> int:
        return self.today[at] + self.given[at]

    def _close(self, at: int) -> None:
        """Note that a person has as much as fits."""
        room = self._room[at]
        if self.load[at] >= room.open:
            self._full |= 1 << at
        if self._new(at) >= room.per_day:
            self._busy |= 1 << at

    def _give(self, at: int) -> None:
        self.load[at] += 1
        self.given[at] += 1
        self._count += 1
        self._last[at] = self._count
        for name in self._scopes[self._rule]:
            self._turn[name].ahead[at] += 1.0
        if self._alone:
            self._close(at)

    def _chosen(self, ready: Ready, open_: Open, lot: Lot) -> tuple[int, float, int, tuple[int, ...]]:
        """The place of who gets it, the number that this went by, what broke a tie, and the team if there is one."""
        self._rule = lot.kind.rule
        pick = ready.rule.pick
        if pick == "sticky_owner":
            former = lot.kind.record[self._panel.former]
            at = next((place for place in open_.places if self._people[place] == former), NOBODY)
            return at, 0.0, UNTIED, ()
        if isinstance(pick, ToTeam):
            return self._team(open_, len(pick.team))
        if pick == "least_loaded":
            least = min([self.load[at] for at in open_.places])
            at, tied = self._longest_ago([at for at in open_.places if self.load[at] == least])
            self._accrue(open_, None)
            return at, float(least), tied, ()
        if open_.best:
            at, tied = self._longest_ago(open_.best)
            self._accrue(open_, None)
            return at, open_.number, tied, ()
        own = scope_of(self._panel.assigning, ready.rule)
        self._accrue(open_, own)
        return (*self._turn[own].next(open_.places, open_.share, open_.wait, self._last), ())

    def _accrue(self, open_: Open, own: str | None) -> None:
        """The shares of a record in every scope that counts it, but for the one that the pick adds it to itself."""
        for name in self._scopes[self._rule]:
            if name != own:
                self._turn[name].accrue(open_.places, open_.share or shares([Fraction(1)] * len(open_.places)))

    def _longest_ago(self, places: Sequence[int]) -> tuple[int, int]:
        if len(places) == 1:
            return places[0], UNTIED
        last = self._last
        at = min(places, key=last.__getitem__)
        # people who never got anything are the only ones who got the last one at the same time
        return at, CHANCE if not last[at] and sum(not last[each] for each in places) > 1 else LONGEST_AGO

    def _team(self, open_: Open, size: int) -> tuple[int, float, int, tuple[int, ...]]:
        """So many people, least loaded first; nobody if there are not enough."""
        if len(open_.places) < size:
            return NOBODY, 0.0, UNTIED, ()
        ordered = sorted(open_.places, key=lambda at: (self.load[at], self._last[at]))
        self._accrue(open_, None)
        return ordered[0], float(self.load[ordered[0]]), UNTIED, tuple(ordered[:size])

    def turns_after(self) -> Turns:
        """Whose turn it is when the run is over."""
        ahead = {name: dict(kept) for name, kept in self._turns.ahead.items()}
        for name, turn in self._turn.items():
            mine = {id: more for id, more in zip(self._people, turn.ahead, strict=True) if more}
            ahead[name] = {id: more for id, more in ahead.get(name, {}).items() if id not in self._people} | mine
        last = dict(self._turns.last) | {id: n for id, n in zip(self._people, self._last, strict=True) if n}
        return Turns(ahead, last, self._count)

    def errors(self) -> dict[str, float]:
        """How far anybody is from the share in each scope, in records."""
        return {name: turn.error for name, turn in self._turn.items()}


def _scopes(panel: Panel) -> list[tuple[str, ...]]:
    """The scopes that a record of each rule counts in, of those that some rule takes turns by."""
    rules = [ready.rule for ready in panel.rules]
    turning = [rule for rule in rules if isinstance(rule.pick, WeightedTurns) or rule.pick == "round_robin"]
    used = {scope_of(panel.assigning, rule) for rule in turning} | (
        {ORGANISATION} if panel.organisation_turns else set()
    )
    wide = [name for name in (panel.assigning.id, ORGANISATION) if name in used]
    own = [f"{panel.assigning.id}/{rule.id}" for rule in rules]
    return [(*([name] if name in used else []), *wide) for name in own]


def _all(scopes: Sequence[tuple[str, ...]]) -> Iterator[str]:
    for names in scopes:
        yield from names
