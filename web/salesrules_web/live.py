"""An open workspace to the one that pages show now: read anew every so often, and swapped by one reference."""

from __future__ import annotations

import logging
from threading import Event, Thread

from flask import Flask

from salesrules.issue import SalesrulesError
from salesrules.workspace import Workspace

EVERY = 60.0  # seconds


class Live:
    """The workspace `now`; a request that began with an earlier one ends with it."""

    def __init__(self, workspace: Workspace) -> None:
        self.now = workspace
        self._ended = Event()

    def refresh(self) -> None:
        """Show the sources as they are now; if they cannot be read, that is logged and what was read before stays."""
        try:
            self.now = self.now.refreshed()
        except SalesrulesError as error:
            logging.getLogger(__name__).warning("the workspace was not read anew: %s", error)

    def keep_fresh(self, every: float = EVERY) -> None:
        """Refresh every so many seconds, in a thread of its own, until `end`."""
        Thread(target=self._keep_fresh, args=(every,), daemon=True).start()

    def end(self) -> None:
        """Refresh no more."""
        self._ended.set()

    def _keep_fresh(self, every: float) -> None:
        while not self._ended.wait(every):
            self.refresh()


def live_in(app: Flask) -> Live:
    """What an application shows."""
    found: Live = app.extensions["salesrules"]
    return found
