"""A Snapshot and the rows to the matrix: what each role opens of each category, and on how many rows for its people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from statistics import median_low

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.audit.opening import Opening, opening
from salesrules.engines.engine import Engine
from salesrules.issue import AccessDenied
from salesrules.pack.policies import ACTIONS, ROW_ACTIONS
from salesrules.run.query import Query
from salesrules.sources.rows.tables import count_rows

_AT_ONCE = 200  # conditions in one statement


@dataclass(frozen=True, slots=True)
class Counts:
    """On how many rows a cell is open, over the people of a role; the median is that of a person who is there."""

    least: int
    median: int
    most: int


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """What one role opens of one category of an entity for one action; no counts where nobody has the role.

    The category of what is done to whole rows is `*`.
    """

    role: str
    entity: str
    category: str
    action: str
    opening: Opening
    counts: Counts | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """Everything that roles open on a day: all cells that any grant speaks of, by role, entity, category and action.

    `rows` counts the records of each entity, `people` those who have a post in each role and are active.
    """

    day: date
    rows: Mapping[str, int]
    people: Mapping[str, int]
    cells: tuple[MatrixCell, ...]


def matrix(engine: Engine, snapshot: Snapshot, day: date, entities: Sequence[str], roles: Sequence[str]) -> Matrix:
    """The matrix of some entities and roles, counted by the filters that lists run on.

    Each role is counted by its own posts: what a person has through another post is told of that post's role.
    """
    people = {role: _people(snapshot, role, day) for role in roles}
    rows = {entity: count_rows(engine, entity) for entity in entities}
    cells = []
    for entity in entities:
        asked = _asked(snapshot, entity, day)
        for role in roles:
            counts = _counts(engine, snapshot, people[role], entity, asked)
            for (action, category), found in zip(asked, counts, strict=True):
                how = opening(snapshot.program, role, day, entity, action, category)
                spread = Counts(min(found), median_low(found), max(found)) if found else None
                cells.append(MatrixCell(role, entity, category, action, how, spread))
    cells.sort(key=lambda cell: (roles.index(cell.role), entities.index(cell.entity)))
    return Matrix(day, rows, {role: len(found) for role, found in people.items()}, tuple(cells))


def _people(snapshot: Snapshot, role: str, day: date) -> list[Principal]:
    """Everyone who has a post in a role on a day, each with the hats of that role only."""
    found = []
    for id in sorted(snapshot.organisation.posts):
        with suppress(AccessDenied):  # a post alone does not make a person who has left active
            person = snapshot.principal(id, day)
            hats = tuple(hat for hat in person.hats if hat.post.role == role)
            found += [replace(person, hats=hats)] if hats else []
    return found


def _asked(snapshot: Snapshot, entity: str, day: date) -> list[tuple[str, str]]:
    """The actions that grants of any role speak of, each with the categories of the entity."""
    pack = snapshot.program.pack
    said = {grant.action for grant in pack.grants if grant.object == entity and grant.on(day)}
    used = {field.category for field in pack.entities[entity].fields.values()}
    categories = [str(category) for category in pack.categories if category in used]
    pairs = [(a, c) for c in categories for a in ACTIONS if a in said and a not in ROW_ACTIONS]
    return [*pairs, *((action, "*") for action in ACTIONS if action in said and action in ROW_ACTIONS)]


def _counts(
    engine: Engine, snapshot: Snapshot, people: Sequence[Principal], entity: str, asked: Sequence[tuple[str, str]]
) -> list[list[int]]:
    """For each (action, category) on how many rows it is open to each person; equal conditions are counted once."""
    found: list[list[int]] = [[] for _ in asked]
    for some in _portions(people, max(1, _AT_ONCE // max(1, len(asked)))):
        query = Query(snapshot, some[0], entity, engine.dialect)
        conditions: dict[str, int] = {}
        places = [
            [
                conditions.setdefault(query.asking(person).allowed(action, (), entity, category), len(conditions))
                for person in some
            ]
            for action, category in asked
        ]
        flags = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in conditions)
        (row,) = engine.rows(f"SELECT {flags} FROM {query.source}", query.values) if conditions else [()]
        for counts, at in zip(found, places, strict=True):
            counts += [row[place] for place in at]
    return found


def _portions(people: Sequence[Principal], size: int) -> Iterator[Sequence[Principal]]:
    yield from (people[start : start + size] for start in range(0, len(people), size))
