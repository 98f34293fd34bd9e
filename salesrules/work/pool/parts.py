"""A pool that is split by the level of a dimension, to the part that a record lies in and those that a post reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from salesrules.access.snapshot import Hat, Snapshot
from salesrules.pack.entities import Entity
from salesrules.pack.pack import Pack
from salesrules.pack.pools import Pool
from salesrules.sources.org.members import EVERYTHING
from salesrules.sources.org.trees import Interval


@dataclass(frozen=True, slots=True)
class Parts:
    """How a pool is split on a day: `by` is the field that says where a record lies; without one it is a single part.

    `places` are the intervals of all members, `tops` those of the parts.
    """

    dimension: str | None = None
    by: str | None = None
    places: Mapping[str, Interval] = field(default_factory=dict)
    tops: Mapping[str, Interval] = field(default_factory=dict)

    def of(self, place: int | None) -> str | None:
        """The part that a place of the tree lies in; none where it is not known, or above all parts."""
        return next((id for id, at in self.tops.items() if place is not None and _holds(at, place)), None)

    def reaches(self, hat: Hat, part: str | None, *, unbound: bool = False) -> bool:
        """Whether a post is bound to a part, to something in it or above it.

        Args: unbound: what is said of a post that is not bound to the dimension at all.
        """
        if self.dimension is None:
            return True
        bound = hat.post.scope.get(self.dimension)
        if bound is None:
            return unbound
        at, of = self.tops.get(part or ""), self.places.get(bound)
        return at is not None and of is not None and (_holds(at, of[0]) or _holds(of, at[0]))


def _holds(outer: Interval, place: int) -> bool:
    lft, rgt, _ = outer
    return rgt is not None and lft <= place <= rgt


def parts_of(snapshot: Snapshot, pool: Pool, day: date) -> Parts:
    """The parts of a pool; where its level is not named, every member that has none below it is one."""
    pack = snapshot.program.pack
    if pool.per is None:
        return Parts()
    name, _, level = pool.per.partition("/")
    known = snapshot.organisation.trees[name].on(day)
    places = {id: at for id, at in known.items() if id != EVERYTHING and at[1] is not None}
    levels = [each.id for each in pack.dimensions[name].levels]
    if level:
        tops = {id: at for id, at in places.items() if at[2] == levels.index(level)}
    else:
        tops = {id: at for id, at in places.items() if at[0] == at[1]}
    return Parts(name, split_by(pack, pack.entities[pool.entity], name), known, tops)


def split_by(pack: Pack, entity: Entity, dimension: str) -> str | None:
    """The field of an entity that says where in a dimension a record lies: the one of its name, else the only one."""
    found = [each.id for each in entity.fields.values() if each.dimension == dimension]
    return dimension if dimension in found else found[0] if len(found) == 1 else None
