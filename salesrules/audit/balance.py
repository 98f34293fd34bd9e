"""Potential, records and posts to how evenly territories are staffed; for those who run the workspace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from salesrules.access.snapshot import Snapshot
from salesrules.engines.engine import Engine
from salesrules.expr.sql import quoted
from salesrules.issue import AccessDenied
from salesrules.pack.dimensions import Dimension, Member
from salesrules.pack.pack import Pack
from salesrules.pack.potential import Factor, Potential
from salesrules.sources.org.members import EVERYTHING
from salesrules.sources.org.trees import Interval

Places = Mapping[str, Interval]


@dataclass(frozen=True, slots=True)
class Territory:
    """A member: its share of the potential, none where that is not known; the records in it; the people, in parts."""

    member: str
    potential: Fraction | None
    records: int
    people: Fraction

    @property
    def each(self) -> Fraction | None:
        """The potential for each person, none where nobody is or none is known."""
        return self.potential / self.people if self.potential is not None and self.people else None

    @property
    def records_each(self) -> Fraction | None:
        """The records for each person, none where nobody is."""
        return self.records / self.people if self.people else None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A lowest member whose potential is not known, because a factor is missing, or is no number that it could be."""

    member: str
    factor: str
    found: str | None


@dataclass(frozen=True, slots=True)
class Balance:
    """The territories of a dimension on a day, the busiest first; `elsewhere` are records that lie in none of them."""

    day: date
    dimension: str
    territories: tuple[Territory, ...]
    unknown: tuple[Unknown, ...]
    elsewhere: int


def balance(
    engine: Engine, snapshot: Snapshot, day: date, dimension: Dimension, potential: Potential, depth: int | None
) -> Balance:
    """Compare the members at a depth of the tree, the lowest where none is given, with the people who have posts there.

    A member that ends above that depth stands for itself, so that shares total 100 %. A person counts once: in equal
    parts for each post that counts, and within a post for each of the lowest members that it covers. Posts of people
    who are not active, and of members that are not there on the day, do not count.
    """
    tree = snapshot.organisation.trees[dimension.id].on(day)
    places = standing(tree)
    lowest, shown = members_at(places, None), members_at(places, depth)
    shares, unknown = shares_of({id: _attributes(dimension).get(id, {}) for id in lowest}, potential)
    people = _people(snapshot, day, dimension.id, potential, tree, lowest)
    records = _records(engine, snapshot.program.pack, dimension.id, potential, tree)
    found = []
    for id in shown:
        inside = [low for low in lowest if _holds(places[id], places[low])]
        known = [shares[low] for low in inside if low in shares]
        worth = sum(known, Fraction(0)) if known else None
        count = sum(rows for lft, rows in records.items() if _holds(places[id], (lft, lft, 0)))
        found.append(Territory(id, worth, count, sum((people[low] for low in inside), Fraction(0))))
    left = sum(records.values()) - sum(territory.records for territory in found)
    return Balance(day, dimension.id, tuple(sorted(found, key=_busiest_first)), tuple(unknown), left)


def standing(tree: Places) -> dict[str, Interval]:
    """The members that lie in a tree on its day, each with its place."""
    return {id: place for id, place in tree.items() if id != EVERYTHING and place[1] is not None}


def members_at(places: Places, depth: int | None) -> list[str]:
    """The members at a depth of a tree with those that end above it, the lowest where no depth is given."""
    lowest = {id for id, (lft, rgt, _) in places.items() if lft == rgt}
    return [id for id, (_, _, at) in places.items() if at == depth or (id in lowest and (depth is None or at < depth))]


def _busiest_first(territory: Territory) -> tuple[int, Fraction, str]:
    """Those with potential and nobody there, then by the potential for each, then those of which none is known."""
    if territory.potential is None:
        return 2, Fraction(0), territory.member
    if not territory.people:
        return (0 if territory.potential else 2), -territory.potential, territory.member
    return 1, -(territory.potential / territory.people), territory.member


def shares_of(
    values: Mapping[str, Mapping[str, str]], potential: Potential
) -> tuple[dict[str, Fraction], list[Unknown]]:
    """The share of each member in the potential of all, from its attributes.

    A factor is normalised to shares: its value divided by the sum over the members, so that shares can be added up
    along a tree and total 1; of an inverse factor the value is one divided by it. The potential of a member is the
    weighted sum of its shares. A member of which a factor is missing, negative, or zero where it is inverse, is left
    out of all sums and told. A factor that is zero everywhere is shared equally.

    Source: the form of the Buying Power Index (Sales & Marketing Management, Survey of Buying Power), a weighted sum of
    an area's shares in income, retail sales and population.
    """
    read = {id: {f.id: _number(found.get(f.id), f) for f in potential.factors.values()} for id, found in values.items()}
    unknown = [
        Unknown(id, name, values[id].get(name))
        for id, numbers in read.items()
        for name, number in numbers.items()
        if number is None
    ]
    known: dict[str, dict[str, Fraction]] = {
        id: {name: number for name, number in numbers.items() if number is not None}
        for id, numbers in read.items()
        if None not in numbers.values()
    }
    totals = {name: sum((numbers[name] for numbers in known.values()), Fraction(0)) for name in potential.factors}
    shares = {
        id: sum(
            (
                Fraction(factor.weight) * (numbers[name] / totals[name] if totals[name] else Fraction(1, len(known)))
                for name, factor in potential.factors.items()
            ),
            Fraction(0),
        )
        for id, numbers in known.items()
    }
    return shares, unknown


def _number(text: str | None, factor: Factor) -> Fraction | None:
    """What a factor counts with, None if it cannot be."""
    try:
        value = Decimal(text.strip()) if text else None
    except InvalidOperation:
        return None
    if value is None or not value.is_finite() or value < 0 or (factor.inverse and not value):
        return None
    return 1 / Fraction(value) if factor.inverse else Fraction(value)


def _attributes(dimension: Dimension) -> dict[str, Mapping[str, str]]:
    members: tuple[Member, ...] = dimension.members if isinstance(dimension.members, tuple) else ()
    return {member.id: member.attributes for member in members}


def _people(
    snapshot: Snapshot, day: date, dimension: str, potential: Potential, tree: Places, lowest: list[str]
) -> dict[str, Fraction]:
    """How many people are in each of the lowest members."""
    found: dict[str, Fraction] = defaultdict(Fraction)
    for person in sorted(snapshot.organisation.posts):
        covered = [
            below
            for role, member in _bound(snapshot, person, day, dimension)
            if (role in potential.roles or not potential.roles) and member in tree
            if (below := [low for low in lowest if _holds(tree[member], tree[low])])
        ]
        for below in covered:
            for low in below:
                found[low] += Fraction(1, len(covered) * len(below))
    return found


def _bound(snapshot: Snapshot, person: str, day: date, dimension: str) -> Iterator[tuple[str, str]]:
    """The posts of an active person that are bound to a member: the role and the member of each."""
    with suppress(AccessDenied):
        for hat in snapshot.principal(person, day).hats:
            member = hat.post.scope.get(dimension)
            if member is not None and dimension in snapshot.program.pack.roles[hat.post.role].scope:
                yield hat.post.role, member


def _records(engine: Engine, pack: Pack, dimension: str, potential: Potential, tree: Places) -> dict[int, int]:
    """How many records lie at each place of the tree; those that lie nowhere at 0."""
    fields = pack.entities[potential.of].fields.values()
    (field,) = [field.id for field in fields if field.type == "member" and field.dimension == dimension]
    column, table = quoted(field), quoted(potential.of)
    found: dict[int, int] = defaultdict(int)
    for member, rows in engine.rows(f"SELECT CAST({column} AS VARCHAR), count(*) FROM {table} GROUP BY 1"):
        found[tree[member][0] if member in tree else 0] += rows
    return found


def _holds(outer: Interval, inner: Interval) -> bool:
    """Whether a place lies in a subtree."""
    return outer[1] is not None and outer[0] <= inner[0] <= outer[1]
