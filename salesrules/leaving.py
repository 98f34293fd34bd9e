"""The door to what becomes of the work of somebody who goes: who gets it, who signs instead, and who has to agree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date

from salesrules.assigning import Assigner
from salesrules.issue import AccessDenied, Issue, QuestionError, Span, nearest
from salesrules.store import Event
from salesrules.work.assign.agreeing import Waiting, agreed, waiting
from salesrules.work.assign.handover import HandedOver, applies, hand_over, shared_until
from salesrules.work.assign.logged import handed_events
from salesrules.work.assign.unsigned import Unsigned, unsigned
from salesrules.work.present import at_work
from salesrules.work.sync import observed
from salesrules.working import Working
from salesrules.workspace import Principal, Workspace

__all__ = ["HandedOver", "Leaving", "Unsigned", "Waiting"]


@dataclass(frozen=True, slots=True)
class Leaving:
    """An open workspace with its log."""

    working: Working

    @property
    def assigner(self) -> Assigner:
        """What gives out the records for which a handover asks an assignment."""
        return Assigner(self.working)

    @property
    def _workspace(self) -> Workspace:
        return self.working.workspace

    def hand_over(
        self, person: str, dry: bool = False, handover: str | None = None, day: date | None = None
    ) -> HandedOver:
        """Give all that a person holds to whom the handover says; with `dry` nothing is written.

        Args: handover: which one; the first that is for the person if None.
        Raises: QuestionError if there is no such person or handover, or none is for the person.
        """
        if dry:
            return self._handed_over(person, handover, day)
        working = self.working
        with working.alone():
            found = self._handed_over(person, handover, day)
            about = [(one.entity, one.key) for one in found.records if one.goes and one.asks is None]
            about += [(one.signature.entity, one.signature.key) for one in found.approvals]
            for entity in sorted({entity for entity, _ in about}):  # what goes on counts from what is seen now
                keys = [key for its, key in about if its == entity]
                working.write(observed(working.states, working.now(), working.release, entity, keys))
            working.write(
                handed_events(found, waiting(working.states), working.now().replace(tzinfo=UTC), working.release)
            )
        return found

    def to_agree(self, principal: Principal) -> tuple[Waiting, ...]:
        """Every record that is handed over once the person agrees."""
        self.working.states.refresh()
        return tuple(one for one in waiting(self.working.states) if principal.id in one.open)

    def agree(self, principal: Principal, entity: str, key: str) -> tuple[Event, ...]:
        """Agree that a record is handed over; who is the last to agree lets it go.

        Raises: AccessDenied, in the same words, for a record that does not wait and for one that waits for others;
            QuestionError if who is to get it is no longer at work.
        """
        working = self.working
        entity = self._workspace.named("entity", entity)
        with working.alone(entity=entity, keys=[key]):
            found = [one for one in self.to_agree(principal) if (one.entity, one.key) == (entity, key)]
            if not found:
                raise AccessDenied([Issue("handover.not_asked", Span(key), {"key": key})])
            (one,) = found
            if one.to is not None and at_work(self._workspace.snapshot, one.to, principal.day) is None:
                raise QuestionError([Issue("handover.taker_gone", Span(key), {"key": key, "person": one.to})])
            events = tuple(agreed(one, principal.id, working.now(), working.release))
            working.write(events)
        return events

    def _handed_over(self, person: str, handover: str | None, day: date | None) -> HandedOver:
        workspace, engine = self._workspace, self.working.states.engine
        snapshot, pack = workspace.snapshot, workspace.pack
        today = day or self.working.today()
        people = snapshot.organisation.people
        if person not in people:
            near = nearest(person, people)
            raise QuestionError([Issue("handover.unknown_person", Span(person), {"name": person}, near=near)])
        if handover is not None and handover not in pack.handovers:
            near = nearest(handover, pack.handovers)
            raise QuestionError([Issue("handover.unknown", Span(handover), {"name": handover}, near=near)])
        chosen = (
            [pack.handovers[handover]]
            if handover is not None
            else [one for one in pack.handovers.values() if applies(engine, snapshot, one, person, today)]
        )
        if not chosen:
            names = ", ".join(pack.handovers) or "-"
            raise QuestionError([Issue("handover.none", Span(person), {"name": person, "names": names})])
        self.working.states.refresh()
        about = self.working.states, snapshot, chosen[0], person, today, self.working.now()
        found = hand_over(*about, self.assigner.went_before(today))
        waits = unsigned(*about)
        until = shared_until(chosen[0], self.working.times, self.working.now())
        return replace(found, approvals=waits, until=until)
