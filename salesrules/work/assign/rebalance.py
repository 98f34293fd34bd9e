"""Loads that have drifted apart to the fewest moves that bring them within a band, each to somebody who may have it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import Any

import networkx as nx

from salesrules.access.snapshot import Snapshot
from salesrules.engines.duckdb import DuckDB
from salesrules.meaning.assignments import Assigning
from salesrules.run.query import Query
from salesrules.work.assign.arrivals import UNRULED, nobody, read_arrivals
from salesrules.work.assign.checks import panel
from salesrules.work.assign.lineup import lineup
from salesrules.work.assign.lots import Lots
from salesrules.work.assign.run import Before

Group = tuple[str, int]
"""Records of one owner that are alike: the owner, and the kind."""
_ON_THE_WAY = -1
"""The kind of what was given to somebody and its table does not show yet: it is in hand, and not moved again."""


@dataclass(frozen=True, slots=True)
class Move:
    """A record that goes from one person to another."""

    key: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Rebalanced:
    """The moves, the band of records that each person is to have, and the loads before and after.

    `outside` counts the people whom no set of moves brings into the band: nobody else may have what they hold, or
    they may have nothing that others hold.
    """

    low: int
    high: int
    moves: tuple[Move, ...]
    before: Mapping[str, int]
    after: Mapping[str, int]

    @property
    def outside(self) -> int:
        return sum(not self.low <= load <= self.high for load in self.after.values())


def rebalance(
    engine: DuckDB, snapshot: Snapshot, assigning: Assigning, day: date, within: Fraction, seed: str, before: Before
) -> Rebalanced:
    """The fewest moves after which everyone who could have some of the active records has about as many.

    What is on its way to somebody counts as theirs, and stays.
    Args: within: how far from the mean anybody may be, as a share of it. before: what went before.
    """
    asked = panel(snapshot, assigning, lineup(snapshot, assigning, day, seed), day)
    owners = _owners(engine, snapshot, assigning, day)
    reads = [rule.reads for rule in asked.rules]
    new = {**before.waiting, **{key: way.new for key, way in before.moving.items()}}
    still = [key for key in owners if key not in new]
    arrivals = read_arrivals(engine, snapshot, assigning, asked.columns, reads, day, seed, (), still)
    lots, people = Lots(asked, day), [one.id for one in asked.lineup.people]
    able = {
        at: [people[one.at] for one in lots.lot(kind).passed] if kind.rule != UNRULED else []
        for at, kind in enumerate(arrivals.kinds)
    }
    able[_ON_THE_WAY] = []
    groups: dict[Group, list[str]] = {}
    for key, kind in zip(arrivals.keys, arrivals.kind, strict=True):
        groups.setdefault((owners[key], kind), []).append(key)
    for key, owner in new.items():
        if owner is not None:
            groups.setdefault((owner, _ON_THE_WAY), []).append(key)
    could = sorted({id for ids in able.values() for id in ids})
    held = {id: sum(len(keys) for (owner, _), keys in groups.items() if owner == id) for id in could}
    mean = Fraction(sum(held.values()), len(could)) if could else Fraction(0)
    low, high = max(0, ceil(mean * (1 - within))), max(floor(mean * (1 + within)), ceil(mean))
    moves = tuple(fewest_moves(groups, able, could, min(low, floor(mean)), high))
    after = dict(held)
    for move in moves:
        after[move.new] += 1
        if move.old in after:
            after[move.old] -= 1
    return Rebalanced(min(low, floor(mean)), high, moves, held, after)


def _owners(engine: DuckDB, snapshot: Snapshot, assigning: Assigning, day: date) -> dict[str, str]:
    """Who has each active record."""
    query = Query(snapshot, nobody(day), assigning.entity, engine.dialect)
    active = snapshot.program.meanings.active.get(assigning.entity)
    owner = query.column((assigning.sets,))
    where = f"{owner} IS NOT NULL" + (f" AND {query.expression(active)}" if active is not None else "")
    return dict(engine.rows(f"SELECT {query.column(())}, {owner} FROM {query.source} WHERE {where}", query.values))


def fewest_moves(
    groups: Mapping[Group, Sequence[str]], able: Mapping[int, Sequence[str]], people: Sequence[str], low: int, high: int
) -> Iterable[Move]:
    """The moves that leave fewest records outside the band, and of these the fewest.

    Args: groups: the keys of the records of each group. able: who may have a kind. people: whom the band is for.
    Source: minimum-cost flow; a record that stays costs nothing, one that moves 1, one outside the band more than all.
    """
    total = sum(map(len, groups.values()))
    flows: nx.DiGraph[Any] = nx.DiGraph()
    dear = total + 1
    for (owner, kind), keys in groups.items():
        group = ("group", owner, kind)
        flows.add_edge("source", group, capacity=len(keys), weight=0)
        for id in {*able[kind], owner}:
            flows.add_edge(group, ("person", id), capacity=len(keys), weight=int(id != owner))
    for id in sorted({owner for owner, _ in groups} | {*people}):
        bands = {"low": (low, -dear), "band": (high - low, 0), "over": (total, dear)} if id in people else {}
        for name, (capacity, weight) in (bands or {"free": (total, 0)}).items():
            flows.add_edge(("person", id), (name, id), capacity=capacity, weight=weight)
            flows.add_edge((name, id), "sink", capacity=capacity, weight=0)
    if not total:
        return
    flows.nodes["source"]["demand"], flows.nodes["sink"]["demand"] = -total, total
    found = nx.min_cost_flow(flows)
    for (owner, kind), keys in groups.items():
        ahead = iter(keys)
        for (_, id), count in sorted(found["group", owner, kind].items()):
            if id != owner:
                yield from (Move(next(ahead), owner, id) for _ in range(count))
