"""Kinds of records to lots: who passes the checks that depend on the record, and how many each check rejects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from salesrules.pack.pick import ByScore, WeightedTurns
from salesrules.work.assign.arrivals import Kind
from salesrules.work.assign.checks import Check, Panel, Ready
from salesrules.work.assign.days import later
from salesrules.work.assign.posed import Posed, Posts, Record

NO_LIMIT = 1 << 60


@dataclass(frozen=True, slots=True)
class Room:
    """How much a person can have: open at a time, and new in a day."""

    open: int = NO_LIMIT
    per_day: int = NO_LIMIT


@dataclass(frozen=True, slots=True)
class Passed:
    """A person who passes every check that depends on the record: the room there is, and the numbers of the pick."""

    at: int
    room: Room
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Lot:
    """Records of one kind with the people who pass; `rejected` counts those whom each check of the rule stopped."""

    kind: Kind
    people: int
    passed: tuple[Passed, ...]
    rejected: tuple[int, ...]


class Lots:
    """Lots by kind; people who pass in the same way are kept once, so that lots share them."""

    def __init__(self, panel: Panel, day: date) -> None:
        self._panel = panel
        self._day = day
        self._away = sum(1 << at for at, one in enumerate(panel.lineup.people) if one.away)
        self._kept: dict[Any, tuple[Passed, ...]] = {}
        self._at: dict[int, tuple[int, ...]] = {}

    def lot(self, kind: Kind) -> Lot:
        """The lot of records that a rule takes."""
        ready = self._panel.rules[kind.rule]
        posts, before, rejected = self._panel.lineup.layers, len(self._panel.lineup.people), []
        for _, posts in self.steps(ready, kind.record):
            left = people_of(posts).bit_count()
            rejected.append(before - left)
            before = left
        return Lot(kind, people_of(posts), self._passed(ready, kind.record, posts), tuple(rejected))

    def steps(self, ready: Ready, record: Record) -> Iterator[tuple[Check, Posts]]:
        """The posts that are left after each check: those of one person, each by itself."""
        posts = self._panel.lineup.layers
        for check in ready.checks:
            posts = self._left(ready, check, record, posts)
            yield check, posts

    def _left(self, ready: Ready, check: Check, record: Record, posts: Posts) -> Posts:
        if check.posed is not None:
            return tuple(a & b for a, b in zip(posts, check.posed.true_of(record), strict=True))
        people = people_of(posts)
        match check.name:
            case "leave":
                people &= ~self._away
            case "sees":
                people = self._panel.sight.of(people, record)
            case "limit":
                return _fitting([one for one in self._limits if one is not None], record, posts, _known)
            case "number" if isinstance(ready.rule.pick, WeightedTurns):
                return _fitting(ready.values.values(), record, posts, _positive)
            case "number" if not isinstance(ready.rule.pick, ByScore):  # an unknown part of a score adds nothing
                return _fitting(ready.values.values(), record, posts, _known)
        return tuple(layer & people for layer in posts)

    def _passed(self, ready: Ready, record: Record, posts: Posts) -> tuple[Passed, ...]:
        numbers = [posed for posed in (self._panel.open, self._panel.per_day, self._panel.since) if posed is not None]
        asked = (*numbers, *ready.values.values())
        key = (id(ready), posts, tuple(posed.key(record) for posed in asked))
        if key not in self._kept:
            self._kept[key] = tuple(self._best(ready, record, posts, at) for at in self._places(people_of(posts)))
        return self._kept[key]

    def _places(self, people: int) -> tuple[int, ...]:
        if people not in self._at:
            self._at[people] = tuple(places(people))
        return self._at[people]

    def _best(self, ready: Ready, record: Record, posts: Posts, at: int) -> Passed:
        """A person under the post that leaves most room: limits and numbers of one post go together."""
        held = [layer for layer, people in enumerate(posts) if people >> at & 1]
        found = [self._under(ready, record, at, layer) for layer in held]
        return max(found, key=lambda one: (one.room.open, one.room.per_day, [(v is not None, v) for v in one.values]))

    def _under(self, ready: Ready, record: Record, at: int, layer: int) -> Passed:
        def number(posed: Posed | None) -> Any:
            return posed.of(record, at, layer) if posed is not None else None

        share = self._share(number(self._panel.since))
        room = Room(*(NO_LIMIT if (n := number(one)) is None else _part(n, share) for one in self._limits))
        values = {name: number(posed) for name, posed in ready.values.items()}
        if share is not None and values.get("weight") is not None:
            values["weight"] = Decimal(values["weight"]) * share
        if ready.results is not None:
            values["result"] = ready.results.get(self._panel.lineup.people[at].id)
        return Passed(at, room, tuple(values.values()))

    @property
    def _limits(self) -> tuple[Posed | None, Posed | None]:
        return self._panel.open, self._panel.per_day

    def _share(self, since: date | None) -> Decimal | None:
        """What counts of the limits of a person who began on a day; None for all of it."""
        new = self._panel.assigning.newcomers
        if new is None or since is None or self._day >= later(since, new.first):
            return None
        return Decimal(new.at)


def _fitting(asked: Iterable[Posed], record: Record, posts: Posts, fits: Callable[[Any], bool]) -> Posts:
    """The posts for which all these numbers fit."""
    for posed in asked:
        posts = tuple(a & ~b for a, b in zip(posts, posed.unfit_of(record, fits), strict=True))
    return posts


def _known(value: Any) -> bool:
    """Nobody gets work up to a limit that nobody knows."""
    return value is not None


def _positive(value: Any) -> bool:
    return value is not None and value > 0


def people_of(posts: Posts) -> int:
    """The people who hold any of these posts."""
    found = 0
    for layer in posts:
        found |= layer
    return found


def places(people: int) -> Iterator[int]:
    """The places in the lineup of a set of people."""
    while people:
        low = people & -people
        yield low.bit_length() - 1
        people ^= low


def _part(number: int, share: Decimal | None) -> int:
    """A limit for somebody new: rounded down, but a person who can get anything can get one."""
    return number if share is None or number < 1 else max(1, int(number * share))
