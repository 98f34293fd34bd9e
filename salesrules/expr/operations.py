"""The rule of each operator: which kinds it takes, what it gives, and what the checker says where it is misused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext

from salesrules.expr.fit import literal_as, meet, product, quotient
from salesrules.expr.kinds import BOOLEAN, DECIMAL, INTEGER, NULL, NUMBERS, ORDERED, TEXT, Kind
from salesrules.expr.literals import MAX_DIGITS, MAX_PLACES
from salesrules.expr.reading import Reading
from salesrules.expr.syntax import Node, Operation
from salesrules.expr.typed import Apply, Constant, Lookup, Typed, leaves
from salesrules.expr.worked import DAYS, HOURS

Args = list[Typed]
_WORKED = {("date", "wd"): DAYS, ("timestamp", "wh"): HOURS}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def operation(reading: Reading, node: Operation) -> Typed:
    """The meaning of an operation.

    Raises: Wrong, its issue noted.
    """
    return _RULES[node.symbol](reading, node, reading.trees(node.operands))


def both(*conditions: Typed) -> Apply:
    """All of these conditions."""
    return Apply(BOOLEAN, "and", conditions)


def _logic(reading: Reading, node: Operation, args: Args) -> Typed:
    fitted = []
    for operand, tree in zip(node.operands, args, strict=True):
        if tree.kind not in (BOOLEAN, NULL):
            raise reading.fail("expr.not_a_condition", operand, found=tree.kind.term)
        fitted.append(literal_as(reading, operand, tree, BOOLEAN))
    return Apply(BOOLEAN, node.symbol, tuple(fitted))


def _compared(reading: Reading, node: Operation, args: Args) -> tuple[Kind, Args]:
    for operand, tree in zip(node.operands, args, strict=True):
        if tree.kind == NULL:
            raise reading.fail("expr.compare_null", operand)
        if tree.kind.name in ("list", "duration"):
            raise reading.fail("expr.not_comparable", operand, found=tree.kind.term)
        if tree.kind.name == "member":
            _not_a_scope(reading, operand, tree)
    return meet(reading, node, node.operands, args, node.symbol)


def _not_a_scope(reading: Reading, node: Node, tree: Typed) -> None:
    """Raises: Wrong for the scope of a post, which may be `*` and then equals no member."""
    for leaf in leaves(tree):
        if leaf.root == "post" and leaf.part == "value" and len(leaf.path) == 1 and leaf.path[0] in reading.scope.bound:
            raise reading.fail("expr.compare_scope", node, name=leaf.path[0])


def _equality(reading: Reading, node: Operation, args: Args) -> Typed:
    if node.symbol == "in" and len(args) == 2 and args[1].kind.name == "list":
        return _in_list(reading, node, args)
    kind, fitted = _compared(reading, node, args)
    for operand, tree in zip(node.operands, fitted, strict=True):
        if kind.name == "member" and isinstance(tree, Constant) and _has_children(reading, kind, str(tree.value)):
            words = {"name": str(tree.value), "dimension": kind.of}
            reading.note("expr.parent_member", operand.start, operand.end, **words)
    return Apply(BOOLEAN, node.symbol, tuple(fitted))


def _has_children(reading: Reading, kind: Kind, member: str) -> bool:
    return member in reading.scope.vocabulary.parents.get(kind.of, ())


def _in_list(reading: Reading, node: Operation, args: Args) -> Typed:
    _not_a_scope(reading, node.operands[0], args[0])
    item = literal_as(reading, node.operands[0], args[0], args[1].kind.item)
    if item.kind != args[1].kind.item:
        raise reading.clash(node, "expr.different_kinds", item.kind, args[1].kind.item, "in")
    return Apply(BOOLEAN, "in list", (item, args[1]))


def _order(reading: Reading, node: Operation, args: Args) -> Typed:
    kind, fitted = _compared(reading, node, args)
    ranks = _ranks(reading, kind)
    if kind.name not in ORDERED and not ranks:
        raise reading.fail("expr.no_order", node, found=kind.term)
    if node.symbol == "between":
        x, low, high = fitted
        return both(_ordered(">=", x, low, ranks), _ordered("<=", x, high, ranks))
    return _ordered(node.symbol, fitted[0], fitted[1], ranks)


def _ranks(reading: Reading, kind: Kind) -> tuple[str, ...]:
    if kind.name == "stage":
        return reading.scope.vocabulary.stages.get(kind.of, ())
    return reading.scope.vocabulary.ordered.get(kind.of, ()) if kind.name == "member" else ()


def _ordered(symbol: str, x: Typed, y: Typed, ranks: tuple[str, ...]) -> Typed:
    """A comparison; of ordered members it becomes a question of membership, which no engine can get wrong."""
    if not ranks:
        return Apply(BOOLEAN, symbol, (x, y))
    if isinstance(x, Constant) and not isinstance(y, Constant):
        x, y, symbol = y, x, _TURNED[symbol]
    if isinstance(y, Constant):
        at = ranks.index(str(y.value))
        lower = symbol in ("<", "<=")
        kept = ranks[: at + (symbol == "<=")] if lower else ranks[at + (symbol == ">") :]
        options = tuple(Constant(x.kind, member) for member in kept)
        if not options:  # false for every member, and still null for null
            return Apply(BOOLEAN, "<>", (x, x))
        return Apply(BOOLEAN, "in", (x, *options))
    return Apply(BOOLEAN, symbol, (_rank(x, ranks), _rank(y, ranks)))


def _rank(x: Typed, ranks: tuple[str, ...]) -> Typed:
    arms: list[Typed] = []
    for place, member in enumerate(ranks):
        arms += [Apply(BOOLEAN, "=", (x, Constant(x.kind, member))), Constant(Kind("integer"), place)]
    return Apply(Kind("integer"), "case", (*arms, Constant(Kind("integer"), None)))


def _is_null(reading: Reading, node: Operation, args: Args) -> Typed:
    if args[0].kind == NULL:
        raise reading.fail("expr.compare_null", node.operands[0])
    return Apply(BOOLEAN, "is null", tuple(args))


def _like(reading: Reading, node: Operation, args: Args) -> Typed:
    text, pattern = args
    if text.kind != TEXT:
        raise reading.fail("expr.not_text", node.operands[0], name="like", found=text.kind.term)
    if not isinstance(pattern, Constant) or pattern.kind != TEXT:
        raise reading.fail("expr.pattern_not_literal", node.operands[1])
    written = str(pattern.value)
    if (len(written) - len(written.rstrip("\\"))) % 2:
        raise reading.fail("expr.pattern_ends_in_escape", node.operands[1])
    return Apply(BOOLEAN, "like" if "\\" in written else "like plain", (text, pattern))


def _case(reading: Reading, node: Operation, args: Args) -> Typed:
    pairs = len(args) // 2
    for operand, tree in zip(node.operands[: pairs * 2 : 2], args[: pairs * 2 : 2], strict=True):
        if tree.kind != BOOLEAN:
            raise reading.fail("expr.not_a_condition", operand, found=tree.kind.term)
    at = [*range(1, pairs * 2, 2), *([len(args) - 1] if len(args) % 2 else [])]
    kind, values = meet(reading, node, [node.operands[i] for i in at], [args[i] for i in at], "case")
    if kind == NULL:
        raise reading.fail("expr.only_null", node, name="case")
    if len(args) % 2 == 0:
        values.append(Constant(kind, None))
    arms = [
        part for condition, value in zip(args[: pairs * 2 : 2], values, strict=False) for part in (condition, value)
    ]
    return Apply(kind, "case", (*arms, values[-1]))


def _numbers(reading: Reading, node: Operation, args: Args) -> None:
    for operand, tree in zip(node.operands, args, strict=True):
        if tree.kind.name not in NUMBERS:
            raise reading.fail("expr.not_a_number", operand, name=_sign(node.symbol), found=tree.kind.term)


def _sign(symbol: str) -> str:
    return "-" if symbol == "negative" else symbol


def _sum(reading: Reading, node: Operation, args: Args) -> Typed:
    left, right = args
    if right.kind.name == "duration" and left.kind.name in ("date", "timestamp"):
        return _moved(reading, node, left, right)
    if left.kind.name == right.kind.name == "date" and node.symbol == "-":
        raise reading.fail("expr.days_between", node)
    _numbers(reading, node, args)
    if (known := _known(node.symbol, left, right)) is not None:
        return known
    kind, fitted = meet(reading, node, node.operands, args, node.symbol, sums=True)
    return Apply(kind, node.symbol, tuple(fitted))


def _known(symbol: str, left: Typed, right: Typed) -> Constant | None:
    """A sum or product of two literals is a literal: `2 * 500` stands beside an amount as `1000` does."""
    for tree in (left, right):
        if not isinstance(tree, Constant) or tree.kind.name not in ("integer", "decimal"):
            return None
    assert isinstance(left, Constant)
    assert isinstance(right, Constant)
    whole = left.kind == right.kind == INTEGER
    with localcontext(prec=100):
        a, b = Decimal(str(left.value)), Decimal(str(right.value))
        if symbol not in ("+", "-", "*"):
            return None
        found = a + b if symbol == "+" else a - b if symbol == "-" else a * b
    fits = abs(found) < 10**MAX_DIGITS and found == round(found, MAX_PLACES)
    return Constant(INTEGER if whole else DECIMAL, int(found) if whole else found) if fits else None


def _moved(reading: Reading, node: Operation, left: Typed, right: Typed) -> Typed:
    """A date or timestamp, some time later or earlier."""
    if not isinstance(right, Constant) or not isinstance(right.value, int):  # a length of time out of a table
        raise reading.clash(node, "expr.cannot_move", left.kind, right.kind)
    unit, count = right.kind.of, right.value if node.symbol == "+" else -right.value
    moved = left.kind.name, unit
    if moved in _WORKED:
        if not reading.scope.vocabulary.calendar:
            raise reading.fail("expr.no_calendar", node.operands[1], unit=unit)
        return Lookup(left.kind, _WORKED[moved], (left, Constant(INTEGER, count))) if count else left
    operator = {("date", "d"): "add days", ("date", "mo"): "add months", ("timestamp", "h"): "add hours"}.get(moved)
    if operator is None:
        raise reading.clash(node, "expr.cannot_move", left.kind, right.kind)
    return Apply(left.kind, operator, (left, Constant(Kind("integer"), count)))


def _product(reading: Reading, node: Operation, args: Args) -> Typed:
    _numbers(reading, node, args)
    left, right = args
    if (known := _known(node.symbol, left, right)) is not None:
        return known
    kind = (product if node.symbol == "*" else quotient)(left.kind, right.kind)
    if kind is None:
        raise reading.clash(node, "expr.different_kinds", left.kind, right.kind, node.symbol)
    return Apply(kind, node.symbol, (left, right))


def _negative(reading: Reading, node: Operation, args: Args) -> Typed:
    (tree,) = args
    if isinstance(tree, Constant) and isinstance(tree.value, int | Decimal) and tree.kind.name in NUMBERS:
        value = tree.value.copy_negate() if isinstance(tree.value, Decimal) else -tree.value
        return Constant(tree.kind, value)
    _numbers(reading, node, args)
    return Apply(tree.kind, "negative", (tree,))


def _list(reading: Reading, node: Operation, args: Args) -> Typed:
    raise reading.fail("expr.list_not_here", node)


_RULES: Mapping[str, Callable[[Reading, Operation, Args], Typed]] = {
    **dict.fromkeys(("and", "or", "not"), _logic),
    **dict.fromkeys(("=", "<>", "in"), _equality),
    **dict.fromkeys(("<", "<=", ">", ">=", "between"), _order),
    **dict.fromkeys(("+", "-"), _sum),
    **dict.fromkeys(("*", "/"), _product),
    "negative": _negative,
    "is null": _is_null,
    "like": _like,
    "case": _case,
    "list": _list,
}
