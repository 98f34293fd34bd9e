"""What an expression means: a tree whose every node has a kind and every name a path to a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from salesrules.expr.kinds import BOOLEAN, Kind

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Constant:
    """A value known when the pack is read; a null has the kind that its place asks for."""

    kind: Kind
    value: object


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value known when the question is asked.

    `root` is `row`, `user`, `post`, `candidate`, `person` (who is paid), `state`, `leave` (that of the candidate
    today), `credit` (who gets it), `handover` (the one in force), `dimension` (its member in question), `period`,
    `member:DIMENSION`, `kpi`, `today`, `now` or, inside `some` and `count`, `many`; `path` walks references from
    there, and an empty one is the key of the thing itself. `part` is `value`; for the place of a thing in its tree
    `lft`, `rgt` (nested sets: a subtree is an interval) or `depth`; for a timestamp `day`; for records that point at
    it `many NAME`; for a KPI `prior`, `same_period_last_year`, `ytd`, `rolling N`, `target` or `attainment`;
    `each ROWS` where the path leads to several rows of that table: a condition is true if it is true of any of them.
    """

    kind: Kind
    root: str
    path: tuple[str, ...]
    part: str = "value"


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator of the table in `operators.py` on its arguments."""

    kind: Kind
    operator: str
    arguments: tuple[Typed, ...]


@dataclass(frozen=True, slots=True)
class Lookup:
    """The value of a value table for its keys; `table` is its id, or one that the product has.

    Those are `leave`, `working days`, `working hours`, `working now`, `owner at` and `handover`.
    """

    kind: Kind
    table: str
    arguments: tuple[Typed, ...]


@dataclass(frozen=True, slots=True)
class Related:
    """`some` or `count` of the records that point at one: rows of `entity` whose field `by` is the key `rows` leads to.

    `rows` is the leaf that holds these rows where records come flat: each a sequence laid out
    as `related_reads_of` says.
    """

    kind: Kind
    function: str
    rows: Leaf
    entity: str
    by: str
    where: Typed


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A sum, count, avg, min, max, median or quantile over the rows of an entity for which `where` is true."""

    kind: Kind
    function: str
    argument: Typed | None
    distinct: bool = False
    where: Typed | None = None
    level: object = None


Typed = Constant | Leaf | Apply | Lookup | Related | Aggregate


def parts(tree: Typed) -> tuple[Typed, ...]:
    """What a node is made of; the condition of related rows is asked of them and is no part of it."""
    if isinstance(tree, Apply | Lookup):
        return tree.arguments
    if isinstance(tree, Aggregate):
        return tuple(part for part in (tree.argument, tree.where) if part is not None)
    return ()


def fold(tree: Typed, combine: Callable[[Typed, Sequence[T]], T]) -> T:
    """The value of a tree from the values of its parts, left to right, at any depth without recursion."""
    done: list[T] = []
    ahead: list[tuple[Typed, bool]] = [(tree, False)]
    while ahead:
        node, ready = ahead.pop()
        below = parts(node)
        if below and not ready:
            ahead.append((node, True))
            ahead.extend((part, False) for part in reversed(below))
            continue
        found = done[len(done) - len(below) :]
        del done[len(done) - len(below) :]
        done.append(combine(node, found))
    return done[0]


def nodes(tree: Typed) -> Iterator[Typed]:
    """Every node of the tree, from the top and from left to right, those inside `some` and `count` too."""
    ahead = [tree]
    while ahead:
        node = ahead.pop()
        yield node
        ahead.extend(reversed((node.where,) if isinstance(node, Related) else parts(node)))


def leaves(tree: Typed) -> Iterator[Leaf]:
    """Every leaf of the tree, from left to right, repeats included; those inside `some` and `count` too."""
    for node in nodes(tree):
        if isinstance(node, Leaf):
            yield node
        elif isinstance(node, Related):
            yield node.rows


def reads_of(tree: Typed) -> tuple[Leaf, ...]:
    """The layout of the flat row that the tree is computed from: each leaf once, without those of related rows."""
    return tuple(dict.fromkeys(leaf for leaf in leaves(tree) if leaf.root != "many"))


def related_reads_of(tree: Typed) -> dict[Leaf, tuple[Leaf, ...]]:
    """The layout of related rows, by the leaf that holds them: what all `some` and `count` of the tree read of them."""
    found: dict[Leaf, dict[Leaf, None]] = {}
    for node in nodes(tree):
        if isinstance(node, Related):
            inside = (leaf for leaf in leaves(node.where) if leaf.root == "many")
            found.setdefault(node.rows, {}).update(dict.fromkeys(inside))
    return {rows: tuple(reads) for rows, reads in found.items()}


def atoms(tree: Typed) -> tuple[Typed, ...]:
    """The conditions that `and`, `or` and `not` tie together, from left to right: what an explanation names."""
    found: list[Typed] = []
    ahead = [tree]
    while ahead:
        node = ahead.pop()
        if isinstance(node, Apply) and node.operator in ("and", "or", "not") and node.kind == BOOLEAN:
            ahead.extend(reversed(node.arguments))
        else:
            found.append(node)
    return tuple(found)


def below(tree: Typed, path: tuple[str, ...]) -> Typed:
    """The same condition asked of the record at the end of `path`: what `via opportunity` makes of a slice."""

    def move(node: Typed, found: Sequence[Typed]) -> Typed:
        if isinstance(node, Leaf):
            return replace(node, path=(*path, *node.path)) if node.root == "row" else node
        if isinstance(node, Apply | Lookup):
            return replace(node, arguments=tuple(found))
        if isinstance(node, Related):
            rows = move(node.rows, ())
            assert isinstance(rows, Leaf)
            return replace(node, rows=rows, where=below(node.where, path))
        return node

    return fold(tree, move)
