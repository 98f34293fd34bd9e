"""Plain data that remembers where every value stands in its file and how it was written."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol
from unicodedata import normalize

from salesrules.issue import Span

_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = {"": None, "~": None}
_WORDS |= dict.fromkeys(("null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True)
_WORDS |= dict.fromkeys(("false", "False", "FALSE"), False)
_MAX_DIGITS = 400


class Mark(Protocol):
    """A point in a text: `index` counts characters, `line` and `column` too, all from 0."""

    @property
    def index(self) -> int: ...

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Point:
    """A mark of our own making."""

    index: int
    line: int
    column: int


@dataclass(frozen=True)
class Source:
    """One file as it was read: the name that issues show, and its text."""

    file: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends; the parser breaks lines at the same places."""
        return re.split(r"\r\n|\r|\n", self.text)

    @cached_property
    def starts(self) -> list[int]:
        """The index of the first character of each line."""
        return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", self.text))]

    def line_of(self, index: int) -> int:
        """The line, counted from 0, on which a character stands."""
        return bisect_right(self.starts, index) - 1

    def span(self, line: int, column: int, length: int = 1) -> Span:
        """A stretch within one line; line and column count from 0."""
        return Span(self.file, line + 1, column + 1, line + 1, column + 1 + max(1, length))


@dataclass(slots=True)
class Written:
    """How one value stands in its file; for a scalar also its text and its quote: ', ", |, > or none.

    Not frozen: a big pack has half a million of these, and frozen ones take four times as long to make.
    """

    source: Source
    start: Mark
    end: Mark
    raw: str = ""
    quote: str = ""

    @property
    def span(self) -> Span:
        start, end = self.start, self.end
        return Span(self.source.file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


class Map(dict[str, Any]):
    """A mapping as plain data; `keys_at` and `values_at` say where its parts stand."""

    __slots__ = ("keys_at", "values_at")

    def __init__(self) -> None:
        self.keys_at: dict[str, Written] = {}
        self.values_at: dict[str, Written] = {}


class Seq(list[Any]):
    """A list as plain data; `values_at` says where its items stand."""

    __slots__ = ("values_at",)

    def __init__(self) -> None:
        self.values_at: list[Written] = []


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a file with its place: what the readers of nouns hold."""

    data: Any
    written: Written

    @property
    def span(self) -> Span:
        return self.written.span

    @property
    def text(self) -> str:
        """The scalar as its author wrote it, whatever YAML makes of it."""
        return self.written.raw

    @property
    def normal(self) -> str:
        """The same in the form of Unicode that all text of the data is kept in (NFC), so that equal is equal."""
        return normalize("NFC", self.written.raw)

    def get(self, key: str) -> Value | None:
        """The value under `key`, or None."""
        if key not in self.data:
            return None
        return Value(self.data[key], self.data.values_at[key])

    def entries(self) -> Iterator[tuple[str, Value]]:
        """The pairs of a mapping, in the order of the file."""
        for key in self.data:
            yield key, Value(self.data[key], self.data.values_at[key])

    def items(self) -> Iterator[Value]:
        """The items of a list."""
        for item, written in zip(self.data, self.data.values_at, strict=True):
            yield Value(item, written)


def plain(raw: str) -> Any:
    """The YAML 1.2 core value of a plain scalar: null, boolean, integer, number or text.

    Numbers that no key of a pack takes stay text: `.inf`, `.nan`, `0x1F` and `0o17`.
    """
    if raw in _WORDS:
        return _WORDS[raw]
    if raw[0] not in "0123456789+-.":
        return raw
    if _INTEGER.fullmatch(raw) and len(raw) < _MAX_DIGITS:
        return int(raw)
    if _FLOAT.fullmatch(raw):
        return float(raw)
    return raw
