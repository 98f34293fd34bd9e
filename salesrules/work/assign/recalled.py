"""A stored decision to its reasons again, and to why one person did not get the record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesrules.store import Decision
from salesrules.work.assign.checks import OPEN, PER_DAY
from salesrules.work.assign.choice import Choice, read_choice
from salesrules.work.assign.logged import is_shared

CHOSEN, NOT_CONSIDERED, OUTRUN = "chosen", "not_considered", "outrun"
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
class Recalled:
    """A decision about a record with its reasons; `person` is there if it was asked about one."""

    decision: Decision
    choice: Choice
    person: Person | None = None


def recalled(
    decision: Decision, run: Sequence[Decision], shared: Mapping[str, Any], about: str | None = None
) -> Recalled:
    """The reasons of a decision out of its run.

    Args: run: all decisions of the run, in order. shared: what they share.
    """
    choice = read_choice(decision.detail)
    if about is None:
        return Recalled(decision, choice)
    got = sum(_gives(one, about) for one in run[: run.index(decision)])
    return Recalled(decision, choice, _person(decision, choice, shared, about, got))


def fates(run: Sequence[Decision], shared: Mapping[str, Any], about: str) -> Iterator[tuple[Decision, Person]]:
    """What became of one person in each decision of a run."""
    got = 0
    for one in run:
        if not is_shared(one):
            yield one, _person(one, read_choice(one.detail), shared, about, got)
            got += _gives(one, about)


def _gives(one: Decision, person: str) -> bool:
    """Whether a decision gives a record to a person, or a part of it."""
    return not is_shared(one) and person in (one.person, *one.detail.get("shares", {}))


def _person(decision: Decision, choice: Choice, shared: Mapping[str, Any], about: str, got: int) -> Person:
    """Args: got: how many records the run gave to the person before."""
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
