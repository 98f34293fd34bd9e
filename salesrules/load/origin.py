"""A scalar and its source to a table of where each stretch of its text stands, through quotes, escapes and folds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from salesrules.load.places import Written

Origin = tuple[tuple[int, int, int], ...]
"""(offset in the text, line, column) of the first character of each unbroken stretch, from 1 as in a Span."""

_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)")
_FOLD = re.compile(r"[ \t]*(?:\r\n|\r|\n)[ \t\r\n]*")
_BREAK = re.compile(r"\r\n|\r|\n")


def origin_of(written: Written) -> Origin:
    """Where the text of a scalar stands; an offset beyond the last stretch's start counts on along its line."""
    if written.quote in ("|", ">"):
        stretches = _block(written)
    elif written.start.line == written.end.line and "\\" not in _slice(written) and "''" not in _slice(written)[1:-1]:
        stretches = iter([(0, written.start.index + len(written.quote))])
    else:
        stretches = _flowing(written)
    return tuple((offset, *_place(written, index)) for offset, index in stretches)


def _slice(written: Written) -> str:
    return written.source.text[written.start.index : written.end.index]


def _place(written: Written, index: int) -> tuple[int, int]:
    line = written.source.line_of(index)
    return line + 1, index - written.source.starts[line] + 1


def _block(written: Written) -> Iterator[tuple[int, int]]:
    """Stretches of a literal or folded block: its lines without their indentation."""
    body, raw = _slice(written), written.raw
    header = re.match(r"[|>][^\r\n]*(?:\r\n|\r|\n)", body)
    lines = [(match.start(), match[0]) for match in re.finditer(r"[^\r\n]+", body) if match[0].strip(" ")]
    if header is None:
        return
    lines = [(at, line) for at, line in lines if at >= header.end()]
    first = lines[0][1] if lines else ""
    kept = len(raw.lstrip("\n")) - len(raw.lstrip(" \n"))
    indent = len(first) - len(first.lstrip(" ")) - kept
    offset = 0
    for at, line in lines:
        found = raw.find(line[indent:], offset)
        if found < 0:
            return
        yield found, written.start.index + at + indent
        offset = found + len(line) - indent


def _flowing(written: Written) -> Iterator[tuple[int, int]]:
    """Stretches of a plain or quoted scalar: it breaks at folded lines, at '' and at escapes."""
    text, quote = written.source.text, written.quote
    at, end = written.start.index + len(quote), written.end.index - len(quote)
    offset, fresh = 0, True
    while at < end:
        if fresh:
            yield offset, at
        fresh = True
        if fold := _FOLD.match(text, at, end):
            breaks = len(_BREAK.findall(fold[0]))
            offset, at = offset + max(1, breaks - 1), fold.end()
        elif quote == "'" and text[at] == "'":
            offset, at = offset + 1, at + 2
        elif quote == '"' and text.startswith(("\\\r", "\\\n"), at):
            at += 1
            at += len(re.match(r"(?:\r\n|\r|\n)[ \t\r\n]*", text[at:end])[0])  # type: ignore[index]
        elif quote == '"' and (escape := _ESCAPE.match(text, at, end)):
            offset, at = offset + 1, escape.end()
        else:
            offset, at, fresh = offset + 1, at + 1, False
