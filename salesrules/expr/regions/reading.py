"""Typed conditions to logic: every comparison of a field with a constant becomes a fact, what cannot be read opaque."""

from __future__ import annotations

from collections.abc import Callable

from salesrules.expr.kinds import BOOLEAN, Kind
from salesrules.expr.python import to_python
from salesrules.expr.regions.logic import Fact, Join, Known, Logic, Not, Opaque
from salesrules.expr.regions.opaque import (
    ENDS,
    VALUES,
    is_fixed,
    is_null,
    kind_of,
    opaque,
    opaque_comparison,
    with_subtrees,
)
from salesrules.expr.regions.space import Space
from salesrules.expr.regions.spelling import MEMBER
from salesrules.expr.regions.written import text_of
from salesrules.expr.typed import Apply, Constant, Leaf, Typed

_FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPPOSITE = {"<>": "=", ">": "<=", ">=": "<"}  # the same with `not` before it, null included


def logic_of(tree: Typed, space: Space) -> Logic:
    """The logic of a condition; nothing is lost, what cannot be read becomes opaque."""
    tree = _folded(tree)
    if isinstance(tree, Constant):
        return Known(tree.value if isinstance(tree.value, bool) else None)
    if isinstance(tree, Leaf) and tree.part in VALUES:
        return Fact(space.place(tree), BOOLEAN, "=", True)
    if isinstance(tree, Apply):
        return _applied(tree, space)
    return opaque(tree, space)


def _applied(tree: Apply, space: Space) -> Logic:
    first = tree.arguments[0] if tree.arguments else None
    match tree.operator:
        case "and":
            parts = with_subtrees(tree.arguments, space)
            return Join("and", tuple(p if isinstance(p, Opaque) else logic_of(p, space) for p in parts))
        case "or":
            return Join("or", tuple(logic_of(part, space) for part in tree.arguments))
        case "not":
            return Not(logic_of(tree.arguments[0], space))
        case "is null" if isinstance(first, Leaf) and first.part in (*VALUES, *ENDS):
            return is_null(first, space)
        case "is null":
            return Opaque(text_of(tree, space), nullable=False)
        case "coalesce" if _readable(tree):
            return _first_value(tree, lambda value: logic_of(value, space), space)
        case "in":
            return _in(tree, space)
        case "like" | "like plain":
            return _like(tree, space)
        case operator if operator in _FLIPPED:
            return _compared(operator, _folded(tree.arguments[0]), _folded(tree.arguments[1]), space)
    return opaque(tree, space)


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
    null = is_null(first, space)
    otherwise = _first_value(Apply(tree.kind, tree.operator, tuple(rest)), say, space)
    return Join("or", (Join("and", (Not(null), say(first))), Join("and", (null, otherwise))))


def _in(tree: Apply, space: Space) -> Logic:
    thing, options = tree.arguments[0], [_folded(option) for option in tree.arguments[1:]]
    constants = [option.value for option in options if isinstance(option, Constant)]
    if not isinstance(thing, Leaf) or thing.part not in VALUES or thing.kind.name == "timestamp":
        each = tuple(_compared("=", thing, option, space) for option in options)
        return Join("or", each) if each else opaque(tree, space)
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
    return opaque(tree, space)


def _compared(operator: str, a: Typed, b: Typed, space: Space) -> Logic:
    if _known(a) and _known(b):
        return logic_of(Apply(BOOLEAN, operator, (a, b)), space)
    if is_fixed(a) and not is_fixed(b):
        operator, a, b = _FLIPPED[operator], b, a
    if operator in _OPPOSITE:
        return Not(_compared(_OPPOSITE[operator], a, b, space))
    if isinstance(a, Apply) and a.operator == "coalesce" and _readable(a) and isinstance(b, Constant):
        return _first_value(a, lambda value: _compared(operator, value, b, space), space)
    if isinstance(a, Leaf) and a == b and a.part in VALUES:  # false if not null, and for = and <= the opposite
        never = Fact(space.place(a), kind_of(a), "in", ())
        return never if operator == "<" else Not(never)
    if isinstance(a, Leaf) and isinstance(b, Constant) and a.part in VALUES and a.kind.name != "timestamp":
        return Known(None) if b.value is None else Fact(space.place(a), a.kind, operator, b.value)
    if isinstance(a, Leaf) and isinstance(b, Leaf) and {a.part, b.part} <= ENDS and is_fixed(b) and not is_fixed(a):
        kind = Kind("member", b.root.removeprefix(MEMBER))
        return Fact(space.place(a), kind, operator, (b.path[0], b.part), a.part)
    return opaque_comparison(operator, a, b, space)


def _readable(tree: Apply) -> bool:
    """Whether the arguments of a coalesce are fields, the last one perhaps a constant."""
    *fields, last = tree.arguments
    return all(isinstance(part, Leaf) and part.part in VALUES for part in fields) and (
        _known(last) or (isinstance(last, Leaf) and last.part in VALUES)
    )
