"""What an expression looks like before anything is known about its names."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from salesrules.issue import Span


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """From the character `offset` of an expression on, its text stands at this line and column of the file."""

    offset: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Expression:
    """The text of an expression and where it stands in its file.

    `places` follow the text through escapes, folds and line breaks (see `origin.aligned`); without them the
    text is taken to run on from the start of `span`.
    """

    text: str
    span: Span
    quote: str = ""
    places: tuple[Place, ...] = ()

    def at(self, start: int, end: int) -> Span:
        """The place in the file of the characters from `start` to `end`; the whole value where nobody knows better."""
        if not self.places:
            if self.span.line != self.span.end_line:
                return self.span
            column = self.span.column + (1 if self.quote else 0)
            return Span(self.span.file, self.span.line, column + start, self.span.line, column + end)
        line, column = self._point(start)
        end_line, end_column = self._point(max(start, end - 1))
        return Span(self.span.file, line, column, end_line, end_column + 1)

    def _point(self, offset: int) -> tuple[int, int]:
        place = self.places[max(0, bisect_right(self.places, offset, key=lambda found: found.offset) - 1)]
        return place.line, place.column + offset - place.offset


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
