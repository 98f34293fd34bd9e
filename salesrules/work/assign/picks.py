"""A lot to the one of its people who gets the next record of it, by the pick of its rule, within what each can have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from salesrules.meaning.assignments import Assigning, Ruled
from salesrules.pack.pick import ByRank, ByScore, Optimal, ToPool, ToTeam, WeightedTurns
from salesrules.work.assign.checks import Panel, Ready
from salesrules.work.assign.lots import NO_LIMIT, Lot
from salesrules.work.assign.optimal import best_total
from salesrules.work.assign.rounds import Next, Turn
from salesrules.work.assign.standing import Line, Open
from salesrules.work.assign.turns import ORGANISATION, UNTIED, Turns, scope_of

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
_Way = Callable[[Open, Lot], Next]
"""How a rule chooses: who gets it, the number that this went by, and what broke a tie."""


class Picking:
    """The state of a run: what each person has by now, and whose turn it is."""

    def __init__(self, panel: Panel, load: Mapping[str, int], today: Mapping[str, int], turns: Turns) -> None:
        people = [one.id for one in panel.lineup.people]
        self._panel, self._people, self._turns = panel, people, turns
        self.load = [load.get(id, 0) for id in people]
        self._before = [*self.load]
        self.today = [today.get(id, 0) for id in people]
        self._last = [turns.last.get(id, 0) for id in people]
        self._count = turns.given
        scopes = _scopes(panel)
        own = [_own(panel.assigning, ready.rule) for ready in panel.rules]
        beside = [[name for name in names if name != mine] for names, mine in zip(scopes, own, strict=True)]
        shared = {*chain(*beside)}
        self._turn = {
            name: Turn(turns.ahead.get(name, {}), people, self._last, name not in shared)
            for name in dict.fromkeys(chain(*scopes))
        }
        self._beside = [[self._turn[name] for name in names] for names in beside]
        self._unmoved = [0] * len(people)
        self._ways = [self._way(ready) for ready in panel.rules]
        picks = [ready.rule.pick for ready in panel.rules]
        self._sizes = [len(pick.team) if isinstance(pick, ToTeam) else 0 for pick in picks]
        self._alone = all(p is None or p.of_person_alone for p in (panel.open, panel.per_day, panel.since))
        self._full = self._busy = self._out = self._known = 0
        self._room: list[tuple[int, int]] = [(NO_LIMIT, NO_LIMIT)] * len(people)
        self._most = [NO_LIMIT] * len(people)  # in hand, where room is the same for all records
        self._changes = 0  # of who can get something
        self._open: dict[int, Open] = {}

    def pick(self, lot: Lot) -> Picked:
        """Who gets the next record of a lot."""
        rule = lot.kind.rule
        choose = self._ways[rule]
        if not lot.people or (choose is None and not self._sizes[rule]):
            return _UNPICKED
        open_ = self._open.get(id(lot.passed))  # lots in which the same people pass share the tuple
        if open_ is None or open_.changes != self._changes or not self._alone:
            open_ = self._open[id(lot.passed)] = self._opened(lot, open_)
        if not open_.places:
            return Picked(NOBODY, *open_.counts, out=open_.out)
        if choose is None:
            return self._team(rule, open_)
        at, number, tied = choose(open_, lot)
        (full, busy), out = open_.counts, open_.out
        if at != NOBODY:
            self._give(rule, open_, at)
        return _picked((at, full, busy, number, tied, (), out))

    def _opened(self, lot: Lot, before: Open | None) -> Open:
        """Those of a lot who can get something by now; they are often the same as before."""
        full, busy, out = self._stopped(lot)
        people = lot.people & ~out
        same = before is not None and before.people == people
        open_ = (
            before
            if before is not None and same
            else Open(self._panel.rules[lot.kind.rule], lot.passed, people, before)
        )
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

    @property
    def given(self) -> list[int]:
        """How many each got in this run."""
        return [load - before for load, before in zip(self.load, self._before, strict=True)]

    def _new(self, at: int) -> int:
        return self.today[at] + self.load[at] - self._before[at]

    def _close(self, at: int) -> None:
        """Note that a person has as much as fits."""
        open_, per_day = self._room[at]
        is_full, is_busy = self.load[at] >= open_, self._new(at) >= per_day
        self._most[at] = min(open_, per_day - self.today[at] + self._before[at])
        if is_full or is_busy:
            self._full |= is_full << at
            self._busy |= is_busy << at
            self._out |= 1 << at
            self._changes += 1

    def _give(self, rule: int, open_: Open, at: int) -> None:
        self.load[at] = load = self.load[at] + 1
        self._last[at] = self._count = self._count + 1
        for turn in self._beside[rule]:  # what another rule gave counts as a turn too, for all who could have got it
            turn.count(open_.among, at)
        if load >= self._most[at]:
            self._close(at)

    def _way(self, ready: Ready) -> _Way | None:
        """How a rule chooses one person; None if it does not choose record by record, or not one."""
        match ready.rule.pick:
            case ToPool() | ToTeam() | Optimal():
                return None
            case "sticky_owner":
                return self._former
            case "least_loaded":
                return self._least_loaded
            case "best_skill" | ByScore() | ByRank():
                return self._best
        turn = self._turn[scope_of(self._panel.assigning, ready.rule)]
        return lambda open_, _: turn.next(open_.among)

    def _former(self, open_: Open, lot: Lot) -> Next:
        former = lot.kind.record[self._panel.former]
        at = next((place for place in open_.places if self._people[place] == former), NOBODY)
        return at, 0.0, UNTIED

    def _least_loaded(self, open_: Open, _: Lot) -> Next:
        if open_.line is None:
            open_.line = Line(open_.places, self.load, self._last)
        at, tied = open_.line.first()
        return at, float(self.load[at]), tied

    def _best(self, open_: Open, _: Lot) -> Next:
        if open_.line is None:
            open_.line = Line(open_.best, self._unmoved, self._last)
        at, tied = open_.line.first()
        return at, open_.number, tied

    def _team(self, rule: int, open_: Open) -> Picked:
        """So many people, least loaded first; nobody if there are not enough."""
        size, counts, out = self._sizes[rule], open_.counts, open_.out
        if len(open_.places) < size:
            return Picked(NOBODY, *counts, out=out)
        team = tuple(sorted(open_.places, key=lambda at: (self.load[at], self._last[at]))[:size])
        number = float(self.load[team[0]])
        for each in team:
            self._give(rule, open_, each)
        return Picked(team[0], *counts, number, UNTIED, team, out)

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
        chosen = best_total(kinds, lots, room, self._last)
        for kind, (at, _) in zip(kinds, chosen, strict=True):
            if at is not None:
                self._give(lots[kind].kind.rule, opened[kind], at)
        after = {kind: self._opened(lots[kind], None) for kind in opened}  # what is left over found everybody full
        found = []
        for kind, (at, tied) in zip(kinds, chosen, strict=True):
            open_ = opened[kind] if at is not None else after[kind]
            number = values[kind][at] if at is not None else 0.0
            found.append(Picked(NOBODY if at is None else at, *open_.counts, number, tied, out=open_.out))
        return found

    def turns_after(self) -> Turns:
        """Whose turn it is when the run is over."""
        ahead = {name: dict(kept) for name, kept in self._turns.ahead.items()}
        for name, turn in self._turn.items():
            mine = {id: more for id, more in zip(self._people, turn.ahead(), strict=True) if more}
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


def _own(assigning: Assigning, rule: Ruled) -> str | None:
    """The scope by which a rule picks."""
    return scope_of(assigning, rule) if _turning(rule) else None
