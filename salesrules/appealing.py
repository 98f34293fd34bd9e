"""The door to appeals: somebody contests who got a record, others see it recomputed, and somebody else decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from salesrules.issue import AccessDenied, Issue, QuestionError, Span, must_be_known
from salesrules.retracing import Retracing
from salesrules.run.decided import Asked, categories_of, decide, may_audit
from salesrules.store import Event
from salesrules.work.assign.appeals import OUTCOMES, Appeal, appealed, closed, involved, open_appeals
from salesrules.work.assign.logged import shared_of
from salesrules.work.assign.recalled import CHOSEN, Recalled, fates
from salesrules.work.lent_deeds import must_be_oneself
from salesrules.working import Working
from salesrules.workspace import Principal

__all__ = ["OUTCOMES", "Appeal", "Appealing", "Review"]
_DECISION = "decision"  # what the right to look at appeals, and to close them, is granted on


@dataclass(frozen=True, slots=True)
class Review:
    """An appeal with the decision that it is about, what became there of who appealed, and what recomputing gives.

    `now` is who would get the record today, None for nobody; `stands` says whether that is as it was, None where the
    assignment runs no more. `alike` are the records of the same run that the same rule kept from the same person by
    the same check, as far as the asker may know of them.
    """

    appeal: Appeal
    found: Recalled
    now: str | None
    stands: bool | None
    alike: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Appealing:
    """Appeals against what was decided in an open workspace with its log."""

    working: Working

    @classmethod
    def open(cls, root: Path, name: str | None = None) -> Appealing:
        """Open a workspace and its store.

        Raises: as `Working.open`.
        """
        return cls(Working.open(root, name))

    @property
    def retracing(self) -> Retracing:
        """What recalls a decision, and takes its run again."""
        return Retracing(self.working)

    def appeal(self, principal: Principal, entity: str, key: str, because: str) -> Appeal:
        """Contest the last decision about a record; for those who may ask why it is as it is.

        Raises: as `Retracing.why`; QuestionError if nothing was decided, no reason is given, or the person's appeal is
            open already.
        """
        must_be_oneself(principal)
        working = self.working
        entity = self.working.workspace.named("entity", entity)
        if not because.strip():
            raise QuestionError([Issue("appeal.no_reason", Span("--because"))])
        with working.store.alone():
            working.states.refresh()
            found = self.retracing.why(principal, entity, key, principal.id)
            if found is None:
                raise QuestionError([Issue("appeal.undecided", Span(entity), {"key": key})])
            mine = (principal.id, entity, key)
            if any((one.person, one.entity, one.key) == mine for one in open_appeals(working.states)):
                raise QuestionError([Issue("appeal.open_already", Span(entity), {"key": key})])
            event = appealed(found.decision, principal.id, because.strip(), working.now(), working.release)
            working.store.append([event])
        working.states.refresh()
        return next(one for one in open_appeals(working.states) if (one.person, one.entity, one.key) == mine)

    def contests(self, principal: Principal, entity: str, key: str) -> bool:
        """Whether an appeal of the person about a record is open."""
        must_be_oneself(principal)
        self.working.states.refresh()
        mine = (principal.id, entity, key)
        return any((one.person, one.entity, one.key) == mine for one in open_appeals(self.working.states))

    def decides(self, principal: Principal) -> bool:
        """Whether some grant lets the person decide about appeals."""
        return self.working.workspace.snapshot.opens(principal, _DECISION, "approve")

    def reviews(self, principal: Principal) -> tuple[Review, ...]:
        """The open appeals about records that the person audits, each recomputed.

        Raises: AccessDenied if no grant lets the person audit decisions.
        """
        must_be_oneself(principal)
        return tuple(self._reviews(principal, "audit"))

    def close(self, principal: Principal, id: int, outcome: str, because: str) -> Event:
        """Decide about an appeal; that takes the right to approve decisions, and to have had no part in this one.

        Raises: AccessDenied without the right, or for somebody who is involved; QuestionError for an appeal that is not
            open or that the person does not audit, for an unknown outcome, and without a reason.
        """
        must_be_oneself(principal)
        must_be_known("outcome", outcome, OUTCOMES)
        if not because.strip():
            raise QuestionError([Issue("appeal.no_reason", Span("--because"))])
        working = self.working
        with working.store.alone():
            review = next((one for one in self._reviews(principal, "approve") if one.appeal.id == id), None)
            if review is None:
                raise QuestionError([Issue("appeal.unknown", Span("--close"), {"id": str(id)})])
            appeal, decision = review.appeal, review.found.decision
            if principal.id in involved(appeal, decision, working.store.events(entity=appeal.entity, key=appeal.key)):
                raise AccessDenied([Issue("appeal.involved", Span("--close"), {"id": str(id)})])
            event = closed(appeal, principal.id, outcome, because.strip(), working.now(), working.release)
            working.store.append([event])
        return event

    def _reviews(self, principal: Principal, action: str) -> Iterator[Review]:
        working = self.working
        if not working.workspace.snapshot.opens(principal, _DECISION, action):
            raise AccessDenied([Issue(f"appeal.no_{action}", Span(_DECISION))])
        working.states.refresh()
        again: dict[str, dict[str, str | None] | None] = {}
        for appeal in open_appeals(working.states):
            if not self._audits(principal, appeal.entity, appeal.key):
                continue
            if appeal.run not in again:
                again[appeal.run] = self._again(appeal.run)
            yield self._review(principal, appeal, again[appeal.run])

    def _review(self, principal: Principal, appeal: Appeal, again: dict[str, str | None] | None) -> Review:
        store = self.working.store
        header, run = store.header(run=appeal.run), tuple(store.decisions(run=appeal.run))
        assert header is not None
        shared = shared_of(header)
        decision = next(one for one in run if (one.entity, one.key) == (appeal.entity, appeal.key))
        found = self.retracing.recalled(decision, appeal.person)
        assert found.person is not None
        check = found.person.check
        others = (
            one.key
            for one, fate in fates(run, shared, appeal.person)
            if one is not decision and (one.rule, fate.check) == (decision.rule, check) and check != CHOSEN
        )
        alike = tuple(key for key in others if self._audits(principal, appeal.entity, key))
        now = again.get(appeal.key) if again is not None else None
        return Review(appeal, found, now, now == decision.person if again is not None else None, alike)

    def _again(self, run: str) -> dict[str, str | None] | None:
        """Who would get each record of a run now; None where its assignment is gone or runs no more."""
        try:
            return {one.key: one.now.person for one in self.retracing.replay(run).arrivals}
        except QuestionError:
            return None

    def _audits(self, principal: Principal, entity: str, key: str) -> bool:
        """Whether the person audits all of a record."""
        workspace = self.working.workspace
        if not may_audit(workspace.snapshot, principal, entity):
            return False
        categories = categories_of(workspace.snapshot, entity, "audit", None)
        asked = Asked(principal, principal, "audit", entity, key, categories)
        try:
            return all(found.allowed for found in decide(self.working.states.engine, workspace.snapshot, asked))
        except AccessDenied:  # it is gone, or not for this person to know of
            return False
