"""What an expression looks like before anything is known about its names."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from operator import itemgetter

from salesrules.issue import Span


@dataclass(frozen=True, slots=True)
class Expression:
    """The text of an expression and where it stands in its file.

    `origin` lists (offset in the text, line, column) of every stretch that stands unbroken in the file; without it the
    text stands in one piece after its quote.
    """

    text: str
    span: Span
    quote: str = ""
    origin: tuple[tuple[int, int, int], ...] = ()

    def at(self, start: int, end: int) -> Span:
        """The place in the file of the characters from `start` to `end`."""
        line, column = self._place(start)
        end_line, end_column = self._place(max(start, end - 1))
        return Span(self.span.file, line, column, end_line, end_column + 1)

    def _place(self, offset: int) -> tuple[int, int]:
        origin = self.origin or ((0, self.span.line, self.span.column + len(self.quote)),)
        first, line, column = origin[max(0, bisect_right(origin, offset, key=itemgetter(0)) - 1)]
        return line, column + offset - first


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the text; `kind` is text, a kind of number, percent, boolean, date, duration or null.

    A duration has its unit as `of`: d, wd, h, wh or mo.
    """

    start: int
    end: int
    kind: str
    value: object
    of: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """A dotted name such as `customer.owner`; `spans` say where each part stands."""

    start: int
    end: int
    parts: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator with its operands: `and`, `or`, `not`, `=`, `in`, `is null`, `case`, `list`, `+` and the others.

    The operands of `case` are condition, value, condition, value, ..., and the value of `else` if there is one.
    """

    start: int
    end: int
    symbol: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function or aggregate: `sum(amount) filter (where ...)`; `count(*)` has no arguments and a star."""

    start: int
    end: int
    function: str
    arguments: tuple[Node, ...]
    star: bool = False
    distinct: bool = False
    where: Node | None = None


Node = Literal | Name | Operation | Call


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node that are nodes."""
    if isinstance(node, Operation):
        return node.operands
    if isinstance(node, Call):
        return node.arguments if node.where is None else (*node.arguments, node.where)
    return ()
