"""The door to how work was given out: why, to whom, how evenly, what came of it, and what rules of now would say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from salesrules.assigning import Assigner
from salesrules.issue import AccessDenied, Issue, QuestionError, Span
from salesrules.meaning.assignments import Assigning
from salesrules.pack.assignment import Fairness
from salesrules.pack.values import Duration
from salesrules.run.decided import Asked, categories_of, decide, may_audit, not_an_auditor
from salesrules.store import Decision, Wanted
from salesrules.work.assign.balance import Balance, Given, balance, window_start
from salesrules.work.assign.choice import BY_RANK, read_choice
from salesrules.work.assign.days import later
from salesrules.work.assign.fairness import Spread, breaks, spread
from salesrules.work.assign.logged import shared_of
from salesrules.work.assign.progress import FATES, Progress, ProgressReport, progress
from salesrules.work.assign.recalled import Recalled, got_before, recalled, without
from salesrules.work.assign.replay import Replay, replay
from salesrules.work.assign.run import could, in_hand
from salesrules.work.assign.side_by_side import side_by_side
from salesrules.work.lent_deeds import must_be_oneself
from salesrules.working import Working
from salesrules.workspace import Principal, Workspace

__all__ = ["FATES", "Balance", "Decision", "Hindsight", "Progress", "ProgressReport", "Recalled", "Replay", "Retracing"]

_FIRST = date(1970, 1, 1)  # before which no log has anything, and some moments are beyond what there is


@dataclass(frozen=True, slots=True)
class Hindsight:
    """What runs gave out, and what the rules of now would have: how each is spread, and whether now is beyond a limit.

    `since` is the first day of the runs, None where it is about one of them.
    """

    assigning: Assigning
    since: date | None
    replay: Replay
    then: Spread | None
    now: Spread | None
    limit: Fairness | None

    @property
    def beyond(self) -> bool:
        """Whether the rules of now would have given out more unequally than the pack allows."""
        return self.limit is not None and self.now is not None and breaks(self.limit, self.now)


@dataclass(frozen=True, slots=True)
class Retracing:
    """What looks back on what the assignments of an open workspace gave out; it writes nothing."""

    working: Working

    @classmethod
    def open(cls, root: Path, name: str | None = None) -> Retracing:
        """Open a workspace and its store.

        Raises: as `Working.open`.
        """
        return cls(Working.open(root, name))

    @property
    def workspace(self) -> Workspace:
        return self.working.workspace

    @property
    def assigner(self) -> Assigner:
        """What gave it out, which knows the assignments and how their records are weighed."""
        return Assigner(self.working)

    def why(self, principal: Principal, entity: str, key: str, about: str | None = None) -> Recalled | None:
        """The last decision about a record, as far as the asker may know it; None if there is none.

        Args: about: why this person did not get it; for anyone but oneself that takes the right to audit.
        Raises: AccessDenied for a record that does not exist or that the asker does not see, in the same words, and
            for one whose owner the asker neither reads nor audits; QuestionError if no entity is called so.
        """
        must_be_oneself(principal)
        entity = self.workspace.named("entity", entity)
        snapshot, fields = self.workspace.snapshot, self.workspace.pack.entities[entity].fields
        asked = Asked(principal, principal, "read", entity, key, categories_of(snapshot, entity, "read", None))
        read = {found.category for found in decide(self.working.states.engine, snapshot, asked) if found.allowed}
        hidden = [name for name, field in fields.items() if field.category not in read]
        audits = may_audit(snapshot, principal, entity)
        sets = {one.sets for one in self.workspace.pack.assignments.values() if one.entity == entity}
        if not audits and not sets.isdisjoint(hidden):
            raise AccessDenied([Issue("access.owner_hidden", Span(entity), {"key": key})])
        if about is not None and about != principal.id and not audits:
            raise not_an_auditor(entity)
        last = self.last(entity, key)
        if last is None:
            return None
        found = self.recalled(last, about)
        if audits:
            return found
        parts = {} if found.choice.pick == BY_RANK else found.choice.parts  # what a person achieved is not for everyone
        stood = tuple(one for one in found.stood if one.id == principal.id)  # nor is what another holds
        return without(replace(found, choice=replace(found.choice, others=(), parts=parts), stood=stood), hidden)

    def last(self, entity: str, key: str) -> Decision | None:
        """The last decision about a record."""
        found = None
        for one in self.working.store.decisions(entity, key):
            found = one
        return found

    def replay(self, run: str) -> Replay:
        """What the rules of now would make of a stored run.

        The day, the seed, whose turn it was and what everyone had in hand are those of then, so that what the run
        itself gave out changes nothing: without a change of rules, people or records it is the same.
        Raises: QuestionError if there is no such run, and as `Assigner.assignment`.
        """
        header = self._header(run)
        return self._replay(self.assigner.assignment(header.assignment), [header])

    def _begin(self, day: date) -> datetime:
        """The moment at which a day of the pack begins."""
        return self.working.times.begin(day).replace(tzinfo=UTC)

    def _header(self, run: str, of: str | None = None) -> Decision:
        """What the records of a stored run share. Args: of: the assignment that it has to be of."""
        header = self.working.store.header(run=run)
        if header is None or of not in (None, header.assignment):
            raise QuestionError([Issue("assign.unknown_run", Span(run), {"name": run})])
        return header

    def hindsight(self, name: str, since: date | None = None, run: str | None = None) -> Hindsight:
        """What the rules of now would have made of all runs of an assignment from a day on, one after the other.

        Records count by number here. Args: since: the window of `fairness` in the pack if None, 30 days without one;
            run: the only run that is asked about.
        Raises: QuestionError as `Assigner.assignment` and `replay`.
        """
        assigning = self.assigner.assignment(name)
        limit = self.workspace.pack.assignments[assigning.id].fairness
        if run is not None:
            since, found = None, self._replay(assigning, [self._header(run, assigning.id)])
        else:
            since = since or window_start(self.assigner.weighing(assigning, self.working.today()))
            found = self._replay(assigning, self._headers(assigning, since))
        then, now = found.given if limit is not None and limit.of == "assigned" else found.load
        return Hindsight(assigning, since, found, spread(then), spread(now), limit)

    def _headers(self, assigning: Assigning, since: date) -> Iterator[Decision]:
        """What the records of each run of an assignment since a day share."""
        wanted = Wanted(entity=assigning.entity, since=self._begin(since))
        runs = dict.fromkeys(self.working.store.decision_columns(("run",), wanted)["run"])
        headers = (header for run in runs if (header := self.working.store.header(run=run)) is not None)
        return (header for header in headers if header.assignment == assigning.id)

    def _replay(self, assigning: Assigning, headers: Iterable[Decision]) -> Replay:
        return replay(self.working.store, self.working.states.engine, self.workspace.snapshot, assigning, headers)

    def recalled(self, decision: Decision, about: str | None = None) -> Recalled:
        """A stored decision with its reasons, for those who run the workspace.

        Args: about: why this person did not get the record.
        """
        header = self.working.store.header(run=decision.run)
        assert header is not None
        common = shared_of(header)
        got = partial(got_before, self.working.store, decision, common)
        found = recalled(decision, read_choice(decision, common), common, about, got)
        return side_by_side(self.working.store, found, common, got, header.seq)

    def balance(self, name: str, day: date | None = None) -> Balance:
        """How the work of an assignment is spread over those who could get some, for those who run the workspace.

        The window is that of `fairness` in the pack, 30 days without one.
        Raises: QuestionError as `Assigner.assignment`.
        """
        assigning, today = self.assigner.assignment(name), day or self.working.today()
        engine, snapshot = self.working.states.engine, self.workspace.snapshot
        weighing = self.assigner.weighing(assigning, today)
        wanted = Wanted(entity=assigning.entity, since=self._begin(window_start(weighing)), given=True)
        columns = self.working.store.decision_columns(Given._fields, wanted)
        given = [Given(*each) for each in zip(*(columns[name] for name in Given._fields), strict=True)]
        before = self.assigner.before(assigning, today)
        able, load = could(engine, snapshot, assigning, today), in_hand(engine, snapshot, assigning, today, before)
        return balance(weighing, able, load, given)

    def progress(self, name: str, window: Duration | None = None) -> ProgressReport:
        """What became of what an assignment gave out lately, for those who run the workspace.

        Args: window: in days or months; that of `fairness` in the pack if None, 30 days without one.
        Raises: QuestionError as `Assigner.assignment`, and for a window in other units.
        """
        assigning, today, working = self.assigner.assignment(name), self.working.today(), self.working
        if window is not None and window.unit not in ("d", "mo"):
            raise QuestionError([Issue("progress.window", Span("--window"), {"window": str(window)})])
        start = later(today, replace(window, count=-window.count)) if window is not None else None
        since = max(start or window_start(self.assigner.weighing(assigning, today)), _FIRST)
        wanted = Wanted(entity=assigning.entity, since=self._begin(since), given=True)
        runs = [at for id, at in self.working.store.decision_counts(("assignment", "at"), wanted) if id == assigning.id]
        working.states.refresh()
        moments = [datetime.fromisoformat(at) for at in runs]
        about = working.states, self.workspace.snapshot, assigning, (since, today), working.now()
        return progress(*about, moments)
