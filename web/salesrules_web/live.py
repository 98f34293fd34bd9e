"""An open workspace to the one that pages show now, read anew every so often, and to the log that goes with it."""

from __future__ import annotations

import logging
from threading import Event, Lock, Thread

from flask import Flask

from salesrules.issue import QuestionError, SalesrulesError
from salesrules.working import Working
from salesrules.workspace import Workspace

EVERY = 60.0  # seconds


class Live:
    """The workspace `now`; a request that began with an earlier one ends with it."""

    def __init__(self, workspace: Workspace) -> None:
        self.now = workspace
        self.log: Working | None = None
        self._opening = Lock()
        self._ended = Event()

    def working(self, workspace: Workspace) -> Working:
        """The log beside a workspace: opened when it is first asked for, and again when the sources have changed.

        Raises: as `Working.over`; then the next who asks tries again.
        """
        with self._opening:
            if self.log is None or self.log.workspace is not workspace:
                self.log = Working.over(workspace)
            return self.log

    def refresh(self) -> None:
        """Show the sources as they are now; if they cannot be read, that is logged and what was read before stays."""
        try:
            self.now = self.now.refreshed()
        except SalesrulesError as error:
            logging.getLogger(__name__).warning("the workspace was not read anew: %s", error)

    def note(self) -> bool:
        """Note in the log what the tables show that is new, and say whether that is done with.

        Of records that are read in place there is nothing to note; what fails is logged, and can be tried again.
        """
        try:
            self.working(self.now).sync()
        except QuestionError:
            return True
        except SalesrulesError as error:
            logging.getLogger(__name__).warning("what is new in the tables was not noted: %s", error)
            return False
        return True

    def keep_fresh(self, every: float = EVERY) -> None:
        """Note what is new, and refresh every so many seconds, in a thread of its own, until `end`."""
        Thread(target=self.keep_watch, args=(every,), daemon=True).start()

    def end(self) -> None:
        """Refresh no more."""
        self._ended.set()

    def keep_watch(self, every: float) -> None:
        """Note what is new, at once and whenever the sources have changed, until `end`."""
        noted: Workspace | None = None
        while True:
            if self.now is not noted:
                noted = self.now if self.note() else None
            if self._ended.wait(every):
                return
            self.refresh()


def live_in(app: Flask) -> Live:
    """What an application shows."""
    found: Live = app.extensions["salesrules"]
    return found
