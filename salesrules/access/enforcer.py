"""The grants of a Program to Casbin, which decides every cell; asked once per kind of cell, then remembered."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from datetime import date
from threading import Lock

import casbin

from salesrules.compile import Program
from salesrules.shipped import shipped

ENFORCERS, HATS, ANSWERS = 64, 10_000, 100_000  # kept at a time
Question = tuple[frozenset[str], int, str, str, str, frozenset[str], frozenset[str]]


def as_casbin(name: str) -> str:
    """A role or slice as Casbin knows it: a colon separates the two in a pair, so none is left inside a name."""
    return name.replace("%", "%25").replace(":", "%3A")


class Enforcer:
    """Casbin over the grants of one Program, one enforcer an object and a time between two dates of its grants.

    Dates are ours, not Casbin's: between the days on which some line starts or ends, every day has the same lines.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        dates = {date for grant in program.grants for date in (grant.start, grant.end) if date is not None}
        self._dates = sorted(dates)
        self._enforcers: OrderedDict[tuple[int, str], casbin.Enforcer] = OrderedDict()
        self._hats: dict[tuple[int, str], dict[frozenset[str], str]] = {}
        self._answers: dict[Question, bool] = {}
        self._lock = Lock()

    def allows(
        self,
        roles: frozenset[str],
        day: date,
        object: str,
        action: str,
        category: str,
        held: frozenset[str],
        maybe: frozenset[str],
    ) -> bool:
        """Whether people with these roles may do this where the slices `held` are true and `maybe` not false."""
        question = (roles, bisect_right(self._dates, day), object, action, category, held, maybe)
        with self._lock:  # Casbin is asked by one thread at a time
            if question not in self._answers:
                if len(self._answers) >= ANSWERS:
                    self._answers.clear()
                self._answers[question] = self._ask(question, day)
            return self._answers[question]

    def _ask(self, question: Question, day: date) -> bool:
        roles, time, object, action, category, held, maybe = question
        at = (time, object)
        if at not in self._enforcers or len(self._hats[at]) >= HATS:  # Casbin never forgets whom it was told of
            if len(self._enforcers) >= ENFORCERS:
                del self._hats[self._enforcers.popitem(last=False)[0]]
            self._enforcers[at], self._hats[at] = self._enforcer(day, object), {}
        self._enforcers.move_to_end(at)
        enforcer, hats = self._enforcers[at], self._hats[at]
        if roles not in hats:
            # numbered, because names can be put together in two ways; no role as Casbin knows it has a colon
            hats[roles] = f"hats:{len(hats)}"
            enforcer.add_grouping_policies([[hats[roles], as_casbin(role)] for role in sorted(roles)])
        return bool(enforcer.enforce(hats[roles], object, tuple(sorted(held)), tuple(sorted(maybe)), category, action))

    def _enforcer(self, day: date, object: str) -> casbin.Enforcer:
        enforcer = casbin.Enforcer(str(shipped("policies") / "model.conf"))
        lines = {
            (
                as_casbin(grant.role),
                grant.object,
                as_casbin(grant.slice),
                grant.category,
                grant.action,
                grant.effect,
            )
            for grant in self._program.grants
            if grant.object == object and grant.on(day)
        }
        if lines:
            enforcer.add_policies([list(line) for line in sorted(lines)])
        return enforcer
