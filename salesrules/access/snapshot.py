"""A Program and one state of the organisation to a Snapshot: the grant lines that speak about a person's cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from salesrules.access.barred import barred_words, bars
from salesrules.access.decision import Decision, Holds, Layout, Ready, layout_of, ready
from salesrules.access.enforcer import Enforcer, as_casbin
from salesrules.access.lent import Lent
from salesrules.compile import Program
from salesrules.expr.kinds import Kind
from salesrules.expr.python import to_python
from salesrules.expr.typed import Leaf, Typed, leaves
from salesrules.issue import AccessDenied, Issue, Span
from salesrules.meaning import PERSON
from salesrules.pack.policies import Grant
from salesrules.sources.org.organisation import Organisation
from salesrules.sources.org.posts import Post, WrongPost
from salesrules.sources.rows.typed import day_column

_KEPT = 10_000
Trees = tuple[Typed, ...]
Ids = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Hat:
    """A post in force, with every role that it gives."""

    post: Post
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, and when: the person's own row and the hats worn on that day.

    Where somebody acts in the place of this person, `lent` says who and how far, `hats` are those that are lent, and
    `barring` the person's others: they open nothing, and what they take away from the person stays taken away.
    """

    id: str
    day: date
    row: Mapping[str, Any]
    hats: tuple[Hat, ...]
    barring: tuple[Hat, ...] = ()
    lent: Lent | None = None

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(role for hat in self.hats for role in hat.roles)

    def covers(self, action: str, entity: str) -> bool:
        """Whether an action on records of an entity is lent, where it has to be."""
        return self.lent is None or self.lent.covers(action, entity)

    @property
    def actor(self) -> str:
        """Who it is that does something: whoever acts in this person's place, else this person."""
        return self.id if self.lent is None else self.lent.by

    @property
    def oneself(self) -> str | None:
        """The id by which things are somebody's own; None in the place of another, whose own is not lent."""
        return self.id if self.lent is None else None


def pair_of(grant: Grant) -> str:
    """A role and a slice as Casbin knows them, in one name, so that posts stay apart."""
    return f"{as_casbin(grant.role)}:{as_casbin(grant.slice)}"


@dataclass(frozen=True, slots=True)
class Line:
    """A grant as one hat brings it; `condition` is its slice on the entity."""

    grant: Grant
    hat: Hat
    condition: Typed

    @property
    def pair(self) -> str:
        """The name under which Casbin knows the slice."""
        return pair_of(self.grant)


@dataclass(frozen=True, slots=True)
class Cell:
    """The lines that open and close one category of one entity for one action."""

    allows: tuple[Line, ...]
    denies: tuple[Line, ...]


def walked(program: Program) -> frozenset[str]:
    """The entities whose rows stand for something of the asker or of a candidate for work.

    These are people, and what paths such as `user.team.region` lead through.
    """
    read = [leaf for tree in program.meanings.slices.values() for leaf in leaves(tree)]
    about = [leaf for leaf in read if leaf.root == "user"]
    about += [replace(leaf, path=leaf.path[1:]) for leaf in read if leaf.root == "post" and leaf.path[0] == "person"]
    if PERSON in program.meanings.active:
        about += [leaf for leaf in leaves(program.meanings.active[PERSON]) if leaf.root == "row"]
    asked = (tree for one in program.assignments.values() for tree in one.trees())
    about += [leaf for tree in asked for leaf in leaves(tree) if leaf.root == "candidate"]
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
        self._wrong: dict[str, list[WrongPost]] = {}
        for line in organisation.wrong_posts:
            self._wrong.setdefault(line.person, []).append(line)
        self._layouts: dict[Ids, tuple[Trees, Layout]] = {}
        self._compiled: dict[tuple[Ids, Ids, date], tuple[Trees, Trees, Ready]] = {}
        self._spoken: dict[tuple[frozenset[str], str, str], tuple[Grant, ...]] = {}

    def principal(self, person: str, day: date) -> Principal:
        """The person with the hats of that day.

        Raises: AccessDenied for an unknown person, one who is not active, one without a post, or one of whom some post
            cannot be read that may take something away.
        """
        people = self.organisation.people
        if person not in people:
            raise AccessDenied([Issue("access.unknown_person", Span("--as"), {"person": person})])
        row = people[person]
        for line in self._wrong.get(person, ()):
            if bars(self.program, line, day):
                raise AccessDenied([Issue("access.post_unreadable", Span("--as"), barred_words(line, day))])
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
        if not principal.covers(action, entity):
            return
        for hat in principal.hats + principal.barring:
            # INVARIANT: who stands in never gets more than the other has, so no deny of any post is left out
            bars = hat in principal.barring
            for grant in self._grants(hat.roles, entity, action):
                speaks = grant.category in ("*", category) and grant.on(principal.day)
                if speaks and (grant.effect == "deny" or not bars):
                    yield Line(grant, hat, self.program.meanings.slices[grant.slice, entity])

    def _grants(self, roles: frozenset[str], entity: str, action: str) -> tuple[Grant, ...]:
        """The grants of these roles, on any day; kept, because a pack has few role sets and many questions."""
        key = (roles, entity, action)
        if key not in self._spoken:
            self._spoken[key] = tuple(
                grant
                for grant in self.program.grants
                if grant.role in roles and grant.object == entity and grant.action == action
            )
        return self._spoken[key]

    def opens(self, principal: Principal, object: str, action: str) -> bool:
        """Whether the person may do this to something that is no table, such as a section of the pack.

        It has no row to look at: a slice is held where it says just `true` of it, and does not hold where it says just
        `false`; any other condition opens nothing, and closes. It is never lent.
        """
        if principal.lent is not None:
            return False
        lines = [line for line in self._grants(principal.roles, object, action) if line.on(principal.day)]
        said = [(pair_of(line), self.program.pack.slices[line.slice].on(object)) for line in lines]
        held = frozenset(pair for pair, rows in said if rows is not None and rows.text.strip() == "true")
        maybe = frozenset(pair for pair, rows in said if rows is None or rows.text.strip() != "false")
        return self._enforcer.allows(principal.roles, principal.day, object, action, "*", held, maybe)

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

    def decision(self, principal: Principal, cell: Cell, entity: str, action: str, category: str) -> Decision:
        """A cell made ready: Casbin's answer for any row, told which slices hold there and which may hold."""
        lines = (*cell.denies, *cell.allows)
        every = {line.grant.slice: line.condition for line in lines}
        layout = self._layout(tuple(every.values()))
        hats, about, pairs = [], [], []
        worn = principal.hats + principal.barring
        roles = frozenset(role for hat in worn for role in hat.roles)
        for hat in worn:
            own = [line for line in lines if line.hat is hat]
            slices = {line.grant.slice: line.condition for line in own}
            post = self._ready(tuple(slices.values()), tuple(every.values()), principal.day)
            hats.append((post.values, tuple(self.value(principal, hat, leaf) for leaf in post.fixed)))
            about += [(id(hat), slice_) for slice_ in slices]
            pairs += [[line.pair for line in own if line.grant.slice == slice_] for slice_ in slices]

        def ask(holds: Holds) -> bool:
            held, maybe = (
                frozenset(pair for of, is_true in zip(pairs, holds, strict=True) if is_true in which for pair in of)
                for which in ((True,), (True, None))
            )
            return self._enforcer.allows(roles, principal.day, entity, action, category, held, maybe)

        return Decision(layout, hats, tuple(about), ask)

    def _layout(self, trees: Trees) -> Layout:
        """What conditions read of a row; kept by the ids of the trees, and with these, so that no others get them."""
        key = tuple(map(id, trees))
        if (kept := self._layouts.get(key)) is None:
            if len(self._layouts) >= _KEPT:
                self._layouts.clear()
            kept = self._layouts[key] = trees, layout_of(trees)
        return kept[1]

    def _ready(self, own: Trees, every: Trees, day: date) -> Ready:
        """The conditions of one post as a function of rows that are laid out for every condition; kept likewise."""
        key = (tuple(map(id, own)), tuple(map(id, every)), day)
        if (kept := self._compiled.get(key)) is None:
            if len(self._compiled) >= _KEPT:
                self._compiled.clear()
            tables = self.organisation.lookups.on(day)
            kept = self._compiled[key] = own, every, ready(own, self._layout(every), tables)
        return kept[2]

    def decide(
        self, principal: Principal, cell: Cell, entity: str, action: str, category: str, row: Mapping[Leaf, Any]
    ) -> bool:
        """The answer for one cell of one row."""
        decision = self.decision(principal, cell, entity, action, category)
        return decision(decision.flat(row))
