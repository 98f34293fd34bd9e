"""YAML text to plain data that remembers where every value stands and how it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from salesrules.issue import YAML_LOADER, Issue, Span

MAX_DEPTH = 60
MAX_BYTES = 20_000_000

_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Any] = {"": None, "~": None}
_WORDS |= dict.fromkeys(("null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True)
_WORDS |= dict.fromkeys(("false", "False", "FALSE"), False)


@dataclass(frozen=True, slots=True)
class Written:
    """How one value stands in its file: its span, and for a scalar its text and quote."""

    span: Span
    raw: str = ""
    quote: str = ""


class Map(dict[str, Any]):
    """A mapping as plain data; `keys_at` and `values_at` say where its parts stand."""

    __slots__ = ("keys_at", "span", "values_at")

    def __init__(self, span: Span) -> None:
        super().__init__()
        self.span = span
        self.keys_at: dict[str, Written] = {}
        self.values_at: dict[str, Written] = {}


class Seq(list[Any]):
    """A list as plain data; `values_at` says where its items stand."""

    __slots__ = ("span", "values_at")

    def __init__(self, span: Span) -> None:
        super().__init__()
        self.span = span
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
    """The YAML 1.2 core value of a plain scalar: null, boolean, integer, number or text."""
    if raw in _WORDS:
        return _WORDS[raw]
    if _INTEGER.match(raw) and len(raw) < 400:
        return int(raw)
    if _FLOAT.match(raw):
        return float(raw)
    return raw


def read(text: str, file: str) -> tuple[Value | None, list[Issue]]:
    """Read one YAML document; None when it is not YAML that packs may use."""
    if len(text) > MAX_BYTES:
        return None, [Issue("yaml.too_large", Span(file), {"limit": f"{MAX_BYTES:,}"})]
    reader = _Reader(file)
    try:
        for event in yaml.parse(text, Loader=YAML_LOADER):
            reader.take(event)
            if reader.stopped:
                break
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        span = Span(file, line, column, line, column + 1)
        reader.issues.append(Issue("yaml.syntax", span, {"problem": error.problem or "unreadable"}))
    except (yaml.YAMLError, RecursionError) as error:
        reader.issues.append(Issue("yaml.syntax", Span(file), {"problem": str(error).splitlines()[0]}))
    return (None if reader.issues else reader.root), reader.issues


class _Reader:
    """Builds Maps and Seqs from parser events, without recursion."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.issues: list[Issue] = []
        self.root: Value | None = None
        self.stopped = False
        self.open: list[Map | Seq] = []
        self.keys: list[tuple[str, Written] | None] = []

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            span = self._span(event)
            self._forbid(event, span)
            self.open.append(Map(span) if isinstance(event, yaml.MappingStartEvent) else Seq(span))
            self.keys.append(None)
            if len(self.open) > MAX_DEPTH:
                self.issues.append(Issue("yaml.too_deep", span, {"limit": str(MAX_DEPTH)}))
                self.stopped = True
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            done = self.open.pop()
            self.keys.pop()
            self._put(done, Written(done.span))
        elif isinstance(event, yaml.AliasEvent):
            self.issues.append(Issue("yaml.alias", self._span(event), {"name": str(event.anchor)}))
            self._put(None, Written(self._span(event)))

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        span = self._span(event)
        self._forbid(event, span)
        quote = event.style if event.style in ("'", '"', "|", ">") else ""
        written = Written(span, event.value, quote or "")
        holder = self.open[-1] if self.open else None
        if isinstance(holder, Map) and self.keys[-1] is None:
            self.keys[-1] = (event.value, written)
        else:
            self._put(event.value if quote else plain(event.value), written)

    def _put(self, data: Any, written: Written) -> None:
        if not self.open:
            self.root = Value(data, written)
            return
        holder = self.open[-1]
        if isinstance(holder, Seq):
            holder.append(data)
            holder.values_at.append(written)
            return
        if self.keys[-1] is None:
            self.issues.append(Issue("yaml.key_not_text", written.span))
            self.keys[-1] = ("", written)
            return
        key, key_written = self.keys[-1]
        if key in holder:
            first = holder.keys_at[key].span
            self.issues.append(Issue("yaml.duplicate_key", key_written.span, {"name": key}, other=first))
        holder[key] = data
        holder.keys_at[key] = key_written
        holder.values_at[key] = written
        self.keys[-1] = None

    def _forbid(self, event: Any, span: Span) -> None:
        if event.tag is not None and event.tag != "!":
            self.issues.append(Issue("yaml.tag", span, {"name": event.tag}))
        if event.anchor is not None:
            self.issues.append(Issue("yaml.alias", span, {"name": event.anchor}))

    def _span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        return Span(self.file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)
