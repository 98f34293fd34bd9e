"""The text of a value and the stretch of its file to the table that leads from one to the other."""

from __future__ import annotations

from salesrules.expr.syntax import Place


def aligned(text: str, source: str, line: int, column: int) -> tuple[Place, ...]:
    """Where each character of `text` stands, `source` being the file from (`line`, `column`) to the end of the value.

    Quoting, escaping and folding change nothing but white space, quotes and backslashes, so the characters are
    found again in order, whatever the style. Returns: nothing if one is not found: the value has other escapes.
    """
    places: list[Place] = []
    at, row, start = 0, line, -(column - 1)  # `start` is the offset in `source` at which the row begins
    for offset, char in enumerate(text):
        if char.isspace():
            continue
        while at < len(source) and source[at] != char:
            if source[at] == "\n":
                row, start = row + 1, at + 1
            at += 1
        if at == len(source):
            return ()
        here = Place(offset, row, at - start + 1)
        last = places[-1] if places else None
        if last is None or (here.line, here.column - here.offset) != (last.line, last.column - last.offset):
            places.append(here)
        at += 1
        if char == source[at : at + 1] and char in "'\\" and text[offset + 1 : offset + 2] != char:
            at += 1  # a quote or backslash that the file doubles
    return tuple(places)
