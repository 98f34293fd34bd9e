"""A Snapshot compared with Casbin: every kind of cell, with every set of one or two slices that a line there names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from random import Random

from salesrules.access.enforcer import Enforcer
from salesrules.access.snapshot import Cell, Hat, Principal, Snapshot, pair_of
from salesrules.pack.policies import ROW_ACTIONS, Grant

MOST = 200_000
_SEED = 1


@dataclass(frozen=True, slots=True)
class Question:
    """May people with these roles do this to a category, where these pairs of role and slice hold and no others?"""

    roles: tuple[str, ...]
    object: str
    action: str
    category: str
    held: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many questions were put to both, of how many there are, and those that are answered differently."""

    compared: int
    possible: int
    differences: tuple[Question, ...]


def agree(snapshot: Snapshot, day: date, most: int = MOST) -> Agreement:
    """Ask both about every kind of cell on a day; where that is more than `most`, about each once and a sample.

    One or two slices are enough: a set of slices is allowed if some slice of it is allowed together with each other
    one, and both sides are compared on all of these. What lines on other actions, categories and roles name is asked
    about one by one, and must open nothing.
    """
    enforcer, draw = Enforcer(snapshot.program), Random(_SEED)  # noqa: S311 - a sample, no secret
    kinds = list(_kinds(snapshot, day))
    possible = sum(len(sets) for *_, sets in kinds)
    share = min(1.0, most / possible) if possible else 1.0
    compared, differences = 0, []
    for principal, object, action, category, sets in kinds:
        cell = snapshot.cell(principal, object, action, category)
        for at, held in enumerate(sets):
            if at and draw.random() >= share:
                continue
            compared += 1
            true = frozenset(held)
            if _allowed(cell, true) != enforcer.allows(principal.roles, day, object, action, category, true, true):
                differences.append(Question(tuple(sorted(principal.roles)), object, action, category, held))
    return Agreement(compared, possible, tuple(differences))


def _kinds(snapshot: Snapshot, day: date) -> Iterator[tuple[Principal, str, str, str, list[tuple[str, ...]]]]:
    """Every (role set, object, action, category) that lines are about, on any day, with the slices to ask about."""
    pack, seen = snapshot.program.pack, set[frozenset[str]]()
    for person, held in sorted(snapshot.organisation.posts.items()):
        hats = tuple(Hat(post, snapshot.program.roles[post.role]) for post in held if post.on(day))
        principal = Principal(person, day, {}, hats)
        if principal.roles in seen:
            continue
        seen.add(principal.roles)
        for object in pack.entities:
            lines = [grant for grant in snapshot.program.grants if grant.object == object]
            known = sorted({field.category for field in pack.entities[object].fields.values()})
            for action in sorted({grant.action for grant in lines if grant.role in principal.roles}):
                for category in ["*"] if action in ROW_ACTIONS else known:
                    yield principal, object, action, category, _sets(principal, lines, action, category)


def _sets(principal: Principal, lines: list[Grant], action: str, category: str) -> list[tuple[str, ...]]:
    """Each pair of role and slice in a line on the object, and each two of those in lines on this very kind of cell."""
    about = {
        pair_of(grant)
        for grant in lines
        if grant.role in principal.roles and grant.action == action and grant.category in ("*", category)
    }
    return [*((pair,) for pair in sorted({pair_of(grant) for grant in lines})), *combinations(sorted(about), 2)]


def _allowed(cell: Cell, held: frozenset[str]) -> bool:
    """What the filter of lists and figures makes of these lines."""
    opened = any(line.pair in held for line in cell.allows)
    return opened and not any(line.pair in held for line in cell.denies)
