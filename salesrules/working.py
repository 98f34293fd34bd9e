"""The door to what is done: a workspace, its log, and every fact that a person or a clock may add to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from salesrules.engines.duckdb import DuckDB
from salesrules.issue import Issue, QuestionError, Span, nearest
from salesrules.meaning import PERSON as PEOPLE
from salesrules.store import Event, Store, Verdict, open_store
from salesrules.work.agenda import Agenda, agenda
from salesrules.work.approving import approved
from salesrules.work.asker import Asker
from salesrules.work.clock.clocks import Clock, clocks_of
from salesrules.work.clock.due import Due, due
from salesrules.work.clock.running import Look
from salesrules.work.clock.strike import struck
from salesrules.work.clock.times import Times
from salesrules.work.conduct.charged import charged
from salesrules.work.conduct.days import closed
from salesrules.work.conduct.deviations import deviating
from salesrules.work.conflict.cases import contested
from salesrules.work.conflict.found import conflicts_of, running
from salesrules.work.daily import Day, days_of, team_of
from salesrules.work.history import Told, history
from salesrules.work.kinds import FOR
from salesrules.work.lent_deeds import done_for, must_be_oneself, still
from salesrules.work.moves import advance
from salesrules.work.notices.channels import Channel, channels, revealed
from salesrules.work.notices.outbox import QUEUED, SENDING, Message, messages, queued, step
from salesrules.work.notices.sending import send
from salesrules.work.notices.spoken import due_text, task_text
from salesrules.work.outlook import Outlook, outlook
from salesrules.work.passage import Passage
from salesrules.work.processes import stage_named
from salesrules.work.reconcile import Proposal, proposals
from salesrules.work.record import followed_up, task_done
from salesrules.work.signing import Signature
from salesrules.work.stage_figures import StageFigures, StageReport
from salesrules.work.stages_told import stages_told, told_processes
from salesrules.work.state import States
from salesrules.work.sync import observed
from salesrules.work.template import TEMPLATES, Moves, is_person, kept_back, moves
from salesrules.work.watched import watched
from salesrules.workspace import Principal, Workspace

# what comes through the door
__all__ = [
    "FOR",
    "Agenda",
    "Clock",
    "Day",
    "Due",
    "Event",
    "Message",
    "Outlook",
    "Passage",
    "Principal",
    "Proposal",
    "Signature",
    "StageFigures",
    "StageReport",
    "Told",
    "Working",
    "due_text",
    "task_text",
    "told_processes",
]


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Working:
    """An open workspace with its log; whoever does something is asked for, and what time it is can be told.

    `now` is the moment in UTC, without a zone, as all moments of the log are that the engine computes with.
    """

    workspace: Workspace
    store: Store
    states: States
    channels: tuple[Channel, ...] = ()
    now: Callable[[], datetime] = field(default_factory=lambda: _now)

    @classmethod
    def open(cls, root: Path, name: str | None = None) -> Working:
        """Open a workspace and its store.

        Raises: PackError as `Workspace.open`, and as `over`.
        """
        return cls.over(Workspace.open(root, name))

    @classmethod
    def over(cls, workspace: Workspace) -> Working:
        """Open the store of a workspace that was read from a folder.

        Raises: QuestionError if records are read in place, whose state is not kept there; EngineError if the store
            cannot be used.
        """
        assert workspace.source is not None  # what a test makes up has no folder
        _, settings = workspace.source
        if not isinstance(workspace.engine, DuckDB):
            raise QuestionError([Issue("work.in_place", settings.place("sources"))])
        store = open_store(settings.log_place)
        states = States(workspace.engine, store, watched(workspace.pack, settings), workspace.pack.about.timezone)
        states.refresh()
        return cls(workspace, store, states, channels(settings.notify))

    def advance(
        self,
        principal: Principal,
        entity: str,
        keys: Sequence[str],
        to: str,
        process: str | None = None,
        dry: bool = False,
    ) -> tuple[Passage, ...]:
        """Move records to a stage: each that may go goes, and each that may not says all that is in the way.

        Args: to: the stage, by its id, an alias or a step of a variant; process: where the entity has several; dry:
            whether to say only what would be.
        Raises: QuestionError for an unknown stage; AccessDenied for a record that is not there or may not be known.
        """
        found, stage = stage_named(self.states.engine, self.workspace.pack, entity, to, process)
        with self.alone(dry, entity, keys):
            asked = self._still(principal)
            passages, events = advance(asked, found, keys, stage, self.release)
            told = done_for(asked, events)
            self.write([] if dry else told)
        return passages if dry else tuple(replace(each, done=not each.unmet) for each in passages)

    def follow_up(self, principal: Principal, entity: str, key: str, note: str = "") -> tuple[Event, ...]:
        """Note that somebody was in touch about a record; who may, says `work.record`, as of the two below."""
        return self._noted(followed_up, principal, entity, key, note)

    def task_done(self, principal: Principal, entity: str, key: str, task: str) -> tuple[Event, ...]:
        """Note that a task of the stage that a record is in is done."""
        return self._noted(task_done, principal, entity, key, task)

    def approve(self, principal: Principal, entity: str, key: str) -> tuple[Event, ...]:
        """Give every signature that a record needs in its stage and that the person can give."""
        return self._noted(approved, principal, entity, key)

    def _noted(
        self, told: Callable[..., list[Event]], principal: Principal, entity: str, key: str, *what: str
    ) -> tuple[Event, ...]:
        """Write what a person tells of a record."""
        with self.alone(entity=entity, keys=[key]):
            asked = self._still(principal)
            events = done_for(asked, told(asked, entity, key, *what, self.release))
            self.write(events)
        return tuple(events)

    def history(self, principal: Principal, entity: str, key: str) -> tuple[Told, ...]:
        """What happened to a record, as far as the person reads the fields that it is about.

        Raises: AccessDenied for a record that is not there or may not be known.
        """
        return tuple(history(self.asker(principal), self.store, entity, key))

    def due(self, principal: Principal, at: datetime | None = None, mine: bool = False) -> tuple[Due, ...]:
        """What is due at a moment in UTC, now if it is not said, about records that the person may know.

        Args: mine: only what is for the person.
        """
        must_be_oneself(principal)
        self.states.refresh()
        return tuple(self._due(principal, at or self.now(), mine))

    def day(self, principal: Principal, day: date, team: bool = False) -> tuple[Day, ...]:
        """What was planned for a day and what was done, of the person or of the team, as the person may know it.

        Args: team: of all who report to the person as well; who left most undone comes first.
        """
        must_be_oneself(principal)
        self.states.refresh()
        snapshot = self.workspace.snapshot
        people = team_of(snapshot, principal.id) if team else [principal.id]
        look = Look(self.states, snapshot, self.times, self.now(), principal, mine=not team)
        return tuple(days_of(look, self.clocks, day, people))

    def agenda(self, principal: Principal) -> Agenda:
        """What waits for a person: what is due, tasks that will be, and what asks for the person's signature."""
        must_be_oneself(principal)
        self.states.refresh()
        return agenda(self.asker(principal), self.clocks, self.times)

    def outlook(self, principal: Principal, entity: str, key: str) -> tuple[Outlook, ...]:
        """Where a record stands in each of its processes, and where it may go, with all that is in the way.

        Raises: QuestionError for an entity that is not followed; AccessDenied for a record that is not there or may
            not be known.
        """
        self.states.refresh()
        return tuple(outlook(self.asker(principal), entity, key, self.times))

    def stages(
        self,
        principal: Principal,
        name: str,
        start: date | None = None,
        end: date | None = None,
        leaves: bool = False,
    ) -> StageReport:
        """How records went through the stages of a process, over those of which the person reads key and stage.

        Args: name: of the process, or of an entity with one; start: the first day; end: the day after the last one, by
            default, and at the latest, the day after the one that is asked about; leaves: whether it is to leave in a
            file.
        Raises: QuestionError if there is no such process, or no day; AccessDenied if no grant opens these cells, or
            lets them leave.
        """
        self.states.refresh()
        return stages_told(self.asker(principal), self.times, name, start, end, leaves)

    def run_clocks(self) -> tuple[Due, ...]:
        """Do all that is due now: note it, and what the tables show before; what was done is not done again.

        Conflicts between owners that are new are noted too, working days that are over with what was planned for them
        and done, and which rules of conduct are broken or kept again.
        """
        with self.alone():
            self.write(observed(self.states, self.now(), self.release))
            self.write(self._contested())
            snapshot, times = self.workspace.snapshot, self.times
            days = [*closed(Look(self.states, snapshot, times, self.now(), None), self.clocks, self.release)]
            self.write(days)
            struck_now = struck(self._due(None, self.now()), self.now(), self.release)
            about = self.states, snapshot, times, self.now(), self.release
            done = [*struck_now, *charged(*about), *(deviating(*about) if days else ())]
            told = [each for each, _ in done if each is not None]
            messages = queued(self.workspace.pack, self.channels, told, times, self.now(), self.release)
            self.write([*(event for _, event in done), *messages])
        return tuple(told)

    def send(self) -> tuple[Message, ...]:
        """Send every message that waits, each once, and say what became of them.

        That it is on its way is noted before it leaves: whoever dies meanwhile leaves it in doubt, not to be repeated.
        """
        by_name = {channel.name: channel for channel in self.channels}
        tried = [each for each in self.messages() if each.fate == "waits" and each.channel in by_name]
        for each in tried:
            revealed(by_name[each.channel], by_name[each.channel].url)  # before it counts as on its way
            with self.alone():
                waits = next(found for found in messages(self.states) if found.id == each.id).fate == "waits"
                self.write([step(each, SENDING, self.now(), self.release)] if waits else [])
            if waits:
                kind, problem = send(by_name[each.channel], each)
                with self.alone():
                    self.write([step(each, kind, self.now(), self.release, problem=problem)])
        ids = {each.id for each in tried}
        return tuple(each for each in self.messages() if each.id in ids)

    def send_again(self, id: str) -> None:
        """Let a message wait again that is in doubt or was given up.

        Raises: QuestionError if there is no such message.
        """
        with self.alone():
            found = next((each for each in messages(self.states) if each.id == id), None)
            if found is None or found.fate not in ("doubtful", "given_up"):
                raise QuestionError([Issue("outbox.unknown", Span("--again"), {"id": id})])
            self.write([step(found, QUEUED, self.now(), self.release)])

    def messages(self) -> tuple[Message, ...]:
        """Every message, with what became of it."""
        self.states.refresh()
        return tuple(messages(self.states))

    def reconcile(self, principal: Principal, since: datetime | None = None) -> tuple[Proposal, ...]:
        """What became of what was proposed where the table is right, as far as the person reads the fields."""
        must_be_oneself(principal)
        self.states.refresh()
        return tuple(proposals(self.asker(principal), since))

    def moves(self, principal: Principal, entity: str, template: str, people: str | None = None) -> Moves:
        """The file by which a CRM takes over what is proposed and open, of fields that the person may export.

        Args: people: the field of people by which the CRM knows them, such as an address of mail; their ids if None.
        Raises: QuestionError for an entity that is not followed, or a field that people do not have; AccessDenied if
            nothing of people may be exported.
        """
        must_be_oneself(principal)
        if entity not in self.states.watched:
            near = nearest(entity, self.states.watched)
            raise QuestionError([Issue("work.not_followed", Span(entity), {"entity": entity}, near=near)])
        self.states.refresh()
        found = proposals(self.asker(principal), action="export")
        called = None
        if people is not None:
            field = self.workspace.named("field", people, PEOPLE)
            owners = {str(one.value) for one in found if one.value is not None and is_person(self.workspace.pack, one)}
            called = self.workspace.called(principal, owners, field, "export")
        closed = kept_back(entity, proposals(self.asker(principal)), found)
        return replace(moves(self.workspace.pack, entity, found, TEMPLATES[template], called), closed=closed)

    def _contested(self) -> Iterator[Event]:
        """Every side of an ownership conflict that is new."""
        about = self.states, self.workspace.snapshot, self.times, self.now()
        for conflict in running(self.workspace.snapshot):
            found = conflicts_of(*about, conflict)
            yield from contested(self.states, conflict, found, self.now(), self.release)

    def verify(self) -> Verdict:
        """Whether the log is as it was written."""
        return self.store.verify()

    def unseen(self) -> int:
        """How many records are otherwise than the log has last seen them, so that no clock knows of it."""
        return sum(1 for _ in observed(self.states, self.now(), self.release))

    @property
    def release(self) -> str:
        """The hash of the pack in force."""
        return self.workspace.release

    def today(self) -> date:
        """The day it is by this clock, in the time zone of the pack."""
        zone = ZoneInfo(self.workspace.pack.about.timezone)
        return self.now().replace(tzinfo=UTC).astimezone(zone).date()

    @property
    def times(self) -> Times:
        """The days, hours and calendar of the pack."""
        lookups = self.workspace.snapshot.organisation.lookups
        return Times(self.workspace.pack.about.timezone, lambda: lookups.worked)

    @property
    def zone(self) -> ZoneInfo:
        """Where the pack is, for moments that people read."""
        return ZoneInfo(self.workspace.pack.about.timezone)

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """Everything in the pack that becomes due by itself."""
        return clocks_of(self.workspace.pack, self.workspace.snapshot.program.meanings)

    def _due(self, principal: Principal | None, now: datetime, mine: bool = False) -> list[Due]:
        return due(Look(self.states, self.workspace.snapshot, self.times, now, principal, mine), self.clocks)

    def asker(self, principal: Principal) -> Asker:
        """The person with all that is known at this moment."""
        return Asker(self.states, self.workspace.snapshot, principal, self.now())

    def _still(self, principal: Principal) -> Asker:
        """The same, with what is lent to whoever acts for the person at this moment: to be asked inside `alone`."""
        return still(self.asker(principal), self.today())

    def sync(self) -> tuple[Event, ...]:
        """Note what the tables show that is otherwise than last seen."""
        with self.alone():
            events = tuple(observed(self.states, self.now(), self.release))
            self.write(events)
            return events

    @contextmanager
    def alone(self, dry: bool = False, entity: str | None = None, keys: Sequence[str] | None = None) -> Iterator[None]:
        """A stretch in which nobody else writes, on the newest state; of some records what is seen is noted first."""
        if dry:
            self.states.refresh()
            yield
            return
        at = self.store.last()
        try:
            with self.store.alone():
                at = self.states.refresh()
                if keys is not None:
                    self.write(observed(self.states, self.now(), self.release, entity, keys))
                yield
        except BaseException:
            self.states.forget(at)
            raise

    def write(self, events: Sequence[Event] | Iterator[Event]) -> None:
        """Add facts to the log, and to the state of records."""
        self.store.append(events)
        self.states.refresh()
