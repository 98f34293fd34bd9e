"""Nodes with dates to trees by day: one nested set for each stretch of days on which nothing in the tree changes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from salesrules.engines.engine import Engine
from salesrules.expr.sql import quoted
from salesrules.issue import Issue, PackError, Span

Interval = tuple[int, int | None, int]
"""lft, rgt and depth: a subtree is an interval, and roots have depth 0.

A node that is gone and became one other lies where that one begins and holds nothing: it has no rgt.
"""
_TYPES = ("BIGINT", "BIGINT", "BIGINT", "DATE", "DATE")


@dataclass(frozen=True, slots=True)
class Node:
    """A node below its parent on days in `[start, end)`, and what replaces it from `end` on.

    `is_lost` says that it named a parent which is not there.
    """

    id: str
    parent: str | None
    span: Span
    start: date | None = None
    end: date | None = None
    becomes: tuple[str, ...] = ()
    is_lost: bool = False

    def on(self, day: date) -> bool:
        """Whether it is there on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree through time: `starts` are the first days of its epochs, in each of which nothing moves."""

    starts: tuple[date, ...]
    places: tuple[Mapping[str, Interval], ...]

    def epoch(self, day: date) -> int:
        """Which epoch a day lies in."""
        return bisect_right(self.starts, day) - 1

    def on(self, day: date) -> Mapping[str, Interval]:
        """The place of every node of that day; one that is not there has none."""
        return self.places[self.epoch(day)]

    @property
    def names(self) -> frozenset[str]:
        """Every node of any day."""
        return frozenset(id for places in self.places for id in places)


def tree_name(name: str) -> str:
    """The name of the engine's table that holds a tree: id, lft, rgt, depth, and the days `first` to `last`."""
    return f"tree {name}"


def grow(nodes: Sequence[Node], name: str, top: str | None = None) -> Tree:
    """The tree of these nodes in each of its epochs; what nothing stands above is a root.

    A parent that is gone and became one other node is that node: what lay below it moves along. A node whose parent is
    not there has no place, nor has what lies below it: as a root it would lie outside of what it may well lie in.
    Args: nodes: of one id none on the same day. top: a name for the interval of all nodes.
    Raises: PackError if a node is its own ancestor on some day, with every node of each circle.
    """
    days = {day for node in nodes for day in (node.start, node.end) if day is not None}
    starts = tuple(sorted({date.min, *days}))
    by_id: dict[str, list[Node]] = {}
    for node in nodes:
        by_id.setdefault(node.id, []).append(node)
    return Tree(starts, tuple(_on(by_id, day, name, top) for day in starts))


def _on(by_id: Mapping[str, Sequence[Node]], day: date, name: str, top: str | None) -> dict[str, Interval]:
    here = {id: node for id, found in by_id.items() for node in found if node.on(day)}
    parents = {id: _parent(by_id, node, day) for id, node in here.items()}
    lost = [id for id, node in here.items() if _is_lost(by_id, node, day)]
    for id in below(parents, lost):
        del parents[id]
    places: dict[str, Interval] = dict(nested_sets(parents))
    if len(places) < len(parents):
        raise PackError([_circle(circle, here, name) for circle in _circles(parents, places)])
    for id in by_id:
        found = heir(by_id, id, day) if id not in here else None
        if found is not None and found in places:
            lft, _, depth = places[found]
            places[id] = (lft, None, depth)
    if top is not None:
        places[top] = (1, max(1, len(parents)), -1)
    return places


def _is_lost(by_id: Mapping[str, Sequence[Node]], node: Node, day: date) -> bool:
    """Whether a node names a parent, and neither that nor what it became is there."""
    return node.is_lost or (node.parent is not None and heir(by_id, node.parent, day) is None)


def below(parents: Mapping[str, str | None], tops: Iterable[str]) -> set[str]:
    """These nodes and all that lie below them."""
    children: dict[str | None, list[str]] = {}
    for id, parent in parents.items():
        children.setdefault(parent, []).append(id)
    found: set[str] = set()
    ahead = list(tops)
    while ahead:
        id = ahead.pop()
        if id not in found:
            found.add(id)
            ahead.extend(children.get(id, ()))
    return found


def _parent(by_id: Mapping[str, Sequence[Node]], node: Node, day: date) -> str | None:
    """What a node lies below on a day, nothing where it has become its parent itself."""
    found = heir(by_id, node.parent, day) if node.parent is not None else None
    return found if found != node.id or node.parent == node.id else None


def heir(by_id: Mapping[str, Sequence[Node]], id: str, day: date) -> str | None:
    """The node itself if it is there on that day, else the one that it has become; none where it became several."""
    seen = set()
    while id not in seen:
        seen.add(id)
        found = by_id.get(id, ())
        if any(node.on(day) for node in found):
            return id
        gone = [node for node in found if node.end is not None and node.end <= day]
        last = max(gone, key=lambda node: node.end or date.min, default=None)
        if last is None or len(last.becomes) != 1:
            return None
        id = last.becomes[0]
    return None


def nested_sets(parents: Mapping[str, str | None]) -> dict[str, tuple[int, int, int]]:
    """The interval of each node that hangs on a root, in preorder: it holds the intervals of all below it.

    Nodes on a circle, and those below one, have none. A parent that is no node counts as none.
    Source: nested sets by preorder number.
    """
    below: dict[str | None, list[str]] = {}
    for id, parent in parents.items():
        below.setdefault(parent if parent in parents else None, []).append(id)
    found: dict[str, tuple[int, int, int]] = {}
    ahead: list[tuple[str, bool]] = [(id, False) for id in reversed(below.get(None, []))]
    count = level = 0
    starts: dict[str, int] = {}
    while ahead:
        id, left = ahead.pop()
        if left:
            level -= 1
            found[id] = (starts[id], count, level)
            continue
        level += 1
        count += 1
        starts[id] = count
        ahead.append((id, True))
        ahead.extend((child, False) for child in reversed(below.get(id, [])))
    return found


def _circles(parents: Mapping[str, str | None], placed: Mapping[str, Interval]) -> Iterable[list[str]]:
    """Every circle once, each from the node that stands first and then upwards."""
    done = set(placed)
    for start in parents:
        path: list[str] = []
        at: str | None = start
        while at is not None and at not in done:
            done.add(at)
            path.append(at)
            at = parents[at]
        if at in path:
            yield path[path.index(at) :]


def _circle(circle: Sequence[str], here: Mapping[str, Node], name: str) -> Issue:
    words = {"names": " → ".join([*circle, circle[0]]), "tree": name}
    return Issue("tree.cycle", here[circle[0]].span, words)


def write_tree(engine: Engine, name: str, tree: Tree, ids: str = "VARCHAR") -> None:
    """Keep a tree in the database, each place with the days on which it is; `ids` is the engine's type of its nodes."""
    lasts = [start - timedelta(days=1) for start in tree.starts[1:]] + [date.max]
    days = zip(tree.starts, lasts, strict=True)
    rows = [
        (id, *place, *stretch)
        for places, stretch in zip(tree.places, days, strict=True)
        for id, place in places.items()
    ]
    types = dict(zip(("id", "lft", "rgt", "depth", "first", "last"), (ids, *_TYPES), strict=True))
    engine.insert(tree_name(name), {column: [row[at] for row in rows] for at, column in enumerate(types)}, types)


def read_tree(engine: Engine, name: str) -> Tree:
    """A tree out of the database."""
    epochs: dict[date, dict[str, Interval]] = {}
    for id, lft, rgt, depth, first in engine.rows(f"SELECT id, lft, rgt, depth, first FROM {quoted(tree_name(name))}"):
        epochs.setdefault(first, {})[id] = (lft, rgt, depth)
    starts = tuple(sorted({date.min, *epochs}))
    return Tree(starts, tuple(epochs.get(start, {}) for start in starts))
