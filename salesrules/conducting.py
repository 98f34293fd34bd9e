"""The door to conduct: who is charged with which violations, and the managers who settle them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from salesrules.issue import AccessDenied, Issue, QuestionError, Span
from salesrules.store import Event
from salesrules.work.conduct.violations import Charges, Violation, answer, charges, settlement
from salesrules.work.daily import team_of
from salesrules.work.lent_deeds import must_be_oneself
from salesrules.working import Working
from salesrules.workspace import Principal

__all__ = ["Charges", "Conducting", "Violation"]


@dataclass(frozen=True, slots=True)
class Conducting:
    """Violations of the rules of conduct, as `Working.run_clocks` has noted them."""

    working: Working

    @classmethod
    def open(cls, root: Path, name: str | None = None) -> Conducting:
        """Open a workspace and its store.

        Raises: as `Working.open`.
        """
        return cls(Working.open(root, name))

    def violations(self, principal: Principal, team: bool = False, settled: bool = False) -> Charges:
        """What the person is charged with; with `team` as well all who report to the person, as far as may be told.

        Args: settled: whether to tell of those that are settled too.
        """
        must_be_oneself(principal)
        self.working.states.refresh()
        people = team_of(self.working.workspace.snapshot, principal.id) if team else [principal.id]
        return self._of(principal, people, settled)

    def settle(self, principal: Principal, id: int, note: str) -> Event:
        """Close a violation with a note; for those to whom the one who is charged reports, directly or not.

        Raises: QuestionError without a note; AccessDenied, in the same words, for one that is not there or not open,
            and for one that the person may not be told of or is not to settle.
        """
        must_be_oneself(principal)
        if not note.strip():
            raise QuestionError([Issue("conduct.no_note", Span("--note"))])
        working = self.working
        with working.alone():
            below = set(team_of(working.workspace.snapshot, principal.id)) - {principal.id}
            found = next((one for one in self._of(principal, sorted(below)).told if one.id == id), None)
            if found is None:
                raise AccessDenied([Issue("conduct.unknown", Span(str(id)), {"id": str(id)})])
            event = settlement(found, principal.id, note.strip(), working.now(), working.release)
            working.write([event])
        return event

    def settles(self, principal: Principal, found: Violation) -> bool:
        """Whether a violation that the person is told of is theirs to settle: it is open, and not their own."""
        must_be_oneself(principal)
        return found.settled_at is None and found.person != principal.id

    def answer(self, principal: Principal, id: int, because: str) -> Event:
        """Say why it came to a violation; for the one who is charged, and for those to whom that one reports.

        Raises: QuestionError without a reason; AccessDenied, in the same words, for one that is not there or not open,
            and for one that the person may not be told of.
        """
        must_be_oneself(principal)
        if not because.strip():
            raise QuestionError([Issue("conduct.no_reason", Span("--because"))])
        working = self.working
        with working.alone():
            team = team_of(working.workspace.snapshot, principal.id)
            found = next((one for one in self._of(principal, team).told if one.id == id), None)
            if found is None:
                raise AccessDenied([Issue("conduct.not_yours", Span(str(id)), {"id": str(id)})])
            event = answer(found, principal.id, because.strip(), working.now(), working.release)
            working.write([event])
        return event

    def _of(self, principal: Principal, people: list[str], settled: bool = False) -> Charges:
        return charges(self.working.states, self.working.workspace.snapshot, principal, people, settled)
