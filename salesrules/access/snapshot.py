"""A Program and one state of the organisation to a Snapshot: the grant lines that speak about a person's cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from salesrules.access.enforcer import Enforcer, as_casbin
from salesrules.compile import Program
from salesrules.expr.kinds import Kind
from salesrules.expr.python import to_python
from salesrules.expr.typed import Leaf, Typed, leaves
from salesrules.issue import AccessDenied, Issue, Span
from salesrules.meaning import PERSON
from salesrules.pack.policies import Grant
from salesrules.sources.organisation import Organisation
from salesrules.sources.posts import Post
from salesrules.sources.tables import day_column


@dataclass(frozen=True, slots=True)
class Hat:
    """A post in force, with every role that it gives."""

    post: Post
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, and when: the person's own row and the hats worn on that day."""

    id: str
    day: date
    row: Mapping[str, Any]
    hats: tuple[Hat, ...]

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(role for hat in self.hats for role in hat.roles)


@dataclass(frozen=True, slots=True)
class Line:
    """A grant as one hat brings it; `condition` is its slice on the entity."""

    grant: Grant
    hat: Hat
    condition: Typed

    @property
    def pair(self) -> str:
        """The name under which Casbin knows the slice: role and slice, so that posts stay apart."""
        return f"{as_casbin(self.grant.role)}:{as_casbin(self.grant.slice)}"


@dataclass(frozen=True, slots=True)
class Cell:
    """The lines that open and close one category of one entity for one action."""

    allows: tuple[Line, ...]
    denies: tuple[Line, ...]


def walked(program: Program) -> frozenset[str]:
    """The entities whose rows stand for something of the asker: people, and what `user.team.region` leads through."""
    read = [leaf for tree in program.meanings.slices.values() for leaf in leaves(tree)]
    about = [leaf for leaf in read if leaf.root == "user"]
    about += [replace(leaf, path=leaf.path[1:]) for leaf in read if leaf.root == "post" and leaf.path[0] == "person"]
    if PERSON in program.meanings.active:
        about += [leaf for leaf in leaves(program.meanings.active[PERSON]) if leaf.root == "row"]
    found = {PERSON}
    for leaf in about:
        at = PERSON
        for step in leaf.path[:-1]:
            at = program.meanings.vocabulary.fields[at][step].of
            found.add(at)
    return frozenset(found)


class Snapshot:
    """One immutable reading of who may do what; swapped whole when the pack or the organisation changes."""

    def __init__(self, program: Program, organisation: Organisation) -> None:
        self.program = program
        self.organisation = organisation
        self._enforcer = Enforcer(program)
        self._conditions: dict[tuple[str, str, date], Callable[[Mapping[Leaf, Any]], Any]] = {}

    def principal(self, person: str, day: date) -> Principal:
        """The person with the hats of that day.

        Raises: AccessDenied for an unknown person, one who is not active, or one without a post.
        """
        people = self.organisation.people
        if person not in people:
            raise AccessDenied([Issue("access.unknown_person", Span("--as"), {"person": person})])
        row = people[person]
        posts = [post for post in self.organisation.posts.get(person, ()) if post.on(day)]
        hats = tuple(Hat(post, self.program.roles[post.role]) for post in posts)
        if not hats or not self._active(person, day):
            raise AccessDenied([Issue("access.no_post", Span("--as"), {"person": person, "day": day.isoformat()})])
        return Principal(person, day, row, hats)

    def _active(self, person: str, day: date) -> bool:
        condition = self.program.meanings.active.get(PERSON)
        if condition is None:
            return True
        holds = to_python(condition, self.organisation.lookups.on(day))
        return holds({leaf: self._about(person, day, leaf) for leaf in leaves(condition)}) is True

    def cell(self, principal: Principal, entity: str, action: str, category: str) -> Cell:
        """The lines that speak about a cell; the category `*` asks for lines that name `*`."""
        lines = list(self._lines(principal, entity, action, category))
        allows = tuple(line for line in lines if line.grant.effect == "allow")
        return Cell(allows, tuple(line for line in lines if line.grant.effect == "deny"))

    def _lines(self, principal: Principal, entity: str, action: str, category: str) -> Iterator[Line]:
        for hat in principal.hats:
            for grant in self.program.pack.grants:
                if (
                    grant.role in hat.roles
                    and grant.object == entity
                    and grant.action == action
                    and grant.category in ("*", category)
                    and grant.on(principal.day)
                ):
                    yield Line(grant, hat, self.program.meanings.slices[grant.slice, entity])

    def value(self, principal: Principal, hat: Hat, leaf: Leaf) -> Any:
        """What a leaf stands for that is the same for every row: the asker, the post, a member, the day."""
        if leaf.root != "post":
            return self._about(principal.id, principal.day, leaf)
        post, (name, *rest) = hat.post, leaf.path
        if name == "person":
            return self._about(post.person, principal.day, replace(leaf, root="user", path=tuple(rest)))
        if name in ("role", "from", "to"):
            return {"role": post.role, "from": post.start, "to": post.end}[name]
        found = post.scope.get(name)
        return found if leaf.part == "value" else self._in_tree(name, found, leaf.part, principal.day)

    def _about(self, person: str, day: date, leaf: Leaf) -> Any:
        """The day, a member, or what a path finds that starts at a person's own row."""
        if leaf.root == "today":
            return day
        if leaf.root.startswith("member:"):
            return self._in_tree(leaf.root.removeprefix("member:"), leaf.path[0], leaf.part, day)
        found: Any = person
        kind = Kind("ref", PERSON)
        for left, step in zip(range(len(leaf.path) - 1, -1, -1), leaf.path, strict=True):
            row = self.organisation.rows[kind.of].get(found)
            found = row[day_column(step) if leaf.part == "day" and not left else step] if row else None
            kind = self.program.meanings.vocabulary.fields[kind.of][step]
        return found if leaf.part in ("value", "day") else self._in_tree(kind.of, found, leaf.part, day)

    def _in_tree(self, tree: str, id: str | None, part: str, day: date) -> int | None:
        place = self.organisation.trees[tree].on(day).get(id) if id is not None else None
        return None if place is None else place[("lft", "rgt", "depth").index(part)]

    def decide(
        self, principal: Principal, cell: Cell, entity: str, action: str, category: str, row: Mapping[Leaf, Any]
    ) -> bool:
        """Casbin's answer for one cell of one row: it is told which slices hold there, and which may hold."""
        held, maybe = set(), set()
        for line in (*cell.allows, *cell.denies):
            holds = self.holds(principal, line, row)
            if holds is not False:
                maybe.add(line.pair)
            if holds is True:
                held.add(line.pair)
        return self._enforcer.allows(
            principal.roles, principal.day, entity, action, category, frozenset(held), frozenset(maybe)
        )

    def holds(self, principal: Principal, line: Line, row: Mapping[Leaf, Any]) -> bool | None:
        """Whether the slice of a line is true, false or null on a row."""
        key = (line.grant.slice, line.grant.object, principal.day)
        if key not in self._conditions:
            self._conditions[key] = to_python(line.condition, self.organisation.lookups.on(principal.day))
        holds: bool | None = self._conditions[key](_Filled(self, principal, line.hat, row))
        return holds


class _Filled(dict[Leaf, Any]):
    """The leaves of one row together with those that are the same for every row."""

    def __init__(self, snapshot: Snapshot, principal: Principal, hat: Hat, row: Mapping[Leaf, Any]) -> None:
        super().__init__(row)
        self._rest = (snapshot, principal, hat)

    def get(self, leaf: Leaf, default: Any = None) -> Any:
        if leaf.root == "row":
            return super().get(leaf, default)
        snapshot, principal, hat = self._rest
        return snapshot.value(principal, hat, leaf)
