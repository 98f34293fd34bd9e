"""Calls about time to meaning: today, the parts of a date, and the first days of periods, those of the pack too."""

from __future__ import annotations

from salesrules.expr.fit import literal_as
from salesrules.expr.kinds import DATE, INTEGER, TEXT, TIMESTAMP
from salesrules.expr.reading import Reading
from salesrules.expr.syntax import Call
from salesrules.expr.typed import Apply, Constant, Leaf, Typed
from salesrules.issue import Term, nearest

_TRUNCATED = {
    "year": "start of year",
    "quarter": "start of quarter",
    "month": "start of month",
    "week": "start of week",
}


def moment(reading: Reading, node: Call) -> Typed:
    reading.takes(node, 0)
    if node.function == "now" and "now" not in reading.scope.roots:
        raise reading.fail("expr.now_not_here", node)
    return Leaf(DATE, "today", ()) if node.function == "today" else Leaf(TIMESTAMP, "now", ())


def period_edge(reading: Reading, node: Call) -> Typed:
    """`period_start()` and `period_end()`: the first day of the period of a KPI, and the first day after it."""
    reading.takes(node, 0)
    if not reading.scope.aggregates:
        raise reading.fail("expr.function_elsewhere", node, name=node.function, place=Term("place.kpi"))
    return Leaf(DATE, "period", (node.function.removeprefix("period_"),))


def day_of(reading: Reading, node: Call) -> Typed:
    """The day of a timestamp in the time zone of the pack, which the loader keeps beside it."""
    reading.takes(node, 1)
    (moment,) = reading.trees(node.arguments)
    if not isinstance(moment, Leaf) or moment.kind != TIMESTAMP:
        words = {"name": node.function, "wanted": TIMESTAMP.term, "found": moment.kind.term}
        raise reading.fail("expr.wrong_argument", node.arguments[0], **words)
    return Leaf(DATE, moment.root, moment.path, "day")


def _dated(reading: Reading, node: Call, at: int) -> Typed:
    day = reading.trees(node.arguments)[at]
    literal_as(reading, node.arguments[at], day, DATE)
    if day.kind != DATE:
        words = {"name": node.function, "wanted": DATE.term, "found": day.kind.term}
        raise reading.fail("expr.wrong_argument", node.arguments[at], **words)
    return day


def _shift(day: Typed, operator: str, count: int) -> Typed:
    return Apply(DATE, operator, (day, Constant(INTEGER, count))) if count else day


def _fiscal(reading: Reading, day: Typed) -> Typed:
    """The day moved so that the fiscal year begins on its 1 January."""
    month, first = reading.scope.vocabulary.fiscal_year_start
    return _shift(_shift(day, "add days", 1 - first), "add months", 1 - month)


def number(reading: Reading, node: Call) -> Typed:
    """`year(d)`, `fiscal_quarter(d)` and so on: a number; a fiscal year is named by the year in which it begins."""
    reading.takes(node, 1)
    day = _dated(reading, node, 0)
    unit = node.function.removeprefix("fiscal_")
    return Apply(INTEGER, unit, (_fiscal(reading, day) if unit != node.function else day,))


def first_day(reading: Reading, node: Call) -> Typed:
    """The first day of the year, quarter, month or week of a day; `fiscal_` before it asks for those of the pack."""
    reading.takes(node, 2)
    unit_node = node.arguments[0]
    (unit,) = reading.trees((unit_node,))
    units = [*_TRUNCATED, "fiscal_year", "fiscal_quarter", "fiscal_month"]
    if not isinstance(unit, Constant) or unit.kind != TEXT or unit.value not in units:
        found = str(unit.value) if isinstance(unit, Constant) else "-"
        raise reading.fail("expr.unknown_period", unit_node, nearest(found, units), name=found, known=", ".join(units))
    day, name = _dated(reading, node, 1), str(unit.value)
    operator = _TRUNCATED[name.removeprefix("fiscal_")]
    if name == "week" and reading.scope.vocabulary.week_basis == "sunday":
        return _shift(Apply(DATE, operator, (_shift(day, "add days", 1),)), "add days", -1)
    if not name.startswith("fiscal_"):
        return Apply(DATE, operator, (day,))
    month, first = reading.scope.vocabulary.fiscal_year_start
    start = Apply(DATE, operator, (_fiscal(reading, day),))
    return _shift(_shift(start, "add months", month - 1), "add days", first - 1)
