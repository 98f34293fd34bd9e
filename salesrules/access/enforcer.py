"""The grants of a Program to Casbin, which decides every cell; asked once per kind of cell, then remembered."""

from __future__ import annotations

from datetime import date
from threading import Lock

import casbin

from salesrules.compile import Program
from salesrules.shipped import shipped

Question = tuple[frozenset[str], date, str, str, str, frozenset[str], frozenset[str]]


def as_casbin(name: str) -> str:
    """A role or slice as Casbin knows it: a colon separates the two in a pair, so none is left inside a name."""
    return name.replace("%", "%25").replace(":", "%3A")


class Enforcer:
    """Casbin over the grants of one Program; one enforcer a day and object, because dates are ours, not Casbin's."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._enforcers: dict[tuple[date, str], casbin.Enforcer] = {}
        self._hats: dict[tuple[date, str, frozenset[str]], str] = {}
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
        question = (roles, day, object, action, category, held, maybe)
        with self._lock:
            if question not in self._answers:
                self._answers[question] = self._ask(question)
            return self._answers[question]

    def _ask(self, question: Question) -> bool:
        roles, day, object, action, category, held, maybe = question
        if (day, object) not in self._enforcers:
            self._enforcers[day, object] = self._enforcer(day, object)
        enforcer = self._enforcers[day, object]
        if (day, object, roles) not in self._hats:
            # numbered, because names can be put together in two ways; no role as Casbin knows it has a colon
            self._hats[day, object, roles] = f"hats:{len(self._hats)}"
            enforcer.add_grouping_policies([[self._hats[day, object, roles], as_casbin(r)] for r in sorted(roles)])
        who = self._hats[day, object, roles]
        return bool(enforcer.enforce(who, object, tuple(sorted(held)), tuple(sorted(maybe)), category, action))

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
            for grant in self._program.pack.grants
            if grant.object == object and grant.on(day)
        }
        if lines:
            enforcer.add_policies([list(line) for line in sorted(lines)])
        return enforcer
