"""The door to who gets the work: a workspace with its log, and runs of assignments, kept or only told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import partial
from pathlib import Path

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.kinds import BOOLEAN
from salesrules.expr.typed import Constant
from salesrules.issue import Issue, QuestionError, Span, nearest
from salesrules.meaning.assignments import Assigning, cannot_run
from salesrules.store import Decision, Store
from salesrules.work.assign.arrivals import astray
from salesrules.work.assign.choice import choice, shared
from salesrules.work.assign.fairness import Spread, able_in, breaks, of_run, spread
from salesrules.work.assign.kept import kept
from salesrules.work.assign.logged import run_name
from salesrules.work.assign.past import waits_in
from salesrules.work.assign.rebalance import Rebalanced, rebalance
from salesrules.work.assign.recalled import Recalled, got_until, recalled
from salesrules.work.assign.run import Before, Run, assign
from salesrules.work.assign.side_by_side import side_by_side
from salesrules.work.assign.so_far import so_far
from salesrules.work.assign.weighing import Weighing
from salesrules.working import Working
from salesrules.workspace import Workspace

__all__ = ["Assigned", "Assigner", "Rebalanced", "Recalled", "Run", "Spread"]


@dataclass(frozen=True, slots=True)
class Assigned:
    """A run and what became of it: how it is spread, whether that is beyond the limit of the pack, if it was kept.

    `astray` are the records that name an owner who is not in the tables: whose they are has to be mended first.
    """

    run: Run
    astray: tuple[str, ...]
    spread: Spread | None
    beyond: bool
    kept: str | None


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
        got = partial(got_until, run, at)
        return side_by_side(self._store, recalled(one, chosen, common, about, got), common, got)

    def rebalance(self, name: str, within: Fraction, day: date | None = None) -> Rebalanced:
        """The fewest moves that bring what people have in hand to within a share of the mean; nothing is written.

        Raises: QuestionError as `assignment`.
        """
        assigning = self.assignment(name)
        today = day or self.working.today()
        free = replace(assigning, when=Constant(BOOLEAN, True))
        before, seed = self.before(assigning, today), f"{assigning.id} {today}"
        return rebalance(self._engine, self.workspace.snapshot, free, today, within, seed, before)

    def went_before(self, day: date) -> dict[str, Before]:
        """What went before a run on a day, of every assignment that can run."""
        return {one.id: self.before(one, day) for one in self.workspace.snapshot.program.assignments.values()}

    def before(self, assigning: Assigning, day: date, at: datetime | None = None) -> Before:
        """What went before a run of an assignment on a day, as of a moment, now if it is not said."""
        return so_far(self._store, self.working.states, self.workspace.snapshot, assigning, at or self._now(), day)

    def weighing(self, assigning: Assigning, day: date) -> Weighing:
        """What a record of an assignment counts for on a day, as `fairness` of the pack says."""
        limit = self.workspace.pack.assignments[assigning.id].fairness
        return Weighing(self._engine, self.workspace.snapshot, assigning, limit, day)

    def _assigned(self, assigning: Assigning, at: datetime, seed: str | None, day: date | None) -> Assigned:
        engine, snapshot = self._engine, self.workspace.snapshot
        today = day or self.working.today()
        before = self.before(assigning, today, at)
        run = assign(engine, snapshot, assigning, today, seed or f"{assigning.id} {today.isoformat()}", before)
        limit = self.workspace.pack.assignments[assigning.id].fairness
        if limit is not None and limit.value is not None:
            found = spread(self.weighing(assigning, today).after(run, before, able_in(run)))
        else:
            found = spread(of_run(run, limit.of if limit is not None else "load"))
        beyond = limit is not None and found is not None and breaks(limit, found)
        return Assigned(run, astray(engine, snapshot, assigning, today), found, beyond, None)
