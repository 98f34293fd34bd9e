"""Calls to meaning: the functions of the operator table by their signatures, and those with a rule of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from salesrules.expr.aggregates import AGGREGATES, KPI_FIGURES, aggregate, kpi_figure
from salesrules.expr.fit import is_exact, literal_as, meet
from salesrules.expr.happenings import HAPPENINGS, happening
from salesrules.expr.kinds import BOOLEAN, DATE, INTEGER, NULL, NUMBERS, ORDERED, PLACES, Kind
from salesrules.expr.names import pick
from salesrules.expr.operators import OPERATORS
from salesrules.expr.periods import day_of, first_day, moment, number, period_edge
from salesrules.expr.reading import Reading
from salesrules.expr.syntax import Call, Name
from salesrules.expr.trees import inside
from salesrules.expr.typed import Apply, Constant, Leaf, Lookup, Related, Typed
from salesrules.issue import nearest

MAX_ROUND = 6
_TAKEN = {"number": NUMBERS, "ordered": ORDERED, "text": {"text"}, "date": {"date"}, "integer": {"integer"}}


def call(reading: Reading, node: Call) -> Typed:
    """The meaning of a call.

    Raises: Wrong, its issue noted.
    """
    name = node.function
    rule = _RULES.get(name)
    known_table = name in reading.scope.vocabulary.tables
    if name not in AGGREGATES and (node.star or node.distinct or node.where is not None):
        raise reading.fail("expr.only_aggregates_filter", node, name=name)
    if rule is not None:
        return rule(reading, node)
    if known_table:
        return _lookup(reading, node)
    if name in OPERATORS and OPERATORS[name].takes:
        return _function(reading, node)
    known = [*_RULES, *reading.scope.vocabulary.tables, *(id for id, row in OPERATORS.items() if row.takes)]
    raise reading.fail("expr.unknown_function", node, nearest(name, known), name=name)


def functions() -> tuple[str, ...]:
    """Every function that a pack may call, value tables apart."""
    return (*_RULES, *(name for name, row in OPERATORS.items() if row.takes))


def _function(reading: Reading, node: Call) -> Typed:
    """A function whose row says what it takes."""
    takes, _, gives = OPERATORS[node.function].takes.partition(" -> ")
    names = takes.removesuffix(" ...").split(", ")
    if takes.endswith(" ..."):
        names += [names[-1]] * (len(node.arguments) - len(names))
    reading.takes(node, len(names))
    args = reading.trees(node.arguments)
    kind = args[0].kind
    if "like" in names:
        kind, args = meet(reading, node, node.arguments, args, node.function)
        if kind == NULL:
            raise reading.fail("expr.only_null", node, name=node.function)
    for operand, tree, name in zip(node.arguments, args, names, strict=True):
        if name == "date":
            literal_as(reading, operand, tree, DATE)  # says how a date is written
        if name in _TAKEN and tree.kind.name not in _TAKEN[name]:
            wanted = Kind(name).term
            raise reading.fail("expr.wrong_argument", operand, name=node.function, wanted=wanted, found=tree.kind.term)
    return Apply(kind if gives == "like" else args[0].kind if gives == "0" else Kind(gives), node.function, tuple(args))


def _lookup(reading: Reading, node: Call) -> Typed:
    table = reading.scope.vocabulary.tables[node.function]
    reading.takes(node, len(table.keys))
    args = []
    for operand, tree, kind in zip(node.arguments, reading.trees(node.arguments), table.keys, strict=True):
        tree = literal_as(reading, operand, tree, kind)
        if tree.kind != kind:
            words = {"name": node.function, "wanted": kind.term, "found": tree.kind.term}
            raise reading.fail("expr.wrong_argument", operand, **words)
        args.append(tree)
    return Lookup(table.value, node.function, tuple(args))


def _round(reading: Reading, node: Call) -> Typed:
    """`round(x, n)` of a decimal; of `money * percent` or `money * integer` as one exact operation."""
    reading.takes(node, 1, 2)
    number, *rest = reading.trees(node.arguments)
    places = rest[0] if rest else Constant(INTEGER, 0)
    if not isinstance(places, Constant) or places.kind != INTEGER or not 0 <= int(str(places.value)) <= MAX_ROUND:
        raise reading.fail("expr.round_places", node.arguments[1], most=str(MAX_ROUND))
    places = Constant(PLACES, places.value)
    if isinstance(number, Apply) and number.operator == "*":
        factors = sorted(number.arguments, key=lambda tree: tree.kind.name != "money")
        operator = {"percent": "round product", "integer": "round multiple"}.get(factors[1].kind.name)
        if factors[0].kind.name == "money" and operator:
            return Apply(factors[0].kind, operator, (*factors, places))
    if not is_exact(number.kind):
        raise reading.fail("expr.round_inexact", node.arguments[0], found=number.kind.term)
    return Apply(number.kind, "round", (number, places))


def _related(reading: Reading, node: Call) -> Typed:
    """`some(team, person = user)` and `count(team)`: records that point at this one."""
    if node.function == "count" and not _names_many(reading, node):
        return aggregate(reading, node)
    reading.takes(node, 2 if node.function == "some" else 1, 2)
    at = node.arguments[0]
    if not isinstance(at, Name) or reading.related is not None:
        raise reading.fail("expr.not_related", at)
    rows, entity = _owner(reading, at)
    known = reading.scope.vocabulary.many.get(entity, {})
    many = known[pick(reading, at, len(at.parts) - 1, known, {}, "expr.unknown_many", entity=entity)]
    where: Typed = Constant(BOOLEAN, True)
    if len(node.arguments) == 2:
        columns = reading.scope.vocabulary.fields.get(many.entity, {})
        reading.related = {name: (column, columns[column]) for name, column in many.fields.items() if column in columns}
        try:
            (where,) = reading.trees(node.arguments[1:])
        finally:
            reading.related = None
        if where.kind != BOOLEAN:
            raise reading.fail("expr.not_a_condition", node.arguments[1], found=where.kind.term)
    kind = BOOLEAN if node.function == "some" else INTEGER
    leaf = Leaf(Kind("list", f"row {many.entity}"), rows.root, rows.path, f"many {at.parts[-1]}")
    return Related(kind, node.function, leaf, many.entity, many.by, where)


def _names_many(reading: Reading, node: Call) -> bool:
    """Whether `count(x)` counts related records: in a condition always, among aggregates only if x is such a name."""
    if node.star or node.distinct or node.where is not None or not node.arguments:
        return False
    at = node.arguments[0]
    known = reading.scope.vocabulary.many.get(reading.scope.entity, {})
    return isinstance(at, Name) and (not reading.scope.aggregates or at.parts[0] in known)


def _owner(reading: Reading, at: Name) -> tuple[Leaf, str]:
    """The record whose related records are meant: this one, or one at the end of a path."""
    if len(at.parts) == 1:
        entity = reading.scope.entity
        return Leaf(Kind("ref", entity), "row", ()), entity
    path = Name(at.start, at.spans[-2][1], at.parts[:-1], at.spans[:-1])
    (owner,) = reading.trees((path,))
    if not isinstance(owner, Leaf) or owner.kind.name != "ref":
        raise reading.fail("expr.not_a_reference", path, name=".".join(path.parts), kind=owner.kind.term)
    return owner, owner.kind.of


def _slice(reading: Reading, node: Call) -> Typed:
    reading.takes(node, 1)
    at = node.arguments[0]
    known = reading.scope.slices
    if not isinstance(at, Name) or len(at.parts) > 1 or at.parts[0] not in known:
        found = ".".join(at.parts) if isinstance(at, Name) else "…"
        raise reading.fail("expr.unknown_slice", at, nearest(found, known), name=found)
    return known[at.parts[0]]


_RULES: Mapping[str, Callable[[Reading, Call], Typed]] = {
    "within": inside,
    "reports_to": inside,
    "some": _related,
    "slice": _slice,
    **dict.fromkeys(HAPPENINGS, happening),
    "round": _round,
    "today": moment,
    "now": moment,
    "day": day_of,
    **dict.fromkeys(("period_start", "period_end"), period_edge),
    "date_trunc": first_day,
    **dict.fromkeys(("year", "quarter", "month", "fiscal_year", "fiscal_quarter", "fiscal_month"), number),
    **dict.fromkeys(AGGREGATES, aggregate),
    **dict.fromkeys(KPI_FIGURES, kpi_figure),
    "count": _related,
}
