"""Syntax to meaning: every name is looked up, every operator gets kinds that fit, or an issue says where not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from salesrules.expr.kinds import BOOLEAN, DATE, DOUBLE, INTEGER, NULL, NUMBERS, Kind, Vocabulary
from salesrules.expr.parse import parse
from salesrules.expr.syntax import Call, Expression, Literal, Name, Node, Operation
from salesrules.expr.typed import Aggregate, Apply, Constant, Leaf, Typed
from salesrules.issue import Issue, nearest

AGGREGATES = ("sum", "count", "avg", "min", "max")
_ORDERED = NUMBERS | {"date", "timestamp"}


@dataclass(frozen=True, slots=True)
class Scope:
    """What the names of one expression may mean: the fields of `entity`, and the `roots` user and post.

    `slices` are the meanings of other slices on the entity, for `slice(name)`.
    """

    vocabulary: Vocabulary
    entity: str
    roots: frozenset[str] = frozenset()
    aggregates: bool = False
    slices: Mapping[str, Typed] = field(default_factory=dict)


class _Wrong(Exception):
    """Unwinds to the nearest operand once its issue is noted."""


def resolve(expression: Expression, scope: Scope, wanted: Kind | None = None) -> tuple[Typed | None, list[Issue]]:
    """The meaning of an expression in a scope, or None and every reason why it has none."""
    node, issues = parse(expression)
    if node is None:
        return None, issues
    reading = _Reading(expression, scope)
    tree = reading.try_tree(node)
    if tree is not None and wanted and tree.kind.name != wanted.name and not reading.issues:
        reading.note("expr.wrong_result", node, wanted=str(wanted), found=str(tree.kind))
    return (None if reading.issues else tree), reading.issues


@dataclass
class _Reading:
    expression: Expression
    scope: Scope
    issues: list[Issue] = field(default_factory=list)
    inside_aggregate: bool = False

    def note(self, code: str, node: Node, near: str | None = None, **words: str) -> None:
        self.issues.append(Issue(code, self.expression.at(node.start, node.end), words, near=near))

    def fail(self, code: str, node: Node, near: str | None = None, **words: str) -> _Wrong:
        self.note(code, node, near, **words)
        return _Wrong()

    def try_tree(self, node: Node) -> Typed | None:
        try:
            return self.tree(node)
        except _Wrong:
            return None

    def trees(self, nodes: tuple[Node, ...]) -> list[Typed]:
        """The meanings of all operands; one that has none does not hide the issues of the others."""
        found = [self.try_tree(node) for node in nodes]
        if None in found:
            raise _Wrong()
        return [tree for tree in found if tree is not None]

    def tree(self, node: Node) -> Typed:
        if isinstance(node, Literal):
            return Constant(Kind(node.kind), node.value)
        if isinstance(node, Name):
            return self.name(node)
        if isinstance(node, Call):
            return self.call(node)
        return self.operation(node)

    def name(self, node: Name) -> Leaf:
        first, rest = node.parts[0], node.parts[1:]
        vocabulary = self.scope.vocabulary
        if first in self.scope.roots:
            if first == "user":
                return self.walk(node, "user", Kind("ref", "person"), (), rest)
            if not rest or rest[0] not in vocabulary.post:
                near = nearest(rest[0], vocabulary.post) if rest else None
                raise self.fail("expr.unknown_post_field", node, near, name=".".join(rest))
            return self.walk(node, "post", vocabulary.post[rest[0]], rest[:1], rest[1:])
        if self.scope.aggregates and not self.inside_aggregate:
            raise self.fail("expr.field_outside_aggregate", node, name=".".join(node.parts))
        return self.walk(node, "row", Kind("ref", self.scope.entity), (), node.parts)

    def walk(self, node: Name, root: str, kind: Kind, path: tuple[str, ...], steps: tuple[str, ...]) -> Leaf:
        for step in steps:
            if kind.name != "ref":
                raise self.fail("expr.not_a_reference", node, name=path[-1], kind=str(kind))
            fields = self.scope.vocabulary.fields[kind.of]
            if step not in fields:
                raise self.fail("expr.unknown_field", node, nearest(step, fields), name=step, entity=kind.of)
            kind, path = fields[step], (*path, step)
        return Leaf(kind, root, path)

    def operation(self, node: Operation) -> Typed:
        args = self.trees(node.operands)
        return _OPERATIONS[node.symbol](self, node, args)

    def call(self, node: Call) -> Typed:
        if node.function in AGGREGATES:
            return self.aggregate(node)
        if node.function in ("within", "reports_to"):
            return self.inside(node)
        if node.function == "slice":
            return self.other_slice(node)
        if node.function == "today" and not node.arguments:
            return Leaf(DATE, "today", ())
        known = (*AGGREGATES, "within", "reports_to", "today")
        raise self.fail("expr.unknown_function", node, nearest(node.function, known), name=node.function)

    def aggregate(self, node: Call) -> Aggregate:
        if not self.scope.aggregates or self.inside_aggregate:
            raise self.fail("expr.aggregate_not_here", node, name=node.function)
        self.inside_aggregate = True
        arguments = self.trees(node.arguments)
        where = self.tree(node.where) if node.where else None
        self.inside_aggregate = False
        if len(arguments) != (0 if node.star else 1) or (node.star and node.function != "count"):
            raise self.fail("expr.argument_count", node, name=node.function)
        if where is not None and where.kind != BOOLEAN:
            raise self.fail("expr.wrong_result", node, wanted="boolean", found=str(where.kind))
        argument = arguments[0] if arguments else None
        if node.function == "count":
            return Aggregate(INTEGER, "count", argument, node.distinct, where)
        assert argument is not None
        if argument.kind.name not in (_ORDERED if node.function in ("min", "max") else NUMBERS):
            raise self.fail("expr.wrong_kinds", node, name=node.function, kinds=str(argument.kind))
        kind = DOUBLE if node.function == "avg" else argument.kind
        return Aggregate(kind, node.function, argument, node.distinct, where)

    def other_slice(self, node: Call) -> Typed:
        """`slice(name)` is the condition of another slice on the same entity."""
        argument = node.arguments[0] if len(node.arguments) == 1 else None
        if not isinstance(argument, Name):
            raise self.fail("expr.argument_count", node, name=node.function)
        name = ".".join(argument.parts)
        if name not in self.scope.slices:
            near = nearest(name, self.scope.slices)
            raise self.fail("expr.unknown_slice", argument, near, name=name, entity=self.scope.entity)
        return self.scope.slices[name]

    def inside(self, node: Call) -> Apply:
        """`within(x, a)` and `reports_to(p, boss)`: x lies in the interval of a, itself included."""
        if len(node.arguments) != 2:
            raise self.fail("expr.argument_count", node, name=node.function)
        thing, top = self.trees(node.arguments)
        wanted = "member" if node.function == "within" else "ref"
        if thing.kind.name != wanted or thing.kind.of not in self.scope.vocabulary.trees:
            raise self.fail("expr.not_a_tree", node.arguments[0], kind=str(thing.kind))
        top = self.fit(node.arguments[1], top, thing.kind)
        if top.kind != thing.kind:
            kinds = f"{thing.kind}, {top.kind}"
            raise self.fail("expr.wrong_kinds", node, name=node.function, kinds=kinds)
        place = _part(thing, "lft")
        return _both(Apply(BOOLEAN, ">=", (place, _part(top, "lft"))), Apply(BOOLEAN, "<=", (place, _part(top, "rgt"))))

    def fit(self, node: Node, tree: Typed, kind: Kind) -> Typed:
        """A text literal beside a member is that member, and must be declared."""
        if not isinstance(tree, Constant) or tree.kind.name != "text" or kind.name not in ("member", "ref"):
            return tree
        if kind.name == "member" and tree.value not in self.scope.vocabulary.members[kind.of]:
            known = self.scope.vocabulary.members[kind.of]
            raise self.fail(
                "expr.unknown_member", node, nearest(str(tree.value), known), name=str(tree.value), dimension=kind.of
            )
        return Constant(kind, tree.value)


def _part(tree: Typed, part: str) -> Leaf:
    """The place of a thing in its tree, as a leaf that the organisation fills in."""
    if isinstance(tree, Constant):
        return Leaf(INTEGER, f"member:{tree.kind.of}", (str(tree.value),), part)
    assert isinstance(tree, Leaf)
    return Leaf(INTEGER, tree.root, tree.path, part)


def _both(*conditions: Typed) -> Apply:
    return Apply(BOOLEAN, "and", conditions)


def _logic(reading: _Reading, node: Operation, args: list[Typed]) -> Typed:
    for operand, tree in zip(node.operands, args, strict=True):
        if tree.kind not in (BOOLEAN, NULL):
            raise reading.fail("expr.not_a_condition", operand, kind=str(tree.kind))
    return Apply(BOOLEAN, node.symbol, tuple(args))


def _comparable(a: Kind, b: Kind) -> bool:
    return a == b or (a.name in NUMBERS and b.name in NUMBERS)


def _fitted(reading: _Reading, node: Operation, args: list[Typed]) -> list[Typed]:
    """The operands of a comparison, literals read in the kind of the first that is none."""
    kind = next((tree.kind for tree in args if not isinstance(tree, Constant)), args[0].kind)
    fitted = [reading.fit(operand, tree, kind) for operand, tree in zip(node.operands, args, strict=True)]
    for operand, tree in zip(node.operands, fitted, strict=True):
        if tree.kind == NULL:
            raise reading.fail("expr.compare_null", operand)
        if not _comparable(tree.kind, kind):
            raise reading.fail("expr.wrong_kinds", node, name=node.symbol, kinds=f"{kind}, {tree.kind}")
    return fitted


def _equality(reading: _Reading, node: Operation, args: list[Typed]) -> Typed:
    return Apply(BOOLEAN, node.symbol, tuple(_fitted(reading, node, args)))


def _order(reading: _Reading, node: Operation, args: list[Typed]) -> Typed:
    fitted = _fitted(reading, node, args)
    if any(tree.kind.name not in _ORDERED for tree in fitted):
        raise reading.fail("expr.no_order", node, kinds=str(fitted[0].kind))
    if node.symbol == "between":
        x, low, high = fitted
        return _both(Apply(BOOLEAN, ">=", (x, low)), Apply(BOOLEAN, "<=", (x, high)))
    return Apply(BOOLEAN, node.symbol, tuple(fitted))


def _is_null(reading: _Reading, node: Operation, args: list[Typed]) -> Typed:
    return Apply(BOOLEAN, "is null", tuple(args))


def _arithmetic(reading: _Reading, node: Operation, args: list[Typed]) -> Typed:
    if any(tree.kind.name not in NUMBERS for tree in args):
        kinds = ", ".join(str(tree.kind) for tree in args)
        raise reading.fail("expr.wrong_kinds", node, name=node.symbol, kinds=kinds)
    same = all(tree.kind == args[0].kind for tree in args) and node.symbol != "/" and args[0].kind.name != "percent"
    exact_product = node.symbol == "*" and args[0].kind != INTEGER
    return Apply(args[0].kind if same and not exact_product else DOUBLE, node.symbol, tuple(args))


_OPERATIONS: Mapping[str, Callable[[_Reading, Operation, list[Typed]], Typed]] = {
    **dict.fromkeys(("and", "or", "not"), _logic),
    **dict.fromkeys(("=", "<>", "in"), _equality),
    **dict.fromkeys(("<", "<=", ">", ">=", "between"), _order),
    **dict.fromkeys(("+", "-", "*", "/", "negative"), _arithmetic),
    "is null": _is_null,
}
