"""Operands to operands of one kind: literals take the kind of what they stand beside, the rest must go together."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from salesrules.expr.kinds import DECIMAL, DOUBLE, EXACT, INEXACT, NULL, NUMBERS, RATIO, Kind
from salesrules.expr.reading import Reading
from salesrules.expr.syntax import Node
from salesrules.expr.typed import Apply, Constant, Typed
from salesrules.issue import nearest


def meet(
    reading: Reading, node: Node, operands: Sequence[Node], trees: Sequence[Typed], name: str, sums: bool = False
) -> tuple[Kind, list[Typed]]:
    """The operands as values of one kind, which doubles make double; `sums` lets 1 stand beside a percent.

    Raises: Wrong if two of them do not go together.
    """
    kind = _anchor(trees)
    fitted = []
    for operand, tree in zip(operands, trees, strict=True):
        tree = literal_as(reading, operand, tree, kind, sums)
        both = common(kind, tree.kind)
        if both is None:
            raise reading.clash(node, "expr.different_kinds", kind, tree.kind, name)
        kind = both
        fitted.append(tree)
    return kind, [stored_as(tree, kind) for tree in fitted]


def _anchor(trees: Sequence[Typed]) -> Kind:
    """The kind that literals are read in: that of the first operand which is more than a number or a text."""
    known = [tree for tree in trees if tree.kind != NULL]
    bare = ("text", "integer", "decimal")
    for tree in known:
        if not (isinstance(tree, Constant) and tree.kind.name in bare):
            return tree.kind
    decimals = [tree.kind for tree in known if tree.kind == DECIMAL]
    return decimals[0] if decimals else known[0].kind if known else NULL


def common(a: Kind, b: Kind) -> Kind | None:
    """The kind in which values of both can be compared or added, if there is one."""
    if a == b or b == NULL:
        return a
    if a == NULL:
        return b
    if not {a.name, b.name} <= NUMBERS:
        return None
    families = {_family(a), _family(b)}
    inexact = bool({a.name, b.name} & INEXACT)
    if families == {"plain"}:
        return DOUBLE if inexact else DECIMAL
    if len(families) == 1:
        return Kind("amount", a.of) if "percent" not in families else RATIO
    if families == {"plain", "percent"} and "percent" not in (a.name, b.name):
        return DOUBLE  # a quotient is a number like any other
    return None


def _family(kind: Kind) -> str:
    if kind.name in ("money", "amount"):
        return f"money {kind.of}"
    return "percent" if kind.name in ("percent", "ratio") else "plain"


def product(a: Kind, b: Kind) -> Kind | None:
    """The kind of a product; money times money is nothing."""
    amounts = [kind for kind in (a, b) if kind.name in ("money", "amount")]
    if amounts:
        return Kind("amount", amounts[0].of) if len(amounts) == 1 else None
    return RATIO if _family(a) == _family(b) == "percent" else DOUBLE


def quotient(a: Kind, b: Kind) -> Kind | None:
    """The kind of a quotient; money only divides money of the same currency."""
    first, second = _family(a), _family(b)
    if first.startswith("money"):
        if second.startswith("money"):
            return RATIO if first == second else None
        return Kind("amount", a.of)
    return RATIO if first == second or (first == "percent" and second == "plain") else DOUBLE


def literal_as(reading: Reading, node: Node, tree: Typed, kind: Kind, sums: bool = False) -> Typed:
    """A literal beside a value of `kind`: a text names a member, stage or key; a number counts in that currency.

    Raises: Wrong if there is no such member or stage, or if a number should have been a percent or a day a date.
    """
    if not isinstance(tree, Constant):
        return tree
    if tree.kind == NULL:
        return Constant(kind, None)
    if tree.kind.name == "text":
        return _text_as(reading, node, tree, kind)
    if tree.kind.name in ("integer", "decimal") and kind.name in NUMBERS - {"integer", tree.kind.name}:
        assert isinstance(tree.value, int | Decimal)
        value = Decimal(tree.value)
        if kind.name == "percent" and not sums and value != 0:
            share = value.scaleb(2 if tree.kind == DECIMAL and abs(value) <= 1 else 0)
            raise reading.fail("expr.bare_percent", node, found=str(tree.value), write=f"{share.normalize():f}%")
        return Constant(kind, float(value) if kind.name in INEXACT else value)
    return tree


def _text_as(reading: Reading, node: Node, tree: Constant, kind: Kind) -> Typed:
    vocabulary, text = reading.scope.vocabulary, str(tree.value)
    if kind.name == "ref":
        return Constant(kind, text)
    if kind.name in ("date", "timestamp"):
        raise reading.fail("expr.text_for_date", node, found=text, word=kind.name)
    if kind.name == "member":
        known = vocabulary.members.get(kind.of)
        labels = vocabulary.labels.get(kind.of, {})
        meant = dict.fromkeys(((text,) if known is None or text in known else ()) + tuple(labels.get(text, ())))
        if len(meant) > 1:
            raise reading.fail("expr.two_meanings", node, name=text, meanings=", ".join(f"`{m}`" for m in meant))
        if not meant:
            near = nearest(text, [*(known or ()), *labels])
            raise reading.fail("expr.unknown_member", node, near, name=text, dimension=kind.of)
        return Constant(kind, next(iter(meant)))
    if kind.name == "stage":
        stages = vocabulary.stages.get(kind.of, ())
        if text not in stages:
            elsewhere = [process for process, ids in vocabulary.stages.items() if text in ids]
            if elsewhere:
                raise reading.fail("expr.stage_elsewhere", node, name=text, process=kind.of, other=elsewhere[0])
            raise reading.fail("expr.unknown_stage", node, nearest(text, stages), name=text, process=kind.of)
        return Constant(kind, text)
    return tree


def stored_as(tree: Typed, kind: Kind) -> Typed:
    """The value as every engine must hold it beside doubles: a double; else itself."""
    if isinstance(tree, Constant) and tree.value is None:
        return Constant(kind, None)
    if kind.name not in INEXACT or tree.kind.name in INEXACT:
        return tree
    if isinstance(tree, Constant):
        return Constant(kind, float(str(tree.value)))
    return Apply(kind, "double", (tree,))


def is_exact(kind: Kind) -> bool:
    """Whether values of the kind are decimals."""
    return kind.name in EXACT
