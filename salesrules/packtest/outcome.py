"""What comes of the tests of a pack: which expectations hold, which grants they lean on, what they notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from salesrules.access.why import Reason
from salesrules.expr.sql import quoted
from salesrules.issue import Issue
from salesrules.pack.pack import Pack
from salesrules.pack.policies import Grant
from salesrules.pack.tests import AssignCase, CanCase, KpiCase, PackTest, ReadCase
from salesrules.sources.rows.tables import KEY
from salesrules.workspace import Workspace

AccessCase = CanCase | KpiCase | ReadCase
AnyCase = AccessCase | AssignCase
Change = Literal["dropped", "widened", "flipped"]


@dataclass(frozen=True, slots=True)
class OpenTest:
    """A test and the workspace that its rows make; `file` is its name as issues show it."""

    file: str
    test: PackTest
    workspace: Workspace

    def keys(self, entity: str) -> tuple[str, ...]:
        """The keys of all records of an entity, seen by anyone or not."""
        return tuple(key for (key,) in self.workspace.engine.rows(f"SELECT {quoted(KEY)} FROM {quoted(entity)}"))


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that does not hold: what differs, the decisions behind it, and what refused the question."""

    issue: Issue
    reasons: tuple[Reason, ...] = ()
    because: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one expectation."""

    case: AnyCase
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What came of the expectations of one file, and how long that took."""

    file: str
    outcomes: tuple[Outcome, ...]
    seconds: float

    @property
    def failed(self) -> int:
        """How many expectations do not hold."""
        return sum(bool(outcome.failures) for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change to one grant, and whether some expectation notices it."""

    grant: Grant
    change: Change
    noticed: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What came of all tests of a pack.

    `grants` are the lines that can be asked about, `covered` those whose slice held where an expectation looked.
    """

    pack: Pack
    files: tuple[FileOutcome, ...]
    grants: tuple[Grant, ...]
    covered: frozenset[Grant]
    mutants: tuple[Mutant, ...] = ()

    @property
    def failed(self) -> int:
        """How many expectations do not hold."""
        return sum(file.failed for file in self.files)

    @property
    def uncovered(self) -> tuple[Grant, ...]:
        """The lines that no expectation leans on, as they stand in grants.csv."""
        return tuple(grant for grant in self.grants if grant not in self.covered)
