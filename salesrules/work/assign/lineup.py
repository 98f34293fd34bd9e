"""A Snapshot to the people who are considered for work, in the order in which chance would put them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from salesrules.access.snapshot import Hat, Principal, Snapshot
from salesrules.expr.typed import Leaf, leaves
from salesrules.issue import AccessDenied
from salesrules.meaning.assignments import Assigning
from salesrules.sources.org.leave import is_away


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person with a post on the day; one who is not active has no principal, and holds no hats.

    `values` is what the rules read of the person, by what they write for it.
    """

    id: str
    principal: Principal | None
    away: bool
    values: Mapping[str, Any]

    @property
    def hats(self) -> tuple[Hat, ...]:
        """The posts in force, in an order of their own."""
        return self.principal.hats if self.principal is not None else ()


@dataclass(frozen=True, slots=True)
class Lineup:
    """Everyone considered. A set of people is an integer whose bit `i` stands for `people[i]`.

    A person can hold several posts: a set of posts is a tuple of such integers, one for the first post of everyone,
    one for the second, and so on, so that what one post satisfies is never taken for what another does.
    """

    people: tuple[Candidate, ...]
    layers: tuple[int, ...]

    def place(self, person: str) -> int | None:
        """Where a person stands, None for who is not considered."""
        return next((at for at, one in enumerate(self.people) if one.id == person), None)


def lineup(
    snapshot: Snapshot, assigning: Assigning, day: date, seed: str, gone: frozenset[str] = frozenset()
) -> Lineup:
    """Everyone with a post on the day; ties that nothing else breaks go to who stands first.

    The order is drawn from the seed by what people are, and by their ids only among those whom no rule tells apart: so
    that giving people other ids changes nothing for the organisation.
    """
    organisation = snapshot.organisation
    held = sorted(id for id, posts in organisation.posts.items() if any(post.on(day) for post in posts))
    asked = _asked(assigning)
    found = []
    for id in held:
        principal = _principal(snapshot, id, day) if id not in gone else None
        values = (
            {leaf_name(leaf): snapshot.value(principal, principal.hats[0], leaf) for leaf in asked} if principal else {}
        )
        found.append(Candidate(id, principal, is_away(organisation.lookups.away, id, day), values))
    people = sorted(found, key=lambda one: (_draw(seed, _nature(one)), _draw(seed, one.id)))
    most = max((len(one.hats) for one in people), default=0)
    layers = tuple(sum(1 << at for at, one in enumerate(people) if len(one.hats) > layer) for layer in range(most))
    return Lineup(tuple(people), layers)


def _principal(snapshot: Snapshot, id: str, day: date) -> Principal | None:
    try:
        found = snapshot.principal(id, day)
    except AccessDenied:
        return None
    return Principal(found.id, day, found.row, tuple(sorted(found.hats, key=_of_post)))


def _of_post(hat: Hat) -> tuple[str, ...]:
    return (hat.post.role, *(f"{name}={value}" for name, value in sorted(hat.post.scope.items())))


def _asked(assigning: Assigning) -> tuple[Leaf, ...]:
    """What rules read of a candidate that is no reference to somebody."""
    read = dict.fromkeys(leaf for tree in assigning.trees() for leaf in leaves(tree) if leaf.root == "candidate")
    return tuple(leaf for leaf in read if leaf.part == "value" and leaf.kind.name != "ref")


def leaf_name(leaf: Leaf) -> str:
    """What people write for a value."""
    return ".".join((*(() if leaf.root == "row" else (leaf.root,)), *leaf.path))


def _nature(one: Candidate) -> str:
    """All that rules can know of a person, without who it is."""
    return repr(([_of_post(hat) for hat in one.hats], sorted(one.values.items()), one.away))


def _draw(seed: str, text: str) -> bytes:
    return hashlib.sha256(f"{seed}\x1f{text}".encode()).digest()
