"""Who is logged in, kept by the server: a cookie only names a session, so that a copy of it ends with the session."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any

LIFETIME = 12 * 60 * 60  # seconds
MOST = 10_000


class Sessions:
    """Sessions in memory: they end with the log-out, after their lifetime, and with the process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._told: dict[str, list[Any]] = {}
        self._worn: dict[str, str] = {}
        self._lock = Lock()

    def begin(self, person: str) -> str:
        """A new session of a person; its name cannot be guessed."""
        name = secrets.token_urlsafe(32)
        with self._lock:
            self._known[name] = (person, self._clock())
            while len(self._known) > MOST:
                self._forget(next(iter(self._known)))
        return name

    def tell(self, name: object, word: Any) -> None:
        """Keep something to be shown on the next page of a session, which a cookie would be too small for."""
        with self._lock:
            if str(name) in self._known:
                self._told.setdefault(str(name), []).append(word)

    def told(self, name: object) -> list[Any]:
        """What was to be shown, once."""
        with self._lock:
            return self._told.pop(str(name), [])

    def wear(self, name: object, giver: str | None) -> None:
        """Keep in whose place the person of a session acts, None for nobody's."""
        with self._lock:
            self._worn.pop(str(name), None)
            if giver is not None and str(name) in self._known:
                self._worn[str(name)] = giver

    def worn(self, name: object) -> str | None:
        """In whose place the person of a session acts."""
        with self._lock:
            return self._worn.get(str(name))

    def person(self, name: object) -> str | None:
        """Whose session this is, or None if it has ended or never was."""
        with self._lock:
            person, since = self._known.get(str(name), (None, 0.0))
            if person is not None and self._clock() - since > LIFETIME:
                self._forget(str(name))
                return None
            return person

    def end(self, name: object) -> None:
        """End a session, wherever its cookie has been copied to."""
        with self._lock:
            self._forget(str(name))

    def _forget(self, name: str) -> None:
        self._known.pop(name, None)
        self._told.pop(name, None)
        self._worn.pop(name, None)
