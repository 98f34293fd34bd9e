"""`within` and `reports_to` to comparisons of places: a subtree is an interval of a nested set."""

from __future__ import annotations

from salesrules.expr.fit import literal_as
from salesrules.expr.kinds import BOOLEAN, INTEGER, NULL, Kind
from salesrules.expr.operations import both
from salesrules.expr.reading import Reading
from salesrules.expr.syntax import Call, Node, Operation
from salesrules.expr.typed import Apply, Constant, Leaf, Typed


def inside(reading: Reading, node: Call) -> Typed:
    """`within(x, a)`, `within(x, (a, b))` and `reports_to(p, boss[, levels])`: x lies below a, or is a itself.

    Raises: Wrong if the two are not of one tree.
    """
    most = 2 if node.function == "within" else 3
    if not 2 <= len(node.arguments) <= most:
        raise reading.fail("expr.argument_count", node, name=node.function, wanted="2" if most == 2 else "2, 3")
    listed = node.arguments[1]
    tops_at = listed.operands if isinstance(listed, Operation) and listed.symbol == "list" else (listed,)
    thing, *tops = reading.trees((node.arguments[0], *tops_at))
    wanted = "member" if node.function == "within" else "ref"
    if thing.kind.name != wanted or thing.kind.of not in reading.scope.vocabulary.trees:
        raise reading.fail("expr.not_a_tree", node.arguments[0], found=thing.kind.term)
    below = [_below(reading, at, thing, top) for at, top in zip(tops_at, tops, strict=True)]
    found = below[0] if len(below) == 1 else Apply(BOOLEAN, "or", tuple(below))
    if len(node.arguments) == 3:
        return _near(reading, node.arguments[2], found, thing, tops[0])
    return found


def _below(reading: Reading, node: Node, thing: Typed, top: Typed) -> Typed:
    top = literal_as(reading, node, top, thing.kind)
    if top.kind == Kind("list", str(thing.kind)) and isinstance(top, Leaf):
        lefts, rights = (Leaf(Kind("list", "integer"), top.root, top.path, part) for part in ("lft", "rgt"))
        return Apply(BOOLEAN, "in intervals", (_place(thing, "lft"), lefts, rights))
    if top.kind == NULL or (isinstance(top, Constant) and top.value is None):
        raise reading.fail("expr.compare_null", node)
    if top.kind != thing.kind:
        raise reading.clash(node, "expr.different_kinds", thing.kind, top.kind, "within")
    place = _place(thing, "lft")
    return both(
        Apply(BOOLEAN, ">=", (place, _place(top, "lft"))),
        Apply(BOOLEAN, "<=", (place, _place(top, "rgt"))),
    )


def _near(reading: Reading, node: Node, found: Typed, thing: Typed, top: Typed) -> Typed:
    (levels,) = reading.trees((node,))
    if not isinstance(levels, Constant) or levels.kind != INTEGER:
        raise reading.fail("expr.not_a_whole_number", node, name="reports_to")
    deepest = Apply(INTEGER, "+", (_place(top, "depth"), levels))
    return both(found, Apply(BOOLEAN, "<=", (_place(thing, "depth"), deepest)))


def _place(tree: Typed, part: str) -> Leaf:
    """The place of a thing in its tree, as a leaf that the organisation fills in."""
    if isinstance(tree, Constant):
        return Leaf(INTEGER, f"member:{tree.kind.of}", (str(tree.value),), part)
    assert isinstance(tree, Leaf)  # a member or reference is a name or a literal
    return Leaf(INTEGER, tree.root, tree.path, part)
