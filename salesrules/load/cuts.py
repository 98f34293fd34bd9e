"""Scalars that YAML accepts but that say less than was meant: cut at a comma or a comment, badly punctuated."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from salesrules.issue import Issue, Span
from salesrules.load.places import Map, Point, Seq, Written, plain

FULL_WIDTH_COLON, FULL_WIDTH_COMMAS, CURLY = "：", "，、", "“”"
ODD_SPACES = "\u3000\u00a0\u200b"

MAX_CUT, MAX_PIECES, MAX_UNCLOSED = 20_000, 100, 20  # what is looked through, so that hostile files stay cheap

_ODD = re.compile(rf"['(（“”：，、{ODD_SPACES}:]")
_OPENERS = {"(": ")", "（": "）", "“": "”"}
_OPEN_TEXT = re.compile(r"(?:^|[\s(=,<>])'(?:[^']|'')*$")
_THOUSANDS = re.compile(r"[-+]?[0-9]{1,3}(?:,\s*[0-9]{3})+(?:\.[0-9]+)?")
_NOT_A_PAIR = re.compile(rf"[\w$*][\w .$*]*?(：|:(?=\S))|[\w$*][\w .$*]*?:?([{ODD_SPACES}])")


def looks_odd(raw: str) -> bool:
    """Whether an unquoted scalar deserves a second look; asked for every one, so it is one search."""
    return _ODD.search(raw) is not None


def odd_scalar(written: Written, is_key: bool, in_flow: bool) -> Issue | None:
    """The trap in an unquoted scalar that can be told from itself and what follows on its line."""
    raw = written.raw
    if raw[0] == "“" and raw[-1] == "”":
        return Issue("yaml.curly_quotes", written.span)
    if is_key:
        space = next((character for character in ODD_SPACES if character in (raw[0], raw[-1])), None)
        return odd_space(written, raw.index(space)) if space else None
    if not in_flow and _is_open(raw):
        return _cut_by_comment(written)
    return None


def odd_space(written: Written, at: int) -> Issue:
    """A space that is none to YAML, at a place in a scalar of one line."""
    start = written.start
    words = {"character": f"U+{ord(written.raw[at]):04X}"}
    return Issue("yaml.odd_space", written.source.span(start.line, start.column + at), words)


def swallowed_items(written: Written) -> Iterator[Issue]:
    """Items of a list that were indented too far, so that YAML reads them as the rest of the item above."""
    for line in range(written.start.line + 1, written.end.line + 1):
        text = written.source.lines[line]
        indent = len(text) - len(text.lstrip())
        if text.startswith("- ", indent):
            yield Issue("yaml.indentation", written.source.span(line, 0, indent), {"spaces": str(indent)})


def not_a_pair(written: Written) -> Issue | None:
    """Why a scalar that was meant as `key: value` is none, if it looks like one."""
    found = None if written.quote else _NOT_A_PAIR.match(written.raw)
    if found is None:
        return None
    if found[2]:
        return odd_space(written, found.end() - 1)
    code = "yaml.full_width_colon" if found[1] == FULL_WIDTH_COLON else "yaml.no_space_after_colon"
    return Issue(code, written.source.span(written.start.line, written.start.column + found.end() - 1))


def _is_open(raw: str) -> bool:
    return any(raw.count(opener) > raw.count(closer) for opener, closer in _OPENERS.items()) or (
        raw.count("'") % 2 == 1 and _OPEN_TEXT.search(raw) is not None
    )


def _cut_by_comment(written: Written) -> Issue | None:
    """A comment that holds the end of what the scalar left open."""
    line = written.source.lines[written.end.line]
    rest = line[written.end.column :]
    comment = rest.lstrip()
    if not comment.startswith("#") or not any(closer in comment for closer in (*_OPENERS.values(), "'")):
        return None
    column = written.end.column + len(rest) - len(comment)
    return Issue("yaml.cut_by_comment", written.source.span(written.end.line, column, len(comment)))


@dataclass(frozen=True, slots=True)
class Cut:
    """A value of a flow collection that a comma cut into pieces: its issue, its key in a mapping, and all of it."""

    issue: Issue
    key: str
    whole: Written
    data: Any


class Cuts:
    """The cuts of one collection in the order of the file."""

    def __init__(self, content: Map | Seq, at: Written) -> None:
        self.all = tuple(_cuts_in(content, at))
        self._spans = [cut.whole.span for cut in self.all]

    def of(self, at: Written) -> Cut | None:
        """The cut whose first piece is this value."""
        found = self._at(at.span)
        return found if found and found.whole.start.index == at.start.index else None

    def hold(self, at: Written) -> bool:
        """Whether a key or item is a later piece of a cut value."""
        return self._at(at.span) is not None and self.of(at) is None

    def cover(self, issue: Issue) -> bool:
        """Whether an issue is only about the pieces."""
        return self._at(issue.span) is not None

    def _at(self, span: Span) -> Cut | None:
        place = bisect_right(self._spans, (span.line, span.column), key=lambda own: (own.line, own.column)) - 1
        if place < 0 or (span.line, span.column) >= (self._spans[place].end_line, self._spans[place].end_column):
            return None
        return self.all[place]


def _cuts_in(content: Map | Seq, at: Written) -> Iterator[Cut]:
    beyond, unclosed = -1, 0
    values = list(content.values_at.items()) if isinstance(content, Map) else [("", w) for w in content.values_at]
    for place, (key, written) in enumerate(values):
        if written.quote or not written.raw or written.start.index < beyond:
            continue
        end = None
        if unclosed < MAX_UNCLOSED and _is_open(written.raw):
            end = _end_of(written, min(at.end.index - 1, written.start.index + MAX_CUT))
            unclosed += end is None
        if end is None and isinstance(content, Map):
            end = _end_of_pieces(content, values[place + 1 : place + 1 + MAX_PIECES])
        if end is not None:
            beyond = end
            yield _cut(key, _whole(written, end))


def misread_in(content: Map | Seq) -> Iterator[Issue]:
    """Full-width punctuation and missing spaces that glue the parts of a flow collection together."""
    if isinstance(content, Seq):
        candidates = [at for at in content.values_at if at.raw and not at.quote]
    else:
        candidates = [at for key, at in content.keys_at.items() if _stands_alone(content, key)]
    for at in candidates:
        comma = next((character for character in at.raw if character in FULL_WIDTH_COMMAS), None)
        if isinstance(content, Map) and (issue := not_a_pair(at)):
            yield issue
        elif comma:
            place = at.source.span(at.start.line, at.start.column + at.raw.index(comma))
            yield Issue("yaml.full_width_comma", place, {"sign": comma})


def _cut(key: str, whole: Written) -> Cut:
    if _THOUSANDS.fullmatch(whole.raw):
        write = re.sub(r",\s*", "_", whole.raw)
        words = {"found": whole.raw, "write": write}
        return Cut(Issue("yaml.comma_in_number", whole.span, words), key, whole, plain(write.replace("_", "")))
    return Cut(Issue("yaml.comma_in_flow", whole.span), key, whole, whole.raw)


def _end_of_pieces(content: Map, after: list[tuple[str, Written]]) -> int | None:
    """The index after the keys that stand alone behind a value: `c` and `d` in `{a: b, c, d}`."""
    end = None
    for key, _ in after:
        at = content.keys_at[key]
        if not _stands_alone(content, key) or not_a_pair(at):
            break
        end = at.end.index
    return end


def _stands_alone(content: Map, key: str) -> bool:
    """Whether a key has neither colon nor value."""
    at, value = content.keys_at[key], content.values_at[key]
    if at.quote or value.raw or value.quote or content[key] is not None:
        return False
    return not at.source.text[at.end.index : at.end.index + 40].lstrip().startswith(":")


def _end_of(written: Written, limit: int) -> int | None:
    """The index after an expression that begins at a scalar and goes on past a comma, or None if it never closes."""
    text, index = written.source.text, written.start.index
    closers: list[str] = []
    while index < limit:
        character = text[index]
        if closers and character == closers[-1]:
            closers.pop()
        elif closers and closers[-1] == "'":
            pass
        elif character in _OPENERS or character == "'":
            closers.append(_OPENERS.get(character, "'"))
        elif not closers and character in ",]}":
            break
        index += 1
    return None if closers else index


def _whole(written: Written, end: int) -> Written:
    text, start = written.source.text, written.start.index
    raw = text[start:end].rstrip()
    line = written.source.line_of(start + len(raw))
    mark = Point(start + len(raw), line, start + len(raw) - written.source.starts[line])
    return Written(written.source, written.start, mark, raw)
