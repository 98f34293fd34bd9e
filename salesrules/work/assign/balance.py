"""What people have and the log to how work is spread over those who could get some: by team, by class, and by rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from salesrules.meaning.assignments import Assigning
from salesrules.pack.assignment import Fairness
from salesrules.pack.values import Duration
from salesrules.work.assign.days import later
from salesrules.work.assign.fairness import Spread, breaks, spread
from salesrules.work.assign.weighing import Weighing, Weights, total

_WINDOW = Duration(30, "d")  # where the pack names none


@dataclass(frozen=True, slots=True)
class Balance:
    """How work is spread: what people have in hand, and what they got in the days since `since`.

    That for everyone who could get something, by rule, by team, which are the people with the same manager, and by the
    classes that `fairness` in the pack names. Where that has a value, it is what is compared, and not the number of
    records; a rule is told by number.
    """

    assigning: Assigning
    since: date
    load: Spread | None
    assigned: Spread | None
    rules: tuple[tuple[str, Spread], ...]
    teams: tuple[tuple[str, Spread], ...]
    classes: tuple[tuple[str, Spread], ...]
    limit: Fairness | None
    beyond: bool


class Given(NamedTuple):
    """A decision that gave a record to somebody."""

    key: str
    assignment: str
    rule: str
    person: str


def window_start(weighing: Weighing) -> date:
    """The first day of the window: that of `fairness` in the pack, 30 days without one."""
    window = weighing.limit.window if weighing.limit is not None else _WINDOW
    return later(weighing.day, replace(window, count=-window.count))


def balance(
    weighing: Weighing, could: Mapping[str, frozenset[str]], load: Mapping[str, int], recent: Sequence[Given]
) -> Balance:
    """How work is spread, and how what was decided in the window is.

    Args: could: who could get some, by rule. load: how many each person has, with those that are on their way. recent:
        what was given of the entity since the window starts.
    """
    limit, able = weighing.limit, frozenset[str]().union(*could.values())
    held, weights = weighing.held(), weighing.of([one.key for one in recent])
    by_value = limit is not None and limit.value is not None
    has = _among(able, total(held.values()) if by_value else load)
    whole, new = spread(has), spread(_got(able, recent, weights))
    measured = whole if limit is None or limit.of == "load" else new
    mine = [one for one in recent if one.assignment == weighing.assigning.id]
    rules = {rule: [one for one in mine if one.rule == rule] for rule in could}
    ones = dict.fromkeys(weights, Fraction(1))
    return Balance(
        weighing.assigning,
        window_start(weighing),
        whole,
        new,
        _each((rule, _got(could[rule], found, ones)) for rule, found in rules.items()),
        _each(_teams(weighing, has)),
        _each((name, _among(able, of)) for name, of in held.items() if name is not None),
        limit,
        limit is not None and measured is not None and breaks(limit, measured),
    )


def _among(able: Iterable[str], has: Mapping[str, int | Fraction]) -> dict[str, Fraction]:
    """What those have who could get some."""
    return {id: Fraction(has.get(id, 0)) for id in sorted(able)}


def _got(able: Iterable[str], decisions: Iterable[Given], weights: Weights) -> dict[str, Fraction]:
    """What decisions gave to those who could get some."""
    found = dict.fromkeys(sorted(able), Fraction(0))
    for one in decisions:
        if one.person in found:
            found[one.person] += weights[one.key]
    return found


def _teams(weighing: Weighing, load: Weights) -> Iterable[tuple[str, Weights]]:
    """What the people of each manager have."""
    people = weighing.snapshot.organisation.people
    managers = {id: str(people[id].get("manager") or "-") for id in load}
    for team in sorted(set(managers.values())):
        yield team, {id: has for id, has in load.items() if managers[id] == team}


def _each(groups: Iterable[tuple[str, Weights]]) -> tuple[tuple[str, Spread], ...]:
    return tuple((name, found) for name, has in groups if (found := spread(has)) is not None)
