"""Typed conditions to logic: and, or, not over facts that speak of one field each, or are opaque."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from salesrules.expr.kinds import BOOLEAN, DATE, NULL, Kind
from salesrules.expr.python import to_python
from salesrules.expr.regions.space import Place, Space
from salesrules.expr.regions.spelling import MEMBER, leaf_name, text_of
from salesrules.expr.typed import Apply, Constant, Leaf, Typed

_FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPPOSITE = {"<>": "=", ">": "<=", ">=": "<"}  # the same with `not` before it, null included


_VALUES = ("value", "day")
_ENDS = frozenset({"lft", "rgt"})
_SPREADS = frozenset(("+", "-", "*", "/", "negative", "double", "add days", "add months", "add hours"))
_READ = _ENDS | frozenset(_VALUES)


@dataclass(frozen=True, slots=True)
class Known:
    """True, false or null whatever the record."""

    value: bool | None


@dataclass(frozen=True, slots=True)
class Fact:
    """`place operator value`, with operator = < <= in like null.

    `part` is lft or rgt when the place in a tree is compared; `value` is then a pair of member and part.
    """

    place: Place
    kind: Kind
    operator: str
    value: object = None
    part: str = "value"


@dataclass(frozen=True, slots=True)
class Opaque:
    """A term that is taken for a yes, no or null of its own: `text` says it, equal terms are one.

    It is null if any fact in `needs` is true (that a field is null), and with `plain` only then.
    """

    text: str
    nullable: bool = True
    needs: tuple[Fact, ...] = ()
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """What is true where `part` is false."""

    part: Logic


@dataclass(frozen=True, slots=True)
class Join:
    """`and` or `or` of its parts."""

    operator: str
    parts: tuple[Logic, ...]


Logic = Known | Fact | Opaque | Not | Join


def logic_of(tree: Typed, space: Space) -> Logic:
    """The logic of a condition; nothing is lost, what cannot be read becomes opaque."""
    tree = _folded(tree)
    if isinstance(tree, Constant):
        return Known(tree.value if isinstance(tree.value, bool) else None)
    if isinstance(tree, Leaf) and tree.part in _VALUES:
        return Fact(space.place(tree), BOOLEAN, "=", True)
    if isinstance(tree, Apply):
        return _applied(tree, space)
    return _opaque(tree)


def _applied(tree: Apply, space: Space) -> Logic:
    first = tree.arguments[0] if tree.arguments else None
    match tree.operator:
        case "and":
            parts = _with_subtrees(tree.arguments, space)
            return Join("and", tuple(p if isinstance(p, Opaque) else logic_of(p, space) for p in parts))
        case "or":
            return Join("or", tuple(logic_of(part, space) for part in tree.arguments))
        case "not":
            return Not(logic_of(tree.arguments[0], space))
        case "is null" if isinstance(first, Leaf) and first.part in (*_VALUES, *_ENDS):
            return _is_null(first, space)
        case "is null":
            return Opaque(text_of(tree), nullable=False)
        case "coalesce" if _readable(tree):
            return _first_value(tree, lambda value: logic_of(value, space), space)
        case "in":
            return _in(tree, space)
        case "like" | "like plain":
            return _like(tree, space)
        case operator if operator in _FLIPPED:
            return _compared(operator, _folded(tree.arguments[0]), _folded(tree.arguments[1]), space)
    return _opaque(tree)


def facts(logic: Logic) -> Iterator[Fact | Opaque]:
    """Every fact and opaque term of the logic, repeats included."""
    if isinstance(logic, Fact | Opaque):
        yield logic
    elif isinstance(logic, Not):
        yield from facts(logic.part)
    elif isinstance(logic, Join):
        for part in logic.parts:
            yield from facts(part)


def _folded(tree: Typed) -> Typed:
    """A part made of constants alone as its value."""
    if isinstance(tree, Apply) and _known(tree):
        return Constant(tree.kind, to_python(tree)({}))
    return tree


def _known(tree: Typed) -> bool:
    return isinstance(tree, Constant) or (isinstance(tree, Apply) and all(map(_known, tree.arguments)))


def _first_value(tree: Apply, say: Callable[[Typed], Logic], space: Space) -> Logic:
    """What is said of the first argument that is not null, and of null if there is none."""
    first, *rest = tree.arguments
    if not rest or not isinstance(first, Leaf):
        return say(_folded(first))
    null = _is_null(first, space)
    otherwise = _first_value(Apply(tree.kind, tree.operator, tuple(rest)), say, space)
    return Join("or", (Join("and", (Not(null), say(first))), Join("and", (null, otherwise))))


def _in(tree: Apply, space: Space) -> Logic:
    thing, options = tree.arguments[0], [_folded(option) for option in tree.arguments[1:]]
    constants = [option.value for option in options if isinstance(option, Constant)]
    if not isinstance(thing, Leaf):
        return (
            Join("or", tuple(_compared("=", thing, option, space) for option in options)) if options else _opaque(tree)
        )
    values = tuple(value for value in constants if value is not None)
    parts: list[Logic] = [Fact(space.place(thing), thing.kind, "in", values)]
    if None in constants:
        parts.append(Known(None))
    parts.extend(_compared("=", thing, option, space) for option in options if not isinstance(option, Constant))
    return parts[0] if len(parts) == 1 else Join("or", tuple(parts))


def _like(tree: Apply, space: Space) -> Logic:
    thing, pattern = tree.arguments[0], _folded(tree.arguments[1])
    if isinstance(thing, Leaf) and isinstance(pattern, Constant):
        return Fact(space.place(thing), thing.kind, "like", pattern.value) if pattern.value is not None else Known(None)
    return _opaque(tree)


def _compared(operator: str, a: Typed, b: Typed, space: Space) -> Logic:
    if _known(a) and _known(b):
        return logic_of(Apply(BOOLEAN, operator, (a, b)), space)
    if _fixed(a) and not _fixed(b):
        operator, a, b = _FLIPPED[operator], b, a
    if operator in _OPPOSITE:
        return Not(_compared(_OPPOSITE[operator], a, b, space))
    if isinstance(a, Apply) and a.operator == "coalesce" and _readable(a) and isinstance(b, Constant):
        return _first_value(a, lambda value: _compared(operator, value, b, space), space)
    if isinstance(a, Leaf) and a == b and a.part in _VALUES:  # false if not null, and for = and <= the opposite
        never = Fact(space.place(a), _kind(a), "in", ())
        return never if operator == "<" else Not(never)
    if isinstance(a, Leaf) and isinstance(b, Constant) and a.part in _VALUES and a.kind.name != "timestamp":
        return Known(None) if b.value is None else Fact(space.place(a), a.kind, operator, b.value)
    if isinstance(a, Leaf) and isinstance(b, Leaf) and {a.part, b.part} <= _ENDS and _fixed(b) and not _fixed(a):
        kind = Kind("member", b.root.removeprefix(MEMBER))
        return Fact(space.place(a), kind, operator, (b.path[0], b.part), a.part)
    return _opaque_comparison(operator, a, b, space)


def _opaque_comparison(operator: str, a: Typed, b: Typed, space: Space) -> Logic:
    """One term for a comparison in all its spellings."""
    if operator == "<=":
        return Not(_opaque_comparison("<", b, a, space))
    if operator == "=":
        a, b = sorted((a, b), key=text_of)
    needs = tuple(dict.fromkeys(_is_null(leaf, space) for part in (a, b) for leaf in _needed(part)))
    plain = all(_is_plain(part) for part in (a, b))
    return Opaque(text_of(Apply(BOOLEAN, operator, (a, b))), needs=needs, plain=plain)


def _needed(tree: Typed) -> Iterator[Leaf]:
    """The fields without which there is no value."""
    if isinstance(tree, Leaf) and _is_plain(tree) and not _fixed(tree):
        yield tree
    elif isinstance(tree, Apply) and tree.operator in _SPREADS:
        for argument in tree.arguments:
            yield from _needed(argument)


def _is_plain(tree: Typed) -> bool:
    """Whether the value is there whenever the fields that it needs are."""
    return (isinstance(tree, Leaf) and tree.part in _READ) or (isinstance(tree, Constant) and tree.value is not None)


def _is_null(leaf: Leaf, space: Space) -> Fact:
    return Fact(space.place(leaf), _kind(leaf) if leaf.part in _VALUES else NULL, "null")


def _kind(leaf: Leaf) -> Kind:
    """The kind of a field; a moment is cut by its day, which `day(...)` asks for."""
    return DATE if leaf.kind.name == "timestamp" else leaf.kind


def _readable(tree: Apply) -> bool:
    """Whether the arguments of a coalesce are fields, the last one perhaps a constant."""
    *fields, last = tree.arguments
    return all(isinstance(part, Leaf) and part.part in _VALUES for part in fields) and (
        _known(last) or (isinstance(last, Leaf) and last.part in _VALUES)
    )


def _fixed(tree: Typed) -> bool:
    return isinstance(tree, Constant) or (isinstance(tree, Leaf) and tree.root.startswith(MEMBER))


def _opaque(tree: Typed) -> Opaque:
    return Opaque(text_of(tree))


def _with_subtrees(parts: Sequence[Typed], space: Space) -> list[Typed | Opaque]:
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
    if not same or thing.part != "lft" or _fixed(first) or _fixed(thing):
        return None
    return Opaque(
        f"within({leaf_name(thing)}, {leaf_name(first)})",
        needs=(_is_null(thing, space), _is_null(first, space)),
        plain=True,
    )
