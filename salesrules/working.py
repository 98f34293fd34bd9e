"""The door to what is done: a workspace, its log, and every fact that a person or a clock may add to it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from salesrules.reading import read_program
from salesrules.sources.bindings import Settings, read_settings
from salesrules.store import Event, Store, open_store
from salesrules.work.moves import advance, stage_named
from salesrules.work.passage import Passage
from salesrules.work.state import States
from salesrules.work.sync import observed
from salesrules.work.watched import watched
from salesrules.workspace import Principal, Workspace

__all__ = ["Event", "Passage", "Principal", "Working"]  # what comes through the door
STORE = Path(".salesrules") / "store.sqlite"


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Working:
    """An open workspace with its log; whoever does something is asked for, and what time it is can be told."""

    workspace: Workspace
    store: Store
    states: States
    release: str
    now: Callable[[], datetime] = _now

    @classmethod
    def open(cls, root: Path, name: str | None = None) -> Working:
        """Open a workspace and its store.

        Raises: PackError as `Workspace.open`, EngineError if the store cannot be used.
        """
        settings = read_settings(root)
        workspace = Workspace.open(root, name)
        store = open_store(store_place(settings))
        states = States(workspace.engine, store, watched(workspace.pack, settings), workspace.pack.about.timezone)
        states.refresh()
        return cls(workspace, store, states, read_program(settings, name).release)

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
        found, stage = stage_named(self.workspace.engine, self.workspace.pack, entity, to, process)
        with self._alone(dry, entity, keys):
            passages, events = advance(
                self.states, self.workspace.snapshot, principal, found, keys, stage, self.now(), self.release
            )
            self._write([] if dry else events)
        return passages if dry else tuple(replace(each, done=not each.unmet) for each in passages)

    def sync(self) -> tuple[Event, ...]:
        """Note what the tables show that is otherwise than last seen."""
        with self._alone():
            events = tuple(observed(self.states, self.now(), self.release))
            self._write(events)
            return events

    @contextmanager
    def _alone(self, dry: bool = False, entity: str | None = None, keys: Sequence[str] | None = None) -> Iterator[None]:
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
                    self._write(observed(self.states, self.now(), self.release, entity, keys))
                yield
        except BaseException:
            self.states.forget(at)
            raise

    def _write(self, events: Sequence[Event] | Iterator[Event]) -> None:
        self.store.append(events)
        self.states.refresh()


def store_place(settings: Settings) -> str:
    """Where the store is: SALESRULES_STORE, `[store]` of salesrules.toml, or a file below the workspace."""
    named = os.environ.get("SALESRULES_STORE") or settings.store
    return named or str(settings.root / STORE)
