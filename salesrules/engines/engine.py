"""What every database is to a question: a dialect, rows for a statement, and tables of its own."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from salesrules.expr.dialects import Dialect

T = TypeVar("T")


class Statements(Protocol):
    """Runs one statement with named parameters and returns all its rows."""

    def __call__(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]: ...


class Answering(Protocol):
    """Whatever gives rows for a statement: a database, or the statements that it runs together."""

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Run one statement with parameters named `$name` and return all its rows."""


@dataclass(frozen=True, slots=True)
class Session:
    """Statements that a database runs together, to be asked as the database itself is."""

    run: Statements

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Run one statement, which sees what the others have made."""
        return self.run(sql, values)


class Engine(Answering, Protocol):
    """A database that answers; every failure is an EngineError."""

    @property
    def file(self) -> Path | None:
        """The file of its own that holds the rows, if there is one."""

    @property
    def dialect(self) -> Dialect:
        """How it spells what engines spell differently."""

    def together(self) -> AbstractContextManager[Statements]:
        """Statements that see the temporary tables of one another, which are gone afterwards."""

    def found(self, key: Hashable, find: Callable[[], T]) -> T:
        """What follows from the rows, found once as long as they do not change.

        Args: key: all that it hangs on besides the rows.
        """

    def columns(self, source: str) -> list[str]:
        """The names of the columns of anything that can stand after FROM."""

    def insert(self, table: str, columns: Mapping[str, list[Any]], types: Mapping[str, str] | None = None) -> None:
        """Make a table of named columns; those of which `types` says nothing are of text, or of integers or days."""

    def close(self) -> None:
        """Let go of it."""
