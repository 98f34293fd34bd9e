"""The text of salesrules.toml to the place of every key in it, which the standard reader of TOML does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from salesrules.issue import Span

Path = tuple[str, ...]
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|[\w+:-]+|[\[\]{}=,.\n]|[^\S\n]+|.',
    re.DOTALL,
)
_SILENT = (" ", "\t", "\r", "#")


@dataclass(slots=True)
class _Tokens:
    """What is still to be read: tokens with their offsets; blanks and comments are passed over."""

    all: list[tuple[str, int]]
    at: int = 0

    def peek(self) -> str:
        return self.all[self.at][0] if self.at < len(self.all) else ""

    def take(self) -> tuple[str, int]:
        self.at += 1
        return self.all[self.at - 1]

    def lines(self) -> None:
        """Pass over ends of lines."""
        while self.peek() == "\n":
            self.take()


def places(text: str, file: str) -> Mapping[Path, Span]:
    """The place of each key, of a table also that of its header; `text` must be TOML."""
    found: dict[Path, tuple[int, int]] = {}
    matches = (match for match in _TOKEN.finditer(text) if not match[0].startswith(_SILENT))
    tokens = _Tokens([(match[0], match.start()) for match in matches])
    prefix: Path = ()
    while tokens.peek():
        if tokens.peek() == "[":
            prefix = _header(tokens, found)
        elif tokens.peek() == "\n":
            tokens.take()
        else:
            _pair(tokens, prefix, found)
    return {path: _span(text, file, *offsets) for path, offsets in found.items()}


def _header(tokens: _Tokens, found: dict[Path, tuple[int, int]]) -> Path:
    start = tokens.take()[1]
    if tokens.peek() == "[":
        tokens.take()
    *path, end = _key(tokens, "]")
    found[tuple(str(name) for name in path)] = (start, int(end))
    while tokens.peek() == "]":
        tokens.take()
    return tuple(str(name) for name in path)


def _pair(tokens: _Tokens, prefix: Path, found: dict[Path, tuple[int, int]]) -> None:
    """One `key = value`; keys inside the value are found too."""
    start = tokens.all[tokens.at][1]
    *names, end = _key(tokens, "=")
    path = (*prefix, *(str(name) for name in names))
    found[path] = (start, int(end))
    tokens.take()
    _value(tokens, path, found)


def _key(tokens: _Tokens, stop: str) -> Iterator[str | int]:
    """The names of a dotted key up to a sign, and then the offset at which they end."""
    end = 0
    while tokens.peek() not in (stop, ""):
        word, start = tokens.take()
        end = start + len(word)
        if word != ".":
            yield tomllib.loads(f"key = {word}")["key"] if word[0] in "\"'" else word
    yield end


def _value(tokens: _Tokens, path: Path, found: dict[Path, tuple[int, int]]) -> None:
    sign = tokens.take()[0]
    if sign == "{":
        tokens.lines()
        while tokens.peek() != "}":
            _pair(tokens, path, found)
            tokens.lines()
            if tokens.peek() == ",":
                tokens.take()
                tokens.lines()
        tokens.take()
    elif sign == "[":
        while tokens.peek() != "]":
            if tokens.peek() in ("\n", ","):
                tokens.take()
            else:
                _value(tokens, path, found)
        tokens.take()
    else:
        while tokens.peek() not in ("\n", ",", "}", "]", ""):  # 1.5 and a date with its time are several tokens
            tokens.take()


def _span(text: str, file: str, start: int, end: int) -> Span:
    line = text.count("\n", 0, start) + 1
    column = start - text.rfind("\n", 0, start)
    return Span(file, line, column, line, column + end - start)
