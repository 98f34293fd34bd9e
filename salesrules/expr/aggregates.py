"""What only KPI formulas have: aggregates over rows, and figures of other KPIs for other periods."""

from __future__ import annotations

from decimal import Decimal

from salesrules.expr.kinds import BOOLEAN, DOUBLE, INTEGER, NUMBERS, ORDERED, PERCENT, RATIO, Kind
from salesrules.expr.reading import Reading
from salesrules.expr.syntax import Call
from salesrules.expr.typed import Aggregate, Constant, Leaf, Typed

AGGREGATES = ("sum", "count", "avg", "min", "max", "median", "quantile")
KPI_FIGURES = ("prior", "same_period_last_year", "ytd", "rolling", "target", "attainment")


def aggregate(reading: Reading, node: Call) -> Aggregate:
    """`sum(amount) filter (where ...)` and its kin.

    Raises: Wrong outside KPI formulas, inside another aggregate, and for operands that it cannot take.
    """
    if not reading.scope.aggregates or reading.inside_aggregate:
        raise reading.fail("expr.aggregate_not_here", node, name=node.function)
    wanted = 0 if node.star else 2 if node.function == "quantile" else 1
    if len(node.arguments) != wanted or (node.star and node.function != "count"):
        raise reading.fail("expr.argument_count", node, name=node.function, wanted=str(max(1, wanted)))
    if node.distinct and node.function != "count":
        raise reading.fail("expr.distinct_not_here", node, name=node.function)
    reading.inside_aggregate = True
    try:
        arguments = reading.trees((*node.arguments, *((node.where,) if node.where else ())))
    finally:
        reading.inside_aggregate = False
    where = arguments.pop() if node.where else None
    if where is not None and where.kind != BOOLEAN:
        assert node.where is not None
        raise reading.fail("expr.not_a_condition", node.where, found=where.kind.term)
    argument = arguments[0] if arguments else None
    level = arguments[1] if node.function == "quantile" else None
    if level is not None and not (isinstance(level, Constant) and _share(level)):
        raise reading.fail("expr.not_a_share", node.arguments[1])
    kind = _kind(reading, node, argument)
    return Aggregate(kind, node.function, argument, node.distinct, where, level.value if level else None)


def _share(level: Constant) -> bool:
    return level.kind == PERCENT and isinstance(level.value, Decimal) and Decimal(0) <= level.value <= Decimal(1)


def _kind(reading: Reading, node: Call, argument: Typed | None) -> Kind:
    if node.function == "count":
        if argument is not None and argument.kind == BOOLEAN:
            raise reading.fail("expr.count_of_condition", node.arguments[0])
        return INTEGER
    assert argument is not None
    allowed = ORDERED if node.function in ("min", "max") else NUMBERS
    if argument.kind.name not in allowed:
        raise reading.fail("expr.not_a_number", node.arguments[0], name=node.function, found=argument.kind.term)
    if node.function in ("sum", "min", "max"):
        return argument.kind
    if argument.kind.name in ("money", "amount"):
        return Kind("amount", argument.kind.of)
    return RATIO if argument.kind.name in ("percent", "ratio") else DOUBLE


def kpi_figure(reading: Reading, node: Call) -> Leaf:
    """`prior(signed)`: a figure of another KPI, as a leaf that the engine of KPIs fills in.

    Raises: Wrong if its argument is not the name of a KPI.
    """
    if not reading.scope.aggregates or reading.inside_aggregate:
        raise reading.fail("expr.aggregate_not_here", node, name=node.function)
    wanted = 2 if node.function == "rolling" else 1
    if len(node.arguments) != wanted:
        raise reading.fail("expr.argument_count", node, name=node.function, wanted=str(wanted))
    kpi, *rest = reading.trees(node.arguments)
    if not isinstance(kpi, Leaf) or kpi.root != "kpi" or kpi.part != "value":
        raise reading.fail("expr.not_a_kpi", node.arguments[0], name=node.function)
    part = node.function
    if rest:
        (periods,) = rest
        if not isinstance(periods, Constant) or periods.kind != INTEGER or not 1 <= int(str(periods.value)) <= 1000:
            raise reading.fail("expr.not_a_whole_number", node.arguments[1], name=node.function)
        part = f"rolling {periods.value}"
    return Leaf(RATIO if node.function == "attainment" else kpi.kind, "kpi", kpi.path, part)
