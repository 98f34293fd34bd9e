"""The door for those who run a workspace or look after its rules: how it was read, what roles open, who has much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from salesrules.access.agree import Agreement, agree
from salesrules.audit.balance import Balance, balance, members_at, standing
from salesrules.audit.matrix import Matrix, MatrixCell, matrix
from salesrules.audit.quality import Quality, quality
from salesrules.audit.sharing import Share, Weighed, shared_out
from salesrules.expr.dialects import POSTGRES
from salesrules.issue import Issue, QuestionError, Several, Span, must_be_known
from salesrules.pack.resources import Resource, Sharing
from salesrules.sources.client.client_rejects import faulty_rows
from salesrules.sources.notes.doctor import Diagnosis, examine
from salesrules.sources.notes.rejects import Rejected, rejected_rows
from salesrules.sources.org.posts import kept_as, posts_by_name
from salesrules.sources.rows.beside import tables_of
from salesrules.sources.rows.tables import count_rows
from salesrules.workspace import Workspace

# what comes through the door
__all__ = ["Agreement", "Balance", "Matrix", "MatrixCell", "Overseer", "Resource", "Share"]


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
        return (*found, *faulty_rows(engine, self.workspace.pack)) if engine.dialect is POSTGRES else found

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

    def shares(self, day: date, name: str) -> tuple[Resource, tuple[Share, ...]]:
        """A resource and every part of it on a day, each followed by its own parts.

        Raises: QuestionError if there is no such resource, or if a step has nobody to share it out to: members that
            are not there on the day, or all of them with nothing to be weighed by.
        """
        resources = self.workspace.pack.resources
        must_be_known("resource", name, resources)
        return resources[name], tuple(shared_out(resources[name], lambda step: self._weighed(day, step)))

    def _weighed(self, day: date, step: Sharing) -> Weighed:
        """The members that a step shares out to, with their weights, in the order of their tree."""
        dimension = self.workspace.pack.dimensions[step.by]
        depth = [level.id for level in dimension.levels].index(step.level) if step.level is not None else None
        places = standing(self.workspace.snapshot.organisation.trees[step.by].on(day))
        if isinstance(step.weights, dict):
            found = {str(member): Fraction(weight) for member, weight in step.weights.items()}
        elif step.weights == "even":
            found = dict.fromkeys(members_at(places, depth), Fraction(1))
        else:
            territories = self.balance(day, step.by, step.level).territories
            of = {one.member: one.people if step.weights == "people" else one.potential for one in territories}
            found = {member: weight or Fraction(0) for member, weight in of.items()}
        missing = [member for member in found if member not in places]
        if missing or not any(found.values()):
            code = "resource.not_there" if missing else "resource.nobody"
            words = {"dimension": str(step.by), "day": day.isoformat(), "members": Several.of(missing)}
            raise QuestionError([Issue(code, step.span, words)])
        return sorted(found.items(), key=lambda pair: places[pair[0]][:2])

    def agree(self, day: date | None = None) -> Agreement:
        """Whether Casbin reads the grants as lists and figures do, for everyone who holds a post on a day."""
        return agree(self.workspace.snapshot, day or self.workspace.today())
