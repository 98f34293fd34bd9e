"""The door to who gets the work: a workspace with its log, runs of assignments, and the reasons of each decision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from fractions import Fraction
from functools import partial
from pathlib import Path

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.kinds import BOOLEAN
from salesrules.expr.typed import Constant
from salesrules.issue import AccessDenied, Issue, QuestionError, Span, nearest
from salesrules.meaning.assignments import Assigning, cannot_run
from salesrules.pack.assignment import Fairness
from salesrules.pack.values import Duration
from salesrules.run.decided import Asked, categories_of, decide, may_audit, not_an_auditor
from salesrules.store import Decision, Store, Wanted
from salesrules.work.assign.balance import Balance, Given, balance, window_start
from salesrules.work.assign.choice import BY_RANK, choice, read_choice, shared
from salesrules.work.assign.days import later
from salesrules.work.assign.fairness import Spread, able_in, breaks, of_run, spread
from salesrules.work.assign.kept import kept
from salesrules.work.assign.logged import run_name, shared_of
from salesrules.work.assign.past import waits_in
from salesrules.work.assign.progress import FATES, Progress, ProgressReport, progress
from salesrules.work.assign.rebalance import Rebalanced, rebalance
from salesrules.work.assign.recalled import Recalled, got_before, got_until, recalled, without
from salesrules.work.assign.replay import Replay, replay
from salesrules.work.assign.run import Before, Run, assign, could, in_hand
from salesrules.work.assign.so_far import so_far
from salesrules.work.assign.weighing import Weighing
from salesrules.work.lent_deeds import must_be_oneself
from salesrules.working import Working
from salesrules.workspace import Principal, Workspace

__all__ = [
    "FATES",
    "Assigned",
    "Assigner",
    "Balance",
    "Decision",
    "Hindsight",
    "Principal",
    "Progress",
    "ProgressReport",
    "Rebalanced",
    "Recalled",
    "Replay",
    "Run",
    "Spread",
]


_FIRST = date(1970, 1, 1)  # before which no log has anything, and some moments are beyond what there is


@dataclass(frozen=True, slots=True)
class Assigned:
    """A run and what became of it: how it is spread, whether that is beyond the limit of the pack, if it was kept."""

    run: Run
    spread: Spread | None
    beyond: bool
    kept: str | None


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
class Assigner:
    """What gives out the records of an open workspace with its log."""

    working: Working

    @classmethod
    def open(cls, root: Path, name: str | None = None) -> Assigner:
        """Open a workspace and its store.

        Raises: as `Working.open`.
        """
        return cls(Working.open(root, name))

    @property
    def workspace(self) -> Workspace:
        return self.working.workspace

    @property
    def _engine(self) -> DuckDB:
        return self.working.states.engine

    @property
    def _store(self) -> Store:
        return self.working.store

    def _now(self) -> datetime:
        """The moment it is; decisions are kept with their zone."""
        return self.working.now().replace(tzinfo=UTC)

    def assignment(self, name: str) -> Assigning:
        """The assignment of an id, or the one for the records of an entity.

        Raises: QuestionError if there is none, there are several, or it cannot run, with what stands in the way.
        """
        pack, program = self.workspace.pack, self.workspace.snapshot.program
        found = [one for one in pack.assignments.values() if name == one.id] or [
            one for one in pack.assignments.values() if name == one.entity
        ]
        if not found:
            known = {*pack.assignments, *(str(one.entity) for one in pack.assignments.values())}
            raise QuestionError([Issue("assign.unknown", Span(name), {"name": name}, near=nearest(name, known))])
        if len(found) > 1:
            names = ", ".join(one.id for one in found)
            raise QuestionError([Issue("assign.several", Span(name), {"name": name, "names": names})])
        (one,) = found
        if one.id not in program.assignments:
            codes = cannot_run(pack, program.meanings, one)
            raise QuestionError([Issue(code, one.span, {"name": one.id}) for code in codes])
        return program.assignments[one.id]

    def assign(self, name: str, dry: bool = False, seed: str | None = None, day: date | None = None) -> Assigned:
        """Give every record that waits to whom the rules say; with `dry` nothing is written.

        All of it is written or none, and two runs never give out the same record.
        Args: seed: what chance is drawn from; the id of the assignment and the day if None.
        Raises: QuestionError as `assignment`, and if the outcome is more unequal than the pack allows a run to be.
        """
        assigning = self.assignment(name)
        if dry:
            return self._assigned(assigning, self._now(), seed, day)
        with self._store.alone():
            at = self._now()
            found = self._assigned(assigning, at, seed, day)
            limit = self.workspace.pack.assignments[assigning.id].fairness
            if found.beyond and limit is not None and limit.stops == "run":
                raise QuestionError([Issue("assign.unfair", limit.span, {"name": assigning.id})])
            waits = waits_in(self._store, assigning.entity)
            batch = kept(found.run, self.workspace.snapshot, at, self.working.release, waits)
            if batch is not None:
                self._store.keep(batch)
        return replace(found, kept=batch.run if batch is not None else None)

    def would(
        self, name: str, key: str, about: str | None = None, seed: str | None = None, day: date | None = None
    ) -> Recalled | None:
        """What would become of one record in a run of all, with the reasons; None if no run is for it.

        For those who run the workspace. Args: about: why this person would not get it.
        """
        return self.told(self._assigned(self.assignment(name), self._now(), seed, day), key, about)

    def told(self, found: Assigned, key: str, about: str | None = None) -> Recalled | None:
        """The reasons for one record of a run that was not kept; None if the run is not for it."""
        run = found.run
        if key not in run.arrivals.keys:
            return None
        at = run.arrivals.keys.index(key)
        chosen, now = choice(run, at), self._now()
        own = run_name(run, now), now, run.assigning.entity, key, run.assigning.id, chosen.rule
        one = Decision(*own, run.person(at), run.pool(at), self.working.release, run.seed)
        common = shared(run, self.workspace.snapshot) if about is not None else {}
        return recalled(one, chosen, common, about, lambda person: got_until(run, at, person))

    def balance(self, name: str, day: date | None = None) -> Balance:
        """How the work of an assignment is spread over those who could get some, for those who run the workspace.

        The window is that of `fairness` in the pack, 30 days without one.
        Raises: QuestionError as `assignment`.
        """
        assigning, today = self.assignment(name), day or self.working.today()
        engine, snapshot, weighing = self._engine, self.workspace.snapshot, self._weighing(assigning, today)
        since = datetime.combine(window_start(weighing), time(), UTC)
        columns = self._store.decision_columns(Given._fields, Wanted(entity=assigning.entity, since=since, given=True))
        given = [Given(*each) for each in zip(*(columns[name] for name in Given._fields), strict=True)]
        before = self._before(assigning, self._now(), today)
        able, load = could(engine, snapshot, assigning, today), in_hand(engine, snapshot, assigning, today, before)
        return balance(weighing, able, load, given)

    def progress(self, name: str, window: Duration | None = None) -> ProgressReport:
        """What became of what an assignment gave out lately, for those who run the workspace.

        Args: window: in days or months; that of `fairness` in the pack if None, 30 days without one.
        Raises: QuestionError as `assignment`, and for a window in other units.
        """
        assigning, today, working = self.assignment(name), self.working.today(), self.working
        if window is not None and window.unit not in ("d", "mo"):
            raise QuestionError([Issue("progress.window", Span("--window"), {"window": str(window)})])
        start = later(today, replace(window, count=-window.count)) if window is not None else None
        since = max(start or window_start(self._weighing(assigning, today)), _FIRST)
        wanted = Wanted(entity=assigning.entity, since=datetime.combine(since, time(), working.zone), given=True)
        runs = [at for id, at in self._store.decision_counts(("assignment", "at"), wanted) if id == assigning.id]
        working.states.refresh()
        moments = [datetime.fromisoformat(at) for at in runs]
        about = working.states, self.workspace.snapshot, assigning, (since, today), working.now()
        return progress(*about, moments)

    def rebalance(self, name: str, within: Fraction, day: date | None = None) -> Rebalanced:
        """The fewest moves that bring what people have in hand to within a share of the mean; nothing is written.

        Raises: QuestionError as `assignment`.
        """
        assigning = self.assignment(name)
        today = day or self.working.today()
        free = replace(assigning, when=Constant(BOOLEAN, True))
        return rebalance(self._engine, self.workspace.snapshot, free, today, within, f"{assigning.id} {today}")

    def went_before(self, day: date) -> dict[str, Before]:
        """What went before a run on a day, of every assignment that can run."""
        return {
            one.id: self._before(one, self._now(), day) for one in self.workspace.snapshot.program.assignments.values()
        }

    def _assigned(self, assigning: Assigning, at: datetime, seed: str | None, day: date | None) -> Assigned:
        engine, snapshot = self._engine, self.workspace.snapshot
        today = day or self.working.today()
        before = self._before(assigning, at, today)
        run = assign(engine, snapshot, assigning, today, seed or f"{assigning.id} {today.isoformat()}", before)
        limit = self.workspace.pack.assignments[assigning.id].fairness
        if limit is not None and limit.value is not None:
            found = spread(self._weighing(assigning, today).after(run, before, able_in(run)))
        else:
            found = spread(of_run(run, limit.of if limit is not None else "load"))
        beyond = limit is not None and found is not None and breaks(limit, found)
        return Assigned(run, found, beyond, None)

    def _before(self, assigning: Assigning, at: datetime, day: date) -> Before:
        return so_far(self._store, self.working.states, self.workspace.snapshot, assigning, at, day)

    def _weighing(self, assigning: Assigning, day: date) -> Weighing:
        limit = self.workspace.pack.assignments[assigning.id].fairness
        return Weighing(self._engine, self.workspace.snapshot, assigning, limit, day)

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
        read = {found.category for found in decide(self._engine, snapshot, asked) if found.allowed}
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
        return without(replace(found, choice=replace(found.choice, others=(), parts=parts)), hidden)

    def last(self, entity: str, key: str) -> Decision | None:
        """The last decision about a record."""
        found = None
        for one in self._store.decisions(entity, key):
            found = one
        return found

    def replay(self, run: str) -> Replay:
        """What the rules of now would make of a stored run.

        The day, the seed, whose turn it was and what everyone had in hand are those of then, so that what the run
        itself gave out changes nothing: without a change of rules, people or records it is the same.
        Raises: QuestionError if there is no such run, and as `assignment`.
        """
        header = self._header(run)
        return self._replay(self.assignment(header.assignment), [header])

    def _header(self, run: str, of: str | None = None) -> Decision:
        """What the records of a stored run share. Args: of: the assignment that it has to be of."""
        header = self._store.header(run=run)
        if header is None or of not in (None, header.assignment):
            raise QuestionError([Issue("assign.unknown_run", Span(run), {"name": run})])
        return header

    def hindsight(self, name: str, since: date | None = None, run: str | None = None) -> Hindsight:
        """What the rules of now would have made of all runs of an assignment from a day on, one after the other.

        Records count by number here. Args: since: the window of `fairness` in the pack if None, 30 days without one;
            run: the only run that is asked about.
        Raises: QuestionError as `assignment` and `replay`.
        """
        assigning = self.assignment(name)
        limit = self.workspace.pack.assignments[assigning.id].fairness
        if run is not None:
            since, found = None, self._replay(assigning, [self._header(run, assigning.id)])
        else:
            since = since or window_start(self._weighing(assigning, self.working.today()))
            found = self._replay(assigning, self._headers(assigning, since))
        then, now = found.given if limit is not None and limit.of == "assigned" else found.load
        return Hindsight(assigning, since, found, spread(then), spread(now), limit)

    def _headers(self, assigning: Assigning, since: date) -> Iterator[Decision]:
        """What the records of each run of an assignment since a day share."""
        wanted = Wanted(entity=assigning.entity, since=self.working.times.begin(since).replace(tzinfo=UTC))
        runs = dict.fromkeys(self._store.decision_columns(("run",), wanted)["run"])
        headers = (header for run in runs if (header := self._store.header(run=run)) is not None)
        return (header for header in headers if header.assignment == assigning.id)

    def _replay(self, assigning: Assigning, headers: Iterable[Decision]) -> Replay:
        return replay(self._store, self._engine, self.workspace.snapshot, assigning, headers)

    def recalled(self, decision: Decision, about: str | None = None) -> Recalled:
        """A stored decision with its reasons, for those who run the workspace.

        Args: about: why this person did not get the record.
        """
        header = self._store.header(run=decision.run)
        assert header is not None
        common = shared_of(header)
        got = partial(got_before, self._store, decision, common)
        return recalled(decision, read_choice(decision, common), common, about, got)
