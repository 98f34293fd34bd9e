"""Records in groups and people in groups to a plan of least cost: how many of each go to each.

It is a minimum-cost flow. networkx solves it; OR-tools does where it is installed, because it is many times faster.
Which of several plans of the same cost comes back depends on the solver: `settling` chooses one that does not.
Source: the network simplex method, as networkx has it, and cost scaling (Goldberg, 1997), as OR-tools has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal, get_args

import networkx as nx
import numpy as np

Solver = Literal["networkx", "ortools"]
SOLVERS: tuple[Solver, ...] = get_args(Solver)
MANY = 5_000
"""From so many ways on OR-tools is worth its start."""


@dataclass(frozen=True, slots=True)
class Carrying:
    """So much `supply` of each row goes to columns that have `room` for it, each unit at a `cost` where `able` is true.

    All arrays are of numbers without fractions; `cost` has Python's own where 64 bits would be too few. The room is
    enough for all, in the last column if need be.
    """

    supply: Any
    room: Any
    cost: Any
    able: Any


def fastest(ways: int) -> Solver:
    """The solver for a network of so many ways."""
    return "ortools" if ways >= MANY and find_spec("ortools") is not None else "networkx"


def least_cost(carrying: Carrying, solver: Solver | None = None) -> Any:
    """How much goes from each row to each column, as a table; the sum of the costs is the least there is.

    Args: solver: the fastest that is at hand if None.
    """
    rows, columns = np.nonzero(carrying.able)
    chosen = solver or fastest(len(rows))
    found = _by_ortools(carrying, rows, columns) if chosen == "ortools" else None
    plan = np.zeros(carrying.able.shape, dtype=np.int64)
    plan[rows, columns] = found if found is not None else _by_networkx(carrying, rows, columns)
    return plan


def _by_ortools(carrying: Carrying, rows: Any, columns: Any) -> Any:
    """The flow on each way; None where the costs are beyond what this solver counts with."""
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    if carrying.cost.dtype == object:
        return None
    height, width = carrying.able.shape
    sink, places = height + width, np.arange(width)
    flows = SimpleMinCostFlow()
    flows.add_arcs_with_capacity_and_unit_cost(
        np.concatenate([rows, height + places]).astype(np.int32),
        np.concatenate([height + columns, np.full(width, sink)]).astype(np.int32),
        np.concatenate([carrying.supply[rows], carrying.room]).astype(np.int64),
        np.concatenate([carrying.cost[rows, columns], np.zeros(width)]).astype(np.int64),
    )
    supplies = np.concatenate([carrying.supply, np.zeros(width), [-carrying.supply.sum()]])
    flows.set_nodes_supplies(np.arange(sink + 1, dtype=np.int32), supplies.astype(np.int64))
    return flows.flows(np.arange(len(rows), dtype=np.int32)) if flows.solve() == flows.OPTIMAL else None


def _by_networkx(carrying: Carrying, rows: Any, columns: Any) -> list[int]:
    graph: nx.DiGraph[Any] = nx.DiGraph()
    ways = list(zip(rows.tolist(), columns.tolist(), strict=True))
    for (row, column), cost in zip(ways, carrying.cost[rows, columns].tolist(), strict=True):
        graph.add_edge(("row", row), ("column", column), weight=cost)
    for column, room in enumerate(carrying.room.tolist()):
        graph.add_edge(("column", column), "sink", capacity=room, weight=0)
    for row, supply in enumerate(carrying.supply.tolist()):
        graph.add_node(("row", row), demand=-supply)
    graph.add_node("sink", demand=int(carrying.supply.sum()))
    found = nx.min_cost_flow(graph)
    return [found["row", row]["column", column] for row, column in ways]
