"""The table of operators: how each is spelt in SQL, and what it does in Python."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Operator:
    """One row of the table: `sql` takes the printed arguments, `python` the values."""

    sql: Callable[[Sequence[str]], str]
    python: Callable[..., Any]
    nulls_spread: bool = True


def _infix(symbol: str) -> Callable[[Sequence[str]], str]:
    return lambda args: "(" + f" {symbol} ".join(args) + ")"


def _and(*values: bool | None) -> bool | None:
    return False if False in values else None if None in values else True


def _or(*values: bool | None) -> bool | None:
    return True if True in values else None if None in values else False


def _in(value: Any, *options: Any) -> bool | None:
    if value is None:
        return None
    return True if value in options else None if None in options else False


def _divide(a: Any, b: Any) -> float | None:
    return None if float(b) == 0 else float(a) / float(b)


OPERATORS: dict[str, Operator] = {
    "=": Operator(_infix("="), operator.eq),
    "<>": Operator(_infix("<>"), operator.ne),
    "<": Operator(_infix("<"), operator.lt),
    "<=": Operator(_infix("<="), operator.le),
    ">": Operator(_infix(">"), operator.gt),
    ">=": Operator(_infix(">="), operator.ge),
    "+": Operator(_infix("+"), operator.add),
    "-": Operator(_infix("-"), operator.sub),
    "*": Operator(_infix("*"), operator.mul),
    "/": Operator(lambda a: f"(CAST({a[0]} AS DOUBLE) / nullif(CAST({a[1]} AS DOUBLE), 0))", _divide),
    "negative": Operator(lambda a: f"(-{a[0]})", operator.neg),
    "and": Operator(_infix("AND"), _and, nulls_spread=False),
    "or": Operator(_infix("OR"), _or, nulls_spread=False),
    "not": Operator(lambda a: f"(NOT {a[0]})", operator.not_),
    "is null": Operator(lambda a: f"({a[0]} IS NULL)", lambda x: x is None, nulls_spread=False),
    "in": Operator(lambda a: f"({a[0]} IN ({', '.join(a[1:])}))", _in, nulls_spread=False),
}
