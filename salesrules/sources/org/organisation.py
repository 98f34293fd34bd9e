"""Typed tables to the Organisation: people, their posts with dates, and the trees that they and the dimensions form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from salesrules.engines.engine import Engine
from salesrules.issue import Issue
from salesrules.meaning import PERSON
from salesrules.pack.pack import Pack
from salesrules.sources.build import REJECTS
from salesrules.sources.org.lookups import Lookups, read_lookups
from salesrules.sources.org.members import ROLE
from salesrules.sources.org.posts import Post, WrongPost, read_posts
from salesrules.sources.org.trees import Tree, read_tree
from salesrules.sources.org.uprooted import uprooted
from salesrules.sources.rows.faults import Reject
from salesrules.sources.rows.places import Places, carried_day
from salesrules.sources.rows.tables import KEY, all_values

_HERE = Path()


@dataclass(frozen=True, slots=True)
class Organisation:
    """Posts by person, and the trees through time; what could not be read beside it.

    `rows` has, by entity and key, the people and whatever else conditions about the asker walk through; `lookups`
    are the value tables; `wrong_posts` each line of the posts that something is wrong with.
    The records carry the places of the day `carried`, or none; `doubts` are warnings about who stands above whom.
    """

    rows: Mapping[str, Mapping[str, Mapping[str, Any]]]
    posts: Mapping[str, tuple[Post, ...]]
    trees: Mapping[str, Tree]
    rejects: tuple[Reject, ...]
    lookups: Lookups
    carried: date | None
    wrong_posts: tuple[WrongPost, ...] = ()
    doubts: tuple[Issue, ...] = ()

    @property
    def people(self) -> Mapping[str, Mapping[str, Any]]:
        """People by id."""
        return self.rows[PERSON]

    def on(self, day: date) -> Places:
        """Where the places of a day are to be found: beside the records in the epochs for which they were written."""
        if self.carried is None:
            return Places(day, frozenset(), written=True)
        carried = self.carried
        return Places(day, frozenset(n for n, tree in self.trees.items() if tree.epoch(day) == tree.epoch(carried)))


def read_organisation(engine: Engine, pack: Pack, kept: Iterable[str] = (PERSON,), root: Path = _HERE) -> Organisation:
    """The organisation out of a database that `build` has filled.

    Args: kept: the entities whose rows the organisation itself keeps, people among them. root: the folder that the
        places of files start from.
    """
    names = (*pack.dimensions, ROLE, *(id for id in pack.entities if pack.tree_of(id)))
    trees = {name: read_tree(engine, name) for name in dict.fromkeys(names)}
    rows = {entity: {row[KEY]: row for row in all_values(engine, entity)} for entity in kept}
    posts, wrong, places = read_posts(engine, pack, rows[PERSON], root)
    rejects = (Reject(**{**row, "rows": int(row["rows"])}) for row in all_values(engine, REJECTS))
    lookups, doubts = read_lookups(engine, pack, trees), tuple(uprooted(engine, pack, root))
    return Organisation(rows, posts, trees, (*rejects, *wrong), lookups, carried_day(engine), tuple(places), doubts)
