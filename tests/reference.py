"""Typed trees to values, slowly and obviously: what closures and engines are compared against.

Shares nothing with them but the shape of the tree. A null is None; `row` is a mapping of leaves to values.
"""

import calendar
import re
import statistics
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

from salesrules.expr.typed import Aggregate, Constant, Leaf, Lookup, Related

LOWER = {chr(code): chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}
UPPER = {small: large for large, small in LOWER.items()}


def value(tree, row, tables=None):
    """The value of a tree on one row."""
    if isinstance(tree, Constant):
        return tree.value
    if isinstance(tree, Leaf):
        return row.get(tree)
    if isinstance(tree, Related):
        hits = [one for one in row.get(tree.rows) or () if value(tree.where, {**row, **one}, tables) is True]
        return bool(hits) if tree.function == "some" else len(hits)
    args = [value(argument, row, tables) for argument in tree.arguments]
    if isinstance(tree, Lookup):
        return None if None in args else tables[tree.table](*args)
    if tree.operator in OWN_NULLS:
        return OWN_NULLS[tree.operator](*args)
    if None in args:
        return None
    if tree.kind.name in ("decimal", "money", "percent") and tree.operator in ("+", "-", "negative", "abs"):
        return exactly(tree.operator, args)
    return NULL_IN_NULL_OUT[tree.operator](*args)


def figure(tree, rows, kpis=None):
    """The value of a KPI formula over rows; sums are exact, all nulls are left out."""
    if isinstance(tree, Aggregate):
        kept = [row for row in rows if tree.where is None or value(tree.where, row) is True]
        if tree.argument is None:
            return len(kept)
        found = [v for v in (value(tree.argument, row) for row in kept) if v is not None]
        found = list(dict.fromkeys(found)) if tree.distinct else found
        return AGGREGATES[tree.function](found, tree.level) if found or tree.function == "count" else None
    if isinstance(tree, Constant | Leaf):
        return value(tree, kpis or {})
    done = {Leaf(part.kind, "done", (str(at),)): figure(part, rows, kpis) for at, part in enumerate(tree.arguments)}
    return value(type(tree)(tree.kind, tree.operator, tuple(done)), done)


def exactly(operator, args):
    fractions = [Fraction(arg) for arg in args]
    found = {"+": sum, "-": lambda f: f[0] - f[1], "negative": lambda f: -f[0], "abs": lambda f: abs(f[0])}
    return as_decimal(found[operator](fractions))


def as_decimal(fraction):
    with localcontext(prec=100):
        return Decimal(fraction.numerator) / Decimal(fraction.denominator)


def rounded(number, places):
    scaled = abs(Fraction(number)) * 10**places
    whole = int(scaled) + (1 if scaled - int(scaled) >= Fraction(1, 2) else 0)
    if whole >= 10 ** (32 + places):
        return None
    return as_decimal(Fraction(whole if number >= 0 else -whole, 10**places))


def rounded_product(amount, factor, places, digits, others):
    if abs(amount) >= 10**digits or abs(factor) >= 10**others:
        return None
    return rounded(Fraction(amount) * Fraction(factor), places)


def like(text, pattern):
    if not pattern:
        return not text
    first, rest = pattern[0], pattern[1:]
    if first == "%":
        return any(like(text[at:], rest) for at in range(len(text) + 1))
    if first == "\\":
        first, rest = rest[0], rest[1:]
    elif first == "_":
        return bool(text) and like(text[1:], rest)
    return bool(text) and text[0] == first and like(text[1:], rest)


def days_later(day, days):
    at = day.toordinal() + days
    return date.fromordinal(at) if date.min.toordinal() <= at <= date.max.toordinal() else None


def hours_later(time, hours):
    seconds = (time - datetime.min) // timedelta(seconds=1) + 3600 * hours
    inside = 0 <= seconds < (date.max.toordinal()) * 86_400
    return time + timedelta(seconds=3600 * hours) if inside else None


def months_later(day, months):
    at = day.year * 12 + day.month - 1 + months
    year, month = at // 12, at % 12 + 1
    if not 1 <= year <= 9999:
        return None
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def all_of(*args):
    return False if any(a is False for a in args) else None if None in args else True


def any_of(*args):
    return True if any(a is True for a in args) else None if None in args else False


def one_of(x, *options):
    return any_of(*(None if x is None or option is None else x == option for option in options))


def case(*args):
    for condition, then in zip(args[:-1:2], args[1:-1:2], strict=True):
        if condition is True:
            return then
    return args[-1]


def plain(text):
    found = "".join(chr(ord(c) - 0xFEE0) if 0xFF01 <= ord(c) <= 0xFF5E else c for c in text)
    return re.sub("[ \t\r\n\u00a0\u3000]", "", "".join(LOWER.get(c, c) for c in found))


def quantile(found, level):
    found, at = sorted(map(float, found)), (len(found) - 1) * float(level)
    low, high = found[int(at)], found[min(int(at) + 1, len(found) - 1)]
    return low + (high - low) * (at - int(at))


OWN_NULLS = {
    "and": all_of,
    "or": any_of,
    "not": lambda a: None if a is None else not a,
    "is null": lambda a: a is None,
    "in": one_of,
    "case": case,
    "coalesce": lambda *args: next((a for a in args if a is not None), None),
    "nullif": lambda a, b: None if a == b else a,
    "least": lambda *args: min((a for a in args if a is not None), default=None),
    "greatest": lambda *args: max((a for a in args if a is not None), default=None),
}
NULL_IN_NULL_OUT = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "like": like,
    "like plain": like,
    "in list": lambda a, items: a in items,
    "in intervals": lambda at, lefts, rights: any(l <= at <= r for l, r in zip(lefts, rights, strict=True)),  # noqa: E741
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: float(a) * float(b),
    "/": lambda a, b: None if b == 0 else float(a) / float(b),
    "negative": lambda a: -a,
    "double": float,
    "abs": abs,
    "round": rounded,
    "round product": lambda a, b, places: rounded_product(a, b, places, 20, 6),
    "round multiple": lambda a, b, places: rounded_product(a, b, places, 16, 16),
    "lower": lambda t: "".join(LOWER.get(c, c) for c in t),
    "upper": lambda t: "".join(UPPER.get(c, c) for c in t),
    "normalize": plain,
    "days_between": lambda a, b: b.toordinal() - a.toordinal(),
    "add_days": lambda d, n: days_later(d, n) if abs(n) <= 100_000 else None,
    "add days": days_later,
    "add months": months_later,
    "add hours": hours_later,
    "year": lambda d: d.year,
    "quarter": lambda d: {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2, 7: 3, 8: 3, 9: 3}.get(d.month, 4),
    "month": lambda d: d.month,
    "start of year": lambda d: d.replace(month=1, day=1),
    "start of quarter": lambda d: d.replace(month={1: 1, 2: 4, 3: 7, 4: 10}[-(-d.month // 3)], day=1),
    "start of month": lambda d: d.replace(day=1),
    "start of week": lambda d: date.fromordinal(d.toordinal() - d.isoweekday() + 1),
}
AGGREGATES = {
    "count": lambda found, _: len(found),
    "sum": lambda found, _: as_decimal(sum(map(Fraction, found))),
    "avg": lambda found, _: float(sum(map(Fraction, found)) / len(found)),
    "min": lambda found, _: min(found),
    "max": lambda found, _: max(found),
    "median": lambda found, _: statistics.median(map(float, found)),
    "quantile": quantile,
}
