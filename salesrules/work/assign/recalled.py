"""A stored decision to its reasons again, and to why one person did not get the record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from salesrules.store import Decision, Store, Wanted
from salesrules.work.assign.checks import OPEN, PER_DAY
from salesrules.work.assign.choice import Choice, read_choice
from salesrules.work.assign.run import Run

CHOSEN, NOT_CONSIDERED, OUTRUN, UNTOLD = "chosen", "not_considered", "outrun", "untold"
"""What can be said of a person whom no check stopped: got it, was not considered at all, or somebody came before."""


@dataclass(frozen=True, slots=True)
class Person:
    """What became of one person: the check that stopped the person or one of the words above.

    `value` and `limit` belong to checks of limits; `values` are what the rules read of the person and of the record.
    """

    id: str
    check: str
    value: int | None = None
    limit: int | None = None
    values: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Stood:
    """Where a person stood when a record was given out.

    `held` counts what was in hand, of which `got` had come earlier in the same run; `ahead` is by how many records more
    than the share had been got before the run, None for a rule that takes no turns. `last` is when the person had last
    got something of the assignment, in UTC; None for never.
    """

    id: str
    held: int
    got: int
    ahead: float | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Recalled:
    """A decision about a record with its reasons; `person` is there if it was asked about one.

    `stood` are who got it and that person, where neither was stopped by a check.
    """

    decision: Decision
    choice: Choice
    person: Person | None = None
    stood: tuple[Stood, ...] = ()


def recalled(
    decision: Decision,
    choice: Choice,
    shared: Mapping[str, Any],
    about: str | None = None,
    got: Callable[[str], int] = lambda _: 0,
) -> Recalled:
    """A decision with its reasons, and what became of a person who is asked about.

    Args: shared: what the records of its run share. got: how many records of the run a person got before this one.
    """
    person = _person(decision, choice, shared, about, got) if about is not None else None
    return Recalled(decision, choice, person)


def without(found: Recalled, hidden: Iterable[str]) -> Recalled:
    """The same, as it is told to somebody who does not read these fields of the record: nothing that speaks of them."""
    hidden = tuple(hidden)

    def speaks(check: str) -> bool:
        return any(re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", check) for name in hidden)

    chosen, person = found.choice, found.person
    stopped = tuple((check, count) for check, count in chosen.stopped if not speaks(check))
    chosen = replace(chosen, stopped=stopped, parts={} if hidden else chosen.parts)
    if person is not None and speaks(person.check):
        person = Person(person.id, UNTOLD)
    return replace(found, choice=chosen, person=person)


def fates(run: Iterable[Decision], shared: Mapping[str, Any], about: str) -> Iterator[tuple[Decision, Person]]:
    """What became of one person in each decision of a run."""
    got = 0
    for one in run:
        if one.key:
            found = read_choice(one, shared)
            before = got
            yield one, _person(one, found, shared, about, lambda _: before)  # noqa: B023 (it is called at once)
            got += about in (one.person, *found.shares)


def got_before(store: Store, decision: Decision, shared: Mapping[str, Any], person: str) -> int:
    """How many records of its run a person got before a decision, alone or in a team."""
    if "said" not in shared:
        run = (one for one in store.decisions(run=decision.run) if one.key and one.seq < decision.seq)
        return sum(person in (one.person, *one.detail.get("shares", {})) for one in run)
    teams = {number for number, said in enumerate(shared["said"]) if person in said.get("shares", {})}
    counts = store.decision_counts(("person", "said"), Wanted(run=decision.run, before=decision.seq, given=True))
    return sum(count for (id, said), count in counts.items() if id == person or said in teams)


def got_until(run: Run, at: int, person: str) -> int:
    """The same of a run that was not kept, before one of its arrivals."""
    place = run.panel.lineup.place(person)
    return sum(place in (run.teams.get(each) or (run.chosen[each],)) for each in range(at))


def _person(
    decision: Decision, choice: Choice, shared: Mapping[str, Any], about: str, got_of: Callable[[str], int]
) -> Person:
    people: list[str] = shared["people"]
    if about in (decision.person, *choice.shares):
        return Person(about, CHOSEN)
    if about not in people or not choice.rule:
        return Person(about, NOT_CONSIDERED)
    at, kind = people.index(about), shared["kinds"][choice.kind]
    own = shared["own"][at]
    values = (*zip(shared["columns"], kind["record"], strict=True), *own["values"].items(), *_posts(own["posts"]))
    for check, stopped in kind["stopped"]:
        if int(stopped, 16) >> at & 1:
            return Person(about, check, values=tuple((name, value) for name, value in values if _named(name, check)))
    got = got_of(about)
    open_, per_day = kind["rooms"].get(str(at), (None, None))
    if open_ is not None and shared["load"][at] + got >= open_:
        return Person(about, OPEN, shared["load"][at] + got, open_)
    if per_day is not None and shared["today"][at] + got >= per_day:
        return Person(about, PER_DAY, shared["today"][at] + got, per_day)
    return Person(about, OUTRUN)


def _posts(held: Sequence[tuple[str, Mapping[str, str]]]) -> Iterator[tuple[str, str]]:
    """What each post of a person is bound to."""
    for role, scope in held:
        yield from ((f"post.{name}", value) for name, value in {"role": role, **scope}.items())


def _named(name: str, term: str) -> bool:
    """Whether a term speaks of a value."""
    return re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", term) is not None
