"""A lot to the one of its people who gets the next record of it, by the pick of its rule, within what each can have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from salesrules.meaning.assignments import Ruled
from salesrules.pack.pick import ByScore, Optimal, ToPool, ToTeam, WeightedTurns
from salesrules.work.assign.checks import Panel, Ready
from salesrules.work.assign.lots import NO_LIMIT, Lot, Passed
from salesrules.work.assign.optimal import best_total
from salesrules.work.assign.turns import CHANCE, LONGEST_AGO, ORGANISATION, UNTIED, Turn, Turns, scope_of, shares, whole

NOBODY = -1


class Picked(NamedTuple):
    """What came of one record: who got it, how many were too full or had too many today, and what it went by.

    `team` are the people who share it, the first of them `at`; `out` those who could get nothing at that moment.
    """

    at: int = NOBODY
    full: int = 0
    busy: int = 0
    number: float = 0.0
    tied: int = UNTIED
    team: tuple[int, ...] = ()
    out: int = 0


_UNPICKED = Picked()
_picked: Callable[[tuple[Any, ...]], Picked] = partial(tuple.__new__, Picked)
"""What came of one of very many records, made without looking at the names."""
_Chosen = tuple[int, float, int, tuple[int, ...]]
"""Who gets it, the number that this went by, what broke a tie, and the team if there is one."""


class Open:
    """Those of a lot who can still get something, with what is worked out for them once until that changes.

    `counts` are how many are too full, and of the others had too many today; `out` are all who can get nothing, after
    so many `changes` of them.
    """

    def __init__(self, ready: Ready, passed: Sequence[Passed], people: int) -> None:
        self.people = people
        self.counts, self.out, self.changes = (0, 0), 0, -1
        self.passed = [one for one in passed if people >> one.at & 1]
        self.places = [one.at for one in self.passed]
        self.best: list[int] = []
        self.number = 0.0
        self.share: Sequence[float] = ()
        self.owed: Sequence[tuple[int, float, float]] = ()
        match ready.rule.pick:
            case "best_skill":
                self._keep_best([float(one.values[0]) for one in self.passed], min)
            case ByScore():
                self._keep_best([score_of(ready.rule, one.values) for one in self.passed], max)
            case _:
                weighted = isinstance(ready.rule.pick, WeightedTurns)
                weights = _weights([one.values[0] for one in self.passed]) if weighted else [1] * len(self.places)
                total = sum(weights)
                self.share = shares(weights)
                waits = [total / weight for weight in weights]
                self.owed = list(zip(self.places, self.share, waits, strict=True))

    def _keep_best(self, numbers: Sequence[float], of: Callable[..., float]) -> None:
        self.number = of(numbers, default=0.0)
        self.best = [at for at, number in zip(self.places, numbers, strict=True) if number == self.number]


def _weights(values: Sequence[Any]) -> list[int]:
    """Weights as whole numbers in the same proportions."""
    return list(values) if all(type(value) is int for value in values) else whole([*map(Fraction, values)])


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
        scopes = _scopes(panel)
        self._turn = {name: Turn(turns.ahead.get(name, {}), people) for name in dict.fromkeys(chain(*scopes))}
        self._counted = [self._turns_of(*each) for each in zip(panel.rules, scopes, strict=True)]
        self._ways = [self._way(ready) for ready in panel.rules]
        self._alone = all(p is None or p.of_person_alone for p in (panel.open, panel.per_day, panel.since))
        self._full = self._busy = self._out = self._known = 0
        self._room: list[tuple[int, int]] = [(NO_LIMIT, NO_LIMIT)] * len(people)
        self._changes = 0  # of who can get something
        self._open: dict[int, Open] = {}

    def _turns_of(self, ready: Ready, scopes: Sequence[str]) -> tuple[Turn | None, list[Turn]]:
        """The turn by which a rule picks, and those in which what it gives counts beside."""
        own = scope_of(self._panel.assigning, ready.rule) if _turning(ready.rule) else None
        return self._turn[own] if own is not None else None, [self._turn[name] for name in scopes if name != own]

    def pick(self, lot: Lot) -> Picked:
        """Who gets the next record of a lot."""
        rule = lot.kind.rule
        choose = self._ways[rule]
        if choose is None or not lot.people:
            return _UNPICKED
        open_ = self._open.get(id(lot.passed))  # lots in which the same people pass share the tuple
        if open_ is None or open_.changes != self._changes or not self._alone:
            open_ = self._open[id(lot.passed)] = self._opened(lot, open_)
        if not open_.places:
            return Picked(NOBODY, *open_.counts, out=open_.out)
        at, number, tied, team = choose(open_, lot)
        out = open_.out
        if team:
            for each in team:
                self._give(rule, open_, each)
        elif at != NOBODY:
            self._give(rule, open_, at)
        return _picked((at, *open_.counts, number, tied, team, out))

    def _opened(self, lot: Lot, before: Open | None) -> Open:
        """Those of a lot who can get something by now; they are often the same as before."""
        full, busy, out = self._stopped(lot)
        people = lot.people & ~out
        same = before is not None and before.people == people
        open_ = before if before is not None and same else Open(self._panel.rules[lot.kind.rule], lot.passed, people)
        closed = lot.people & out
        open_.counts = ((closed & full).bit_count(), (closed & busy & ~full).bit_count()) if closed else (0, 0)
        open_.out, open_.changes = out, self._changes
        return open_

    def _stopped(self, lot: Lot) -> tuple[int, int, int]:
        """Those of a lot who hold as much as they can, those who got as much today as they can, and both."""
        if not self._alone:
            full = sum(1 << one.at for one in lot.passed if self.load[one.at] >= one.room.open)
            busy = sum(1 << one.at for one in lot.passed if self._new(one.at) >= one.room.per_day)
            return full, busy, full | busy
        if lot.people & ~self._known:
            for one in lot.passed:
                self._room[one.at] = (one.room.open, one.room.per_day)
                self._close(one.at)
            self._known |= lot.people
        return self._full, self._busy, self._out

    def _new(self, at: int) -> int:
        return self.today[at] + self.given[at]

    def _close(self, at: int) -> None:
        """Note that a person has as much as fits."""
        open_, per_day = self._room[at]
        is_full, is_busy = self.load[at] >= open_, self._new(at) >= per_day
        if is_full or is_busy:
            self._full |= is_full << at
            self._busy |= is_busy << at
            self._out |= 1 << at
            self._changes += 1

    def _give(self, rule: int, open_: Open, at: int) -> None:
        self.load[at] = load = self.load[at] + 1
        self.given[at] = given = self.given[at] + 1
        self._last[at] = self._count = self._count + 1
        own, beside = self._counted[rule]
        if own is not None:
            own.ahead[at] += 1.0
        for turn in beside:  # what another rule gave counts as a turn too, for everyone who could have got it
            turn.accrue(open_.places, open_.share or shares([1] * len(open_.places)))
            turn.ahead[at] += 1.0
        most, most_today = self._room[at]
        if self._alone and (load >= most or self.today[at] + given >= most_today):
            self._close(at)

    def _way(self, ready: Ready) -> Callable[[Open, Lot], _Chosen] | None:
        """How a rule chooses; None if it does not choose record by record."""
        match ready.rule.pick:
            case ToPool() | Optimal():
                return None
            case "sticky_owner":
                return self._former
            case ToTeam() as pick:
                return lambda open_, _: self._team(open_, len(pick.team))
            case "least_loaded":
                return self._least_loaded
            case "best_skill" | ByScore():
                return self._best
        own = self._turn[scope_of(self._panel.assigning, ready.rule)]
        return lambda open_, _: (*own.next(open_.owed, self._last), ())

    def _former(self, open_: Open, lot: Lot) -> _Chosen:
        former = lot.kind.record[self._panel.former]
        at = next((place for place in open_.places if self._people[place] == former), NOBODY)
        return at, 0.0, UNTIED, ()

    def _least_loaded(self, open_: Open, _: Lot) -> _Chosen:
        least = min([self.load[at] for at in open_.places])
        at, tied = self._longest_ago([at for at in open_.places if self.load[at] == least])
        return at, float(least), tied, ()

    def _best(self, open_: Open, _: Lot) -> _Chosen:
        at, tied = self._longest_ago(open_.best)
        return at, open_.number, tied, ()

    def _longest_ago(self, places: Sequence[int]) -> tuple[int, int]:
        if len(places) == 1:
            return places[0], UNTIED
        last = self._last
        at = min(places, key=last.__getitem__)
        # people who never got anything are the only ones who got the last one at the same time
        return at, CHANCE if not last[at] and sum(not last[each] for each in places) > 1 else LONGEST_AGO

    def _team(self, open_: Open, size: int) -> _Chosen:
        """So many people, least loaded first; nobody if there are not enough."""
        if len(open_.places) < size:
            return NOBODY, 0.0, UNTIED, ()
        ordered = sorted(open_.places, key=lambda at: (self.load[at], self._last[at]))
        return ordered[0], float(self.load[ordered[0]]), UNTIED, tuple(ordered[:size])

    def at_once(self, kinds: Sequence[int], lots: Mapping[int, Lot]) -> list[Picked]:
        """Who gets each of the records that a rule gives out all at once, with the room that is left by now.

        Args: kinds: the kind of each record.
        """
        room: dict[int, int] = {}
        opened, values = dict[int, Open](), dict[int, dict[int, float]]()
        for kind in dict.fromkeys(kinds):
            lot = lots[kind]
            opened[kind] = self._opened(lot, None)
            values[kind] = {one.at: float(one.values[0]) for one in lot.passed}
            for one in lot.passed:
                left = min(one.room.open - self.load[one.at], one.room.per_day - self._new(one.at), len(kinds))
                room[one.at] = min(left, room.get(one.at, left))
        found = []
        for kind, (at, tied) in zip(kinds, best_total(kinds, lots, room, self._last), strict=True):
            open_ = opened[kind]
            if at is None:
                found.append(Picked(NOBODY, *open_.counts, out=open_.out))
                continue
            self._give(lots[kind].kind.rule, open_, at)
            found.append(Picked(at, *open_.counts, values[kind][at], tied, out=open_.out))
        return found

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
    used = {scope_of(panel.assigning, rule) for rule in rules if _turning(rule)}
    used |= {ORGANISATION} if panel.organisation_turns else set()
    wide = [name for name in (panel.assigning.id, ORGANISATION) if name in used]
    own = [f"{panel.assigning.id}/{rule.id}" for rule in rules]
    return [(*([name] if name in used else []), *wide) for name in own]


def _turning(rule: Ruled) -> bool:
    return isinstance(rule.pick, WeightedTurns) or rule.pick == "round_robin"
