"""Terms that boxes cannot express to opaque ones: one for all spellings, with the fields that make it null."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from salesrules.expr.kinds import BOOLEAN, DATE, NULL, Kind
from salesrules.expr.regions.logic import Fact, Logic, Not, Opaque
from salesrules.expr.regions.space import Space
from salesrules.expr.regions.spelling import MEMBER
from salesrules.expr.regions.subtrees import Subtree, interval, subtree_of, subtree_text
from salesrules.expr.regions.written import text_of
from salesrules.expr.typed import Apply, Constant, Leaf, Typed

VALUES = ("value", "day")  # the parts of a leaf that are a value of its field
ENDS = frozenset({"lft", "rgt"})  # and those that are its place in a tree
_READ = ENDS | frozenset(VALUES)
_TOTAL = frozenset(("+", "-", "*", "negative", "double"))
# null in, null out; a quotient is null for a zero divisor too, a move where it leaves the calendar
_SPREADS = _TOTAL | {"/", "add days", "add months", "add hours"}


def opaque_comparison(operator: str, a: Typed, b: Typed, space: Space) -> Logic:
    """One term for a comparison in all its spellings."""
    if operator == "<=":
        return Not(opaque_comparison("<", b, a, space))
    if operator == "=":
        a, b = sorted((a, b), key=lambda part: (is_fixed(part), text_of(part, space)))
    needs = tuple(dict.fromkeys(is_null(leaf, space) for part in (a, b) for leaf in _needed(part)))
    plain = all(_is_plain(part) for part in (a, b))
    if is_fixed(a):  # people write what is known on the right
        operator, a, b = {"<": ">"}.get(operator, operator), b, a
    return Opaque(text_of(Apply(BOOLEAN, operator, (a, b)), space), needs=needs, plain=plain)


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


def opaque(tree: Typed, space: Space) -> Opaque:
    """A term that nothing else is known of."""
    return Opaque(text_of(tree, space))


def with_subtrees(parts: Sequence[Typed], space: Space) -> list[Typed | Opaque]:
    """The parts of an `and`; what says that one thing lies in the subtree of another becomes one opaque term."""
    found: list[Typed | Opaque] = []
    for part in parts:
        last = found[-1] if found else None
        top = interval(last, part) if isinstance(last, Apply) else None
        if top is None or not _is_open(top, space):
            found.append(part)
        else:
            found[-1] = opaque_subtree(top, space)
    if (limited := subtree_of(Apply(BOOLEAN, "and", tuple(parts)))) is not None and limited.levels is not None:
        found[-1] = opaque_subtree(limited, space)  # beside the subtree itself, of which it is a part
    return found


def _is_open(found: Subtree, space: Space) -> bool:
    """Whether the pieces of a field cannot say it: the tree is not known, or its top depends on the record."""
    if is_fixed(found.thing):
        return False
    tree = space.trees.get(found.top.root.removeprefix(MEMBER))
    return not is_fixed(found.top) or tree is None or found.top.path[0] not in tree.at


def opaque_subtree(found: Subtree, space: Space) -> Opaque:
    """One term for a subtree; that of a member is perhaps in no tree, and then null."""
    ends = [leaf for leaf in (found.thing, found.top) if not is_fixed(leaf)]
    needs = tuple(is_null(leaf, space) for leaf in ends)
    return Opaque(subtree_text(found, space), needs=needs, plain=len(ends) == 2)
