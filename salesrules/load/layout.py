"""YAML text to the same YAML laid out: two spaces a level, one after a colon, cut expressions quoted, no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from salesrules.issue import YAML_LOADER, Issue
from salesrules.load.places import Source, Value
from salesrules.load.yaml_data import read

STEP = 2

_TOKEN = re.compile(r"(?P<space>[ \t]+)|(?P<newline>\r\n|\r|\n)|(?P<comment>#[^\r\n]*)|(?P<sign>[{}\[\],:-])")
_MARKER = re.compile(r"^(?:---|\.\.\.|%)", re.MULTILINE)


def layout(text: str, file: str) -> tuple[str, list[Issue]]:
    """The text laid out, and what is still wrong with it; a text that cannot be read comes back as it was.

    Every comment, blank line and line break stays, and so does every value: its data and its text.
    """
    value, issues = read(text, file)
    if value is None or _MARKER.search(text):
        return text, issues
    try:
        laid_out = _Layout(Source(file, _with_quotes(text, file, issues))).text()
    except _Unsure:
        return text, issues
    after, issues_after = read(laid_out, file)
    # INVARIANT: a layout that would say something else is not made
    if after is None or not _same(value, after) or len(issues_after) > len(issues):
        return text, issues
    return laid_out, issues_after


def _same(one: Value, other: Value) -> bool:
    if type(one.data) is not type(other.data) or one.text != other.text:
        return False
    if isinstance(one.data, dict):
        return list(one.data) == list(other.data) and all(
            _same(a, b) for (_, a), (_, b) in zip(one.entries(), other.entries(), strict=True)
        )
    if isinstance(one.data, list):
        return len(one.data) == len(other.data) and all(
            _same(a, b) for a, b in zip(one.items(), other.items(), strict=True)
        )
    return bool(one.data == other.data)


def _with_quotes(text: str, file: str, issues: list[Issue]) -> str:
    """The text with quotes around each expression of one line that a comma cut, if it can be read with them."""
    source = Source(file, text)
    pieces, at = [], 0
    for span in sorted(issue.span for issue in issues if issue.code == "yaml.comma_in_flow"):
        start = source.starts[span.line - 1] + span.column - 1
        end = source.starts[span.end_line - 1] + span.end_column - 1
        if span.line == span.end_line and start >= at:
            pieces += [text[at:start], quoted(text[start:end])]
            at = end
    with_quotes = "".join(pieces) + text[at:]
    return with_quotes if pieces and read(with_quotes, file)[0] else text


def quoted(text: str) -> str:
    """A text of one line as a quoted scalar, in the quotes that leave it most readable."""
    return f'"{text}"' if '"' not in text and "\\" not in text else "'" + text.replace("'", "''") + "'"


class _Unsure(Exception):
    """The text holds a part of YAML that layout does not know."""


@dataclass(frozen=True, slots=True)
class _Block:
    """An open block collection: the column of its keys or dashes, before and after."""

    old: int
    new: int
    is_map: bool


class _Layout:
    """Walks scalars and the gaps between them; the scalars stay, the gaps are written anew."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.out: list[str] = []
        self.at = 0
        self.flow = 0
        self.space = ""
        self.wanted = False
        self.fresh = True
        self.comments: list[tuple[int, int]] = []
        self.before: list[_Block] = []
        self.blocks: list[_Block] = []

    def text(self) -> str:
        flows: list[bool] = []
        style = None
        for event in yaml.parse(self.source.text, Loader=YAML_LOADER):
            start: Any = event.start_mark
            end: Any = event.end_mark
            match event:
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    flows.append(bool(event.flow_style))
                    if event.flow_style:
                        self._gap(start.index, "{")
                    else:
                        new = self.blocks[-1].new + STEP if self.blocks else 0
                        self.blocks.append(_Block(start.column, new, isinstance(event, yaml.MappingStartEvent)))
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    if flows.pop():
                        self._gap(end.index, "")
                    else:
                        self.blocks.pop()
                case yaml.ScalarEvent() | yaml.AliasEvent():
                    self._scalar(start.index, end.index)
                    style = getattr(event, "style", None)
        self._gap(len(self.source.text), "")
        self._comments(None)
        found = "".join(self.out)
        line_end = "\r\n" if "\r\n" in self.source.text else "\n"
        return found if style in ("|", ">") or found.endswith(("\n", "\r")) else found + line_end

    def _scalar(self, start: int, end: int) -> None:
        if start < self.at:
            raise _Unsure
        text = self.source.text[start:end]
        self._gap(start, text[:1])
        if text:
            self._put("".join(self._shifted(text)))
            self.fresh = text.endswith(("\n", "\r"))
        self.at = end

    def _shifted(self, text: str) -> Iterator[str]:
        """A scalar of several lines, its later lines moved as far as the block it stands in."""
        lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
        yield lines[0]
        for line in lines[1:]:
            yield self._moved(line)

    def _moved(self, line: str) -> str:
        move = self.blocks[-1].new - self.blocks[-1].old if self.blocks else 0
        if move >= 0:
            return " " * move + line if line.strip("\r\n") else line
        return line[min(-move, len(line) - len(line.lstrip(" "))) :]

    def _gap(self, end: int, lead: str) -> None:
        """Write what stands before the next scalar or opening bracket, whose first character is `lead`."""
        while self.at < end:
            token = _TOKEN.match(self.source.text, self.at, end)
            if token is None:
                raise _Unsure
            if token["space"]:
                self.space = token[0]
            elif token["newline"]:
                self.out.append(token[0])
                self.fresh, self.wanted, self.space = True, False, ""
            elif token["comment"]:
                self._comment(token)
            else:
                self._sign(token[0])
            self.at = token.end()
        if lead and self.fresh:
            self._indent("")
        self.before = list(self.blocks)

    def _sign(self, sign: str) -> None:
        if self.fresh:
            self._indent(sign)
        if sign in "}]":
            self.flow -= 1
        if sign in ",}]:" and not (self.out and self.out[-1] == ":"):
            self.wanted = False
        self._put(sign)
        self.flow += sign in "{["
        self.wanted = sign in ",:-"

    def _put(self, text: str) -> None:
        if self.wanted:
            self.out.append(" ")
        self.out.append(text)
        self.fresh, self.wanted, self.space = False, False, ""

    def _comment(self, token: re.Match[str]) -> None:
        if self.fresh:
            self.comments.append((len(self.out), len(self.space)))
            self.out += ["", token[0]]
        else:
            self.out += [self.space or " ", token[0]]
        self.fresh, self.wanted, self.space = False, False, ""

    def _indent(self, sign: str) -> None:
        """Begin a line in its new column, and with it the comments above it."""
        old, blocks = len(self.space), self.blocks
        if self.flow or not blocks:
            new = max(0, old + blocks[-1].new - blocks[-1].old) if blocks else old
        elif sign == "-":
            new = next((block.new for block in reversed(blocks) if block.old == old and not block.is_map), -1)
        elif not sign and blocks[-1].is_map and blocks[-1].old == old:
            new = blocks[-1].new
        else:
            new = blocks[-1].new + STEP
        if new < 0:
            raise _Unsure
        self._comments((old, new))
        self.out.append(" " * new)
        self.space = ""

    def _comments(self, lead: tuple[int, int] | None) -> None:
        """Indent the comments that waited for the line below them: as that line, or as the block they stood in."""
        known = {block.old: block.new for block in reversed((*self.blocks, *self.before))}
        if lead:
            known[lead[0]] = lead[1]
        for place, old in self.comments:
            self.out[place] = " " * known.get(old, max(0, old + (lead[1] - lead[0] if lead else 0)))
        self.comments.clear()
