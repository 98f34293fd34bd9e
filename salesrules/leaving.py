"""The door to what becomes of the work of somebody who goes: who gets it, who signs instead, and who has to agree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date

from salesrules.assigning import Assigner
from salesrules.deputing import Deputing, StandIn
from salesrules.issue import AccessDenied, Issue, QuestionError, Span, nearest
from salesrules.store import Event
from salesrules.work.assign.agreeing import Waiting, agreed, waiting
from salesrules.work.assign.handover import HandedOver, applies, hand_over, shared_until
from salesrules.work.assign.lending import Lending, Lent, lendings
from salesrules.work.assign.logged import handed_events
from salesrules.work.assign.unsigned import Unsigned, unsigned
from salesrules.work.kinds import SYSTEM
from salesrules.work.lent_deeds import must_be_oneself
from salesrules.work.present import at_work
from salesrules.work.standing_in import stand_ins
from salesrules.work.sync import observed
from salesrules.working import Working
from salesrules.workspace import Principal, Workspace

__all__ = ["HandedOver", "Leaving", "Lent", "Unsigned", "Waiting"]


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
            for one in found.lent:
                if one.stands_in is not None and not one.known:
                    self._lend(one.lending, person, one.stands_in.begins, dry=False)
        return found

    def to_agree(self, principal: Principal) -> tuple[Waiting, ...]:
        """Every record that is handed over once the person agrees."""
        must_be_oneself(principal)
        self.working.states.refresh()
        return tuple(one for one in waiting(self.working.states) if principal.id in one.open)

    def agree(self, principal: Principal, entity: str, key: str) -> tuple[Event, ...]:
        """Agree that a record is handed over; who is the last to agree lets it go.

        Raises: AccessDenied, in the same words, for a record that does not wait and for one that waits for others;
            QuestionError if who is to get it is no longer at work.
        """
        must_be_oneself(principal)
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
        lent = tuple(
            self._lent(one, person, today)
            for one in lendings(engine, snapshot, chosen[0], person, today, self.working.times)
        )
        instead = {entity for one in lent if one.stands_in is not None for entity in one.lending.entities}
        waits = tuple(one for one in unsigned(*about) if one.signature.entity not in instead)
        until = shared_until(chosen[0], self.working.times, self.working.now())
        return replace(found, lent=lent, approvals=waits, until=until)

    def _lent(self, lending: Lending, person: str, day: date) -> Lent:
        """What would come of lending: the person lends what that one could lend alone, and nothing said is narrowed."""
        snapshot = self._workspace.snapshot
        if lending.to is None:
            return Lent(lending, problem=Issue("handover.lends_to_nobody", Span(person)))
        if at_work(snapshot, person, day) is None:
            words = {"person": person, "day": day.isoformat()}
            return Lent(lending, problem=Issue("access.nobody_there", Span(person), words))
        if lending.until is None:
            return Lent(lending, problem=Issue("handover.lends_without_end", Span(person), {"person": person}))
        try:
            found = self._lend(lending, person, day, dry=True)
        except (QuestionError, AccessDenied) as refused:
            return Lent(lending, problem=refused.issues[0])
        pair = person, lending.to
        said = [one for one in stand_ins(self.working.states) if (one.giver, one.taker) == pair and day < one.until]
        if any(_within(found, one) for one in said):
            return Lent(lending, said[0], known=True)
        if not all(_within(one, found) for one in said):
            words = {"taker": lending.to, "until": said[0].until.isoformat()}
            return Lent(lending, problem=Issue("handover.lent_otherwise", Span(person), words))
        return Lent(lending, found)

    def _lend(self, lending: Lending, person: str, day: date, dry: bool) -> StandIn:
        """Raises: as `Deputing.delegate`."""
        assert lending.to is not None
        assert lending.until is not None
        giver = self._workspace.person(person, day)
        days = day, lending.until
        return Deputing(self.working).delegate(giver, person, lending.to, *days, None, lending.entities, dry, SYSTEM)


def _within(one: StandIn, other: StandIn) -> bool:
    """Whether all that one delegation lends from its first day on is lent by another between the same people."""
    entities = not other.entities or (one.entities and {*one.entities} <= {*other.entities})
    actions = {*one.actions} <= {*other.actions}
    return bool(entities) and actions and other.begins <= one.begins and one.until <= other.until
