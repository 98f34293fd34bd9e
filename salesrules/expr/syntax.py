"""What an expression looks like before anything is known about its names."""

from __future__ import annotations

from dataclasses import dataclass

from salesrules.issue import Span


@dataclass(frozen=True, slots=True)
class Expression:
    """The text of an expression and where it stands in its file."""

    text: str
    span: Span
    quote: str = ""

    def at(self, start: int, end: int) -> Span:
        """The place in the file of the characters from `start` to `end`; the whole value if it has several lines."""
        if self.span.line != self.span.end_line:
            return self.span
        column = self.span.column + (1 if self.quote else 0)
        return Span(self.span.file, self.span.line, column + start, self.span.line, column + end)


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the text: `kind` is text, integer, decimal, percent, boolean, date or null."""

    start: int
    end: int
    kind: str
    value: object


@dataclass(frozen=True, slots=True)
class Name:
    """A dotted name such as `customer.owner`."""

    start: int
    end: int
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator with its operands: `and`, `or`, `not`, `=`, `in`, `is null`, `+` and the others."""

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
