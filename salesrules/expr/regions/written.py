"""Typed trees to the expressions that people write: what an issue calls a term that nothing could be proved of."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from salesrules.expr.happenings import HAPPENINGS
from salesrules.expr.regions.space import Space
from salesrules.expr.regions.spelling import leaf_name
from salesrules.expr.regions.subtrees import subtree_of, subtree_text
from salesrules.expr.sql import literal
from salesrules.expr.typed import Aggregate, Apply, Constant, Leaf, Lookup, Related, Typed
from salesrules.expr.worked import DAYS, HOURS

_BINDS = (
    ("or",),
    ("and",),
    ("not",),
    ("=", "<>", "<", "<=", ">", ">=", "in", "like", "is null"),
    ("+", "-"),
    ("*", "/"),
)
_STRENGTH = {word: strength for strength, words in enumerate(_BINDS) for word in words}
_ALIKE = {"like plain": "like", "in list": "in"}
_MOVES = {"add days": "d", "add months": "mo", "add hours": "h", DAYS: "wd", HOURS: "wh"}
_FUNCTIONS = {row.table: name for name, row in HAPPENINGS.items()}
_ATOM = len(_BINDS)


def text_of(tree: Typed, space: Space, beside: str = "") -> str:
    """The tree as people write it; equal texts mean the same. `beside` is the entity of rows beside a record."""
    return _Writer(space, beside).text(tree)


class _Writer:
    """Writes the parts of one tree, each with how strongly its outermost sign binds."""

    def __init__(self, space: Space, beside: str) -> None:
        self._space = space
        self._beside = beside

    def text(self, tree: Typed) -> str:
        return self._said(tree)[0]

    def _said(self, tree: Typed) -> tuple[str, int]:
        match tree:
            case Constant():
                return self._constant(tree), _ATOM
            case Leaf():
                return self._leaf(tree), _ATOM
            case Related():
                return self._related(tree), _ATOM
            case Aggregate():
                raise TypeError("a condition on a record has no aggregate")
            case Lookup() if tree.table in _MOVES:
                return self._moved(tree.table, tree.arguments)
            case Lookup():
                return self._call(_FUNCTIONS.get(tree.table, tree.table), tree.arguments), _ATOM
        return self._applied(tree)

    def _inner(self, tree: Typed, strength: int) -> str:
        """A part of an operation that binds with `strength`, in brackets if it binds less."""
        text, own = self._said(tree)
        return text if own >= strength else f"({text})"

    def _call(self, name: str, arguments: tuple[Typed, ...]) -> str:
        return f"{name}({', '.join(map(self.text, arguments))})"

    def _constant(self, node: Constant) -> str:
        match node.value:
            case None:
                return "null"
            case bool():
                return str(node.value).lower()
            case str():
                return literal(node.value)
            case datetime():
                local = node.value.replace(tzinfo=UTC).astimezone(ZoneInfo(self._space.timezone))
                return f"timestamp '{local:%Y-%m-%d %H:%M:%S}'"
            case date():
                return f"date '{node.value}'"
            case Decimal() | float() | int():
                return _number(Decimal(str(node.value)), node.kind.name)
        return str(node.value)

    def _leaf(self, leaf: Leaf) -> str:
        if leaf.root in ("today", "now"):
            return f"{leaf.root}()"
        if leaf.root == "period":
            return f"period_{leaf.path[0]}()"
        name = leaf_name(leaf).removeprefix("many.")
        return name if leaf.part == "value" else f"{leaf.part}({name})"

    def _related(self, node: Related) -> str:
        name = ".".join((*node.rows.path, node.rows.part.removeprefix("many ")))
        if isinstance(node.where, Constant) and node.where.value is True and node.function == "count":
            return f"count({name})"
        return f"{node.function}({name}, {text_of(node.where, self._space, node.entity)})"

    def _applied(self, tree: Apply) -> tuple[str, int]:
        found = subtree_of(tree)
        if found is not None:
            return subtree_text(found, self._space, self._beside), _ATOM
        operator, parts = _ALIKE.get(tree.operator, tree.operator), tree.arguments
        if operator in _STRENGTH:
            return self._signed(operator, parts)
        if operator in _MOVES:
            return self._moved(operator, parts)
        match operator:
            case "double":
                return self._said(parts[0])
            case "negative":
                return f"-{self._inner(parts[0], _ATOM)}", _ATOM
            case "case":
                return self._case(parts), _ATOM
            case "round product" | "round multiple":
                return f"round({self._infix('*', parts[:2])}, {self.text(parts[2])})", _ATOM
        if operator.startswith("start of "):
            return f"date_trunc('{operator.removeprefix('start of ')}', {self.text(parts[0])})", _ATOM
        return self._call(operator, parts), _ATOM

    def _signed(self, operator: str, parts: tuple[Typed, ...]) -> tuple[str, int]:
        strength = _STRENGTH[operator]
        if operator == "not":
            return f"not {self._inner(parts[0], strength + 1)}", strength
        if operator == "is null":
            return f"{self._inner(parts[0], strength + 1)} is null", strength
        if operator == "in" and not (len(parts) == 2 and parts[1].kind.name == "list"):
            return f"{self._inner(parts[0], strength + 1)} in ({', '.join(map(self.text, parts[1:]))})", strength
        return self._infix(operator, parts), strength

    def _infix(self, operator: str, parts: tuple[Typed, ...]) -> str:
        strength = _STRENGTH[operator]
        chained = operator in ("+", "-", "*", "/")  # these are read from the left, so the first needs no brackets
        first, *rest = (_ranked(part) for part in parts)
        said = [self._inner(first, strength + (not chained)), *(self._inner(part, strength + 1) for part in rest)]
        return f" {operator} ".join(said)

    def _moved(self, operator: str, parts: tuple[Typed, ...]) -> tuple[str, int]:
        """A day or an instant, some time later or earlier."""
        start, length = parts
        assert isinstance(length, Constant)
        count = int(str(length.value))
        sign = "+" if count >= 0 else "-"
        return f"{self._inner(start, _STRENGTH[sign])} {sign} {abs(count)}{_MOVES[operator]}", _STRENGTH[sign]

    def _case(self, parts: tuple[Typed, ...]) -> str:
        arms = zip(parts[:-1:2], parts[1:-1:2], strict=True)
        text = " ".join(f"when {self.text(condition)} then {self.text(value)}" for condition, value in arms)
        last = parts[-1]
        otherwise = "" if isinstance(last, Constant) and last.value is None else f" else {self.text(last)}"
        return f"case {text}{otherwise} end"


def _ranked(tree: Typed) -> Typed:
    """What stands in an order of its own, a stage or a member, for the case that ranks it."""
    if not isinstance(tree, Apply) or tree.operator != "case":
        return tree
    ranks = [part.value if isinstance(part, Constant) else None for part in tree.arguments[1:-1:2]]
    tests = [part for part in tree.arguments[:-1:2] if isinstance(part, Apply) and part.operator == "="]
    things = {test.arguments[0] for test in tests}
    kinds = {thing.kind.name for thing in things}
    ranked = ranks == list(range(len(ranks))) and len(tests) == len(ranks) and len(things) == 1
    return things.pop() if ranked and kinds <= {"stage", "member"} else tree


def _number(number: Decimal, kind: str) -> str:
    """A number as people write it; a quotient beside a number above one is more often `2` than `200%`."""
    share = kind == "percent" or (kind == "ratio" and (number != int(number) or abs(number) == 1))
    text = f"{number * 100 if share else number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text + "%" * share
