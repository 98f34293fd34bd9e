"""The door for those who run a workspace or look after its rules: how it was read, what roles open, who has much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from salesrules.access.agree import Agreement, agree
from salesrules.audit.balance import Balance, balance
from salesrules.audit.matrix import Matrix, MatrixCell, matrix
from salesrules.audit.quality import Quality, quality
from salesrules.engines.postgres import Postgres
from salesrules.issue import Issue, QuestionError, Span, must_be_known
from salesrules.sources.client.client_rejects import faulty_rows
from salesrules.sources.notes.doctor import Diagnosis, examine
from salesrules.sources.notes.rejects import Rejected, rejected_rows
from salesrules.sources.org.posts import kept_as, posts_by_name
from salesrules.sources.rows.beside import tables_of
from salesrules.sources.rows.tables import count_rows
from salesrules.workspace import Workspace

# what comes through the door
__all__ = ["Agreement", "Balance", "Matrix", "MatrixCell", "Overseer"]


@dataclass(frozen=True, slots=True)
class Overseer:
    """An open workspace that is asked by nobody in particular: answers count and show what no grant was asked for."""

    workspace: Workspace

    def doctor(self) -> Diagnosis:
        """How the sources were read, with examples of any cell."""
        workspace = self.workspace
        return examine(workspace.engine, workspace.pack, workspace.rejects, workspace.warnings)

    def quality(self) -> Quality:
        """How many records meet each rule of quality today, with examples of those that do not."""
        return quality(self.workspace.engine, self.workspace.snapshot, self.workspace.today())

    def rejected(self) -> tuple[Rejected, ...]:
        """The rows that were left out, as they were written."""
        engine = self.workspace.engine
        found = tuple(rejected_rows(engine, self.workspace.snapshot.organisation))
        return (*found, *faulty_rows(engine, self.workspace.pack)) if isinstance(engine, Postgres) else found

    def tables(self) -> tuple[str, ...]:
        """Every table of which rows can be left out."""
        pack = self.workspace.pack
        return (*tables_of(pack), *map(kept_as, posts_by_name(pack)))

    def row_count(self) -> int:
        """How many rows were read, all entities together."""
        return sum(count_rows(self.workspace.engine, entity) for entity in self.workspace.pack.entities)

    def matrix(self, day: date, entities: tuple[str, ...] = (), roles: tuple[str, ...] = ()) -> Matrix:
        """What roles open of entities, all of them if none are named."""
        workspace = self.workspace
        asked = [workspace.named("entity", entity) for entity in entities] or [*workspace.pack.entities]
        people = [workspace.named("role", role) for role in roles] or [*workspace.pack.roles]
        return matrix(workspace.engine, workspace.snapshot, day, asked, people)

    def balance(self, day: date, dimension: str, level: str | None = None) -> Balance:
        """How evenly the territories of a dimension are staffed.

        Args: level: a level of the dimension; the lowest members if it is left out.

        Raises: QuestionError if the dimension has no such level, or no potential.
        """
        must_be_known("dimension", dimension, self.workspace.pack.dimensions)
        found = self.workspace.pack.dimensions[dimension]
        levels = [each.id for each in found.levels]
        if level is not None:
            must_be_known("level", level, levels)
        if found.potential is None:
            raise QuestionError([Issue("ask.no_potential", Span(dimension), {"name": dimension})])
        depth = None if level is None else levels.index(level)
        return balance(self.workspace.engine, self.workspace.snapshot, day, found, found.potential, depth)

    def agree(self, day: date | None = None) -> Agreement:
        """Whether Casbin reads the grants as lists and figures do, for everyone who holds a post on a day."""
        return agree(self.workspace.snapshot, day or self.workspace.today())
