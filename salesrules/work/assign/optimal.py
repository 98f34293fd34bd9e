"""All waiting records of a rule at once to who gets each: as many as there is room for, and of these the best total.

Records that are alike are one node of a network, so its size goes with the kinds and people, not with the records.
Source: minimum-cost flow by the network simplex method, as networkx has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import networkx as nx

from salesrules.work.assign.lots import Lot
from salesrules.work.assign.turns import whole

_SOURCE, _SINK, _LEFT = ("source",), ("sink",), ("left",)


def best_total(waiting: Sequence[int], lots: Mapping[int, Lot], room: Mapping[int, int]) -> list[int | None]:
    """The place of who gets each record, None for what there is no room for.

    Args: waiting: the kind of each record in order. lots: by kind. room: how many more each place can get.
    """
    counts = Counter(waiting)
    exact = {(kind, one.at): Fraction(one.values[0]) for kind in counts for one in lots[kind].passed}
    values = dict(zip(exact, whole(list(exact.values())), strict=True))
    most = max((abs(value) for value in values.values()), default=0)
    flows: nx.DiGraph[Any] = nx.DiGraph()
    for kind, count in counts.items():
        flows.add_edge(_SOURCE, (kind,), capacity=count, weight=0)
        flows.add_edge((kind,), _LEFT, capacity=count, weight=(most + 1) * 2 * (len(counts) + len(room) + 1))
        for one in lots[kind].passed:
            flows.add_edge((kind,), ("person", one.at), capacity=count, weight=most - values[kind, one.at])
    for at, more in room.items():
        flows.add_edge(("person", at), _SINK, capacity=max(0, more), weight=0)
    flows.add_edge(_LEFT, _SINK, capacity=len(waiting), weight=0)
    flows.nodes[_SOURCE]["demand"], flows.nodes[_SINK]["demand"] = -len(waiting), len(waiting)
    found = nx.min_cost_flow(flows)
    people = {kind: _people(found[kind,]) for kind in counts}
    return [next(people[kind], None) for kind in waiting]


def _people(found: Mapping[tuple[object, ...], int]) -> Iterator[int]:
    """Each person as often as the person gets a record of a kind, those who stand first in the lineup first."""
    for node in sorted(node for node in found if node[0] == "person"):
        for _ in range(found[node]):
            yield int(str(node[1]))
