"""Terms that boxes cannot express to opaque ones: one for all spellings, with the fields that make it null."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from salesrules.expr.kinds import BOOLEAN, DATE, NULL, Kind
from salesrules.expr.regions.logic import Fact, Logic, Not, Opaque
from salesrules.expr.regions.space import Space
from salesrules.expr.regions.spelling import MEMBER, leaf_name, text_of
from salesrules.expr.typed import Apply, Constant, Leaf, Typed

VALUES = ("value", "day")  # the parts of a leaf that are a value of its field
ENDS = frozenset({"lft", "rgt"})  # and those that are its place in a tree
_READ = ENDS | frozenset(VALUES)
_TOTAL = frozenset(("+", "-", "*", "negative", "double", "add days", "add months", "add hours"))
_SPREADS = _TOTAL | {"/"}  # null in, null out; a quotient is null for a zero divisor too


def opaque_comparison(operator: str, a: Typed, b: Typed, space: Space) -> Logic:
    """One term for a comparison in all its spellings."""
    if operator == "<=":
        return Not(opaque_comparison("<", b, a, space))
    if operator == "=":
        a, b = sorted((a, b), key=text_of)
    needs = tuple(dict.fromkeys(is_null(leaf, space) for part in (a, b) for leaf in _needed(part)))
    plain = all(_is_plain(part) for part in (a, b))
    return Opaque(text_of(Apply(BOOLEAN, operator, (a, b))), needs=needs, plain=plain)


def _needed(tree: Typed) -> Iterator[Leaf]:
    """The fields without which there is no value."""
    if isinstance(tree, Leaf) and tree.part in _READ and not is_fixed(tree):
        yield tree
    elif isinstance(tree, Apply) and tree.operator in _SPREADS:
        for argument in tree.arguments:
            yield from _needed(argument)


def _is_plain(tree: Typed) -> bool:
    """Whether the value is there whenever the fields that it needs are."""
    if isinstance(tree, Apply):
        return tree.operator in _TOTAL and all(map(_is_plain, tree.arguments))
    return (isinstance(tree, Leaf) and tree.part in _READ) or (isinstance(tree, Constant) and tree.value is not None)


def is_null(leaf: Leaf, space: Space) -> Fact:
    """That a field is null."""
    return Fact(space.place(leaf), kind_of(leaf) if leaf.part in VALUES else NULL, "null")


def kind_of(leaf: Leaf) -> Kind:
    """The kind of a field; a moment is cut by its day, which `day(...)` asks for."""
    return DATE if leaf.kind.name == "timestamp" else leaf.kind


def is_fixed(tree: Typed) -> bool:
    """Whether it is the same for every record: a constant, or a declared member."""
    return isinstance(tree, Constant) or (isinstance(tree, Leaf) and tree.root.startswith(MEMBER))


def opaque(tree: Typed) -> Opaque:
    """A term that nothing else is known of."""
    return Opaque(text_of(tree))


def with_subtrees(parts: Sequence[Typed], space: Space) -> list[Typed | Opaque]:
    """The parts of an `and`; two that say that one field lies in the subtree of another become one opaque term."""
    found: list[Typed | Opaque] = []
    for part in parts:
        last = found[-1] if found else None
        top = _subtree(last, part, space) if isinstance(last, Apply) and isinstance(part, Apply) else None
        if top is None:
            found.append(part)
        else:
            found[-1] = top
    return found


def _subtree(low: Apply, high: Apply, space: Space) -> Opaque | None:
    if low.operator != ">=" or high.operator != "<=" or low.arguments[0] != high.arguments[0]:
        return None
    thing, first, last = low.arguments[0], low.arguments[1], high.arguments[1]
    if not (isinstance(thing, Leaf) and isinstance(first, Leaf) and isinstance(last, Leaf)):
        return None
    same = (first.root, first.path, "rgt") == (last.root, last.path, last.part) and first.part == "lft"
    if not same or thing.part != "lft" or is_fixed(first) or is_fixed(thing):
        return None
    return Opaque(
        f"within({leaf_name(thing)}, {leaf_name(first)})",
        needs=(is_null(thing, space), is_null(first, space)),
        plain=True,
    )
