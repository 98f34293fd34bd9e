"""What libyaml complains about to the issue its author can act on, told from the source around the complaint."""

from __future__ import annotations

import re

import yaml

from salesrules.issue import Issue
from salesrules.load.cuts import FULL_WIDTH_COMMAS, ODD_SPACES
from salesrules.load.places import Mark, Point, Source

_KEY = re.compile(r"""\s*(?:-\s+)*(?:(?:"[^"]*"|'[^']*'|[^\s:'"#{\[][^:]*?)\s*:\s+)?""")
_QUOTED = {'"': re.compile(r'"(?:[^"\\]|\\.)*"'), "'": re.compile(r"'(?:[^']|'')*'")}
_LOST_COLON = re.compile(
    rf"\s*(?:-\s+)*[\w$*“”]+(?: [\w$*“”]+)*\s*(：|:(?=[^\s:/]))|[^:#]*(?::\s?|^\s*)([{ODD_SPACES}])"
)
_FLOW_TOKEN = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[{\[\]},]|:(?=\s)""")
_COMMENT = re.compile(r"\s#.*[\]})]")
_LOOK_BACK = 20


def explain(error: yaml.MarkedYAMLError, source: Source) -> Issue:
    """The one issue behind a parser error."""
    problem, context = error.problem or "", error.context or ""
    mark = _inside(error.problem_mark or error.context_mark or Point(0, 0, 0), source)
    since = _inside(error.context_mark or mark, source)
    here = _Complaint(source, mark, since, "flow" in context)
    if "tab character" in problem or here.character == "\t":
        return here.issue("yaml.tab")
    if here.line.lstrip().startswith(":"):
        return here.issue("yaml.key_not_text")
    if "cannot start any token" in problem:
        return here.half_said() or here.issue("yaml.leading_sign", sign=here.character)
    if "unexpected ':'" in problem:
        return here.issue("yaml.no_space_after_colon")
    if "quoted scalar" in context:
        return here.issue("yaml.escape") if "scape" in problem or "hex" in problem else here.open_quote()
    if "directive" in context or "alphabetic" in problem or "tag" in context or "block scalar" in context:
        return here.half_said() or here.leading_sign()
    if "flow" in context:
        return here.flow()
    if "block sequence entries" in problem:
        return here.issue("yaml.dash")
    if "node content" in problem:
        return here.issue(
            "yaml.stray_bracket" if here.character in ("]", "}") else "yaml.leading_sign", sign=here.character
        )
    if "mapping values" in problem or "could not find expected ':'" in problem:
        return here.lost_colon() or here.colon(problem)
    if "expected" in problem:
        return here.stray()
    return here.issue("yaml.syntax", problem=problem)


def _inside(mark: Mark, source: Source) -> Mark:
    """The mark, or the end of the file where the parser stopped behind it."""
    last = len(source.lines) - 1
    return mark if mark.line <= last else Point(mark.index, last, len(source.lines[last]))


class _Complaint:
    """A parser's complaint: the mark it stopped at, and the one where the part it was reading began."""

    def __init__(self, source: Source, mark: Mark, since: Mark, in_flow: bool) -> None:
        self.source, self.mark, self.since, self.in_flow = source, mark, since, in_flow
        self.line: str = source.lines[mark.line]
        self.character = self.line[mark.column : mark.column + 1]
        self.opener = source.lines[since.line][since.column : since.column + 1]

    def issue(
        self, code: str, line: int | None = None, column: int | None = None, length: int = 1, **words: str
    ) -> Issue:
        line = self.mark.line if line is None else line
        return Issue(code, self.source.span(line, self.mark.column if column is None else column, length), words)

    def leading_sign(self) -> Issue:
        return self.issue("yaml.leading_sign", self.since.line, self.since.column, sign=self.opener)

    def half_said(self) -> Issue | None:
        """A value that a comma cut, or that goes on after its quote or bracket, on the line of the complaint."""
        pieces = self._pieces()
        for _, start in pieces[:-1]:
            said = self.line[start : self.mark.column]
            if said.count("(") > said.count(")"):
                return self.issue("yaml.comma_in_flow", column=start, length=len(said))
        start = pieces[-1][1]
        return self._goes_on(start) if start < self.mark.column else None

    def _pieces(self) -> list[tuple[int, int]]:
        """Where the entries up to the complaint begin, and their values, in the collection that it stands in."""
        later = self.since.line < self.mark.line and self.in_flow
        key = None if later else _KEY.match(self.line)
        start = key.end() if key else len(self.line) - len(self.line.lstrip())
        levels = [[(start, start)]]
        for token in _FLOW_TOKEN.finditer(self.line, start, self.mark.column):
            end = token.end() + len(self.line[token.end() :]) - len(self.line[token.end() :].lstrip())
            if token[0] in ("{", "["):
                levels.append([(end, end)])
            elif token[0] in ("]", "}"):
                levels = levels[:-1] or levels
            elif later or len(levels) > 1:
                if token[0] == ",":
                    levels[-1].append((end, end))
                elif token[0] == ":":
                    levels[-1][-1] = (levels[-1][-1][0], end)
        return levels[-1]

    def _goes_on(self, start: int) -> Issue | None:
        first = self.line[start : start + 1]
        if first in ("'", '"'):
            whole = _QUOTED[first].match(self.line, start)
            if whole and whole.end() <= self.mark.column:
                other = "'" if first == '"' else '"'
                return self.issue("yaml.leading_quote", column=start, length=whole.end() - start, quote=other)
        if first in ("[", "{"):
            return self.issue("yaml.leading_bracket", column=start, length=self.mark.column - start)
        return None

    def open_quote(self) -> Issue:
        return self.issue("yaml.open_quote", self.since.line, self.since.column, sign=self.opener)

    def flow(self) -> Issue:
        """Inside braces or brackets something else came than a comma or the end."""
        later = self.mark.line > self.since.line
        if later and (cut := self._cut_by_comment()):
            return cut
        piece, start = self._pieces()[-1]
        comma = next((at for at in range(piece, self.mark.column) if self.line[at] in FULL_WIDTH_COMMAS), None)
        if self.character == ":" and comma is not None:
            return self.issue("yaml.full_width_comma", column=comma, sign=self.line[comma])
        if found := self.half_said():
            return found
        if self.character == ":" and (not later or start > piece):
            return self.issue("yaml.colon_inside")
        return self.issue("yaml.open_bracket", self.since.line, self.since.column, sign=self.opener)

    def _cut_by_comment(self) -> Issue | None:
        comment = _COMMENT.search(self.source.lines[self.since.line], self.since.column)
        if comment is None:
            return None
        return self.issue("yaml.cut_by_comment", self.since.line, comment.start() + 1, len(comment[0]) - 1)

    def lost_colon(self) -> Issue | None:
        """A colon of full width, or without its space, on this line or one that it swallowed."""
        for line in range(self.mark.line, max(-1, self.since.line - 2, self.mark.line - _LOOK_BACK), -1):
            found = _LOST_COLON.match(self.source.lines[line])
            if found and found[2]:
                return self.issue("yaml.odd_space", line, found.start(2), character=f"U+{ord(found[2]):04X}")
            if found and not (line == self.mark.line and found.start(1) == self.mark.column):
                wide = found[1] == "："
                return self.issue(
                    "yaml.full_width_colon" if wide else "yaml.no_space_after_colon", line, found.start(1)
                )
        return None

    def colon(self, problem: str) -> Issue:
        if "could not find" in problem:
            line = self.source.lines[self.since.line]
            return self.issue("yaml.no_colon", self.since.line, self.since.column, len(line.strip()))
        if re.search(r":\s", self.line[: self.mark.column]):
            return self.issue("yaml.colon_inside")
        return self._indentation()

    def stray(self) -> Issue:
        """Something that continues neither the mapping nor the list it stands in."""
        indent = len(self.line) - len(self.line.lstrip())
        if self.mark.column == self.since.column:
            return self.issue("yaml.list_among_keys")
        if self.mark.column > indent and (found := self._opened_above() or self.half_said()):
            closes_too_often = self.character in ("]", "}") and found.code == "yaml.leading_bracket"
            return self.issue("yaml.stray_bracket", sign=self.character) if closes_too_often else found
        return self._indentation()

    def _opened_above(self) -> Issue | None:
        """A quote on a line above that was closed only by the next quote."""
        for line in range(self.mark.line - 1, max(-1, self.mark.line - _LOOK_BACK), -1):
            text = self.source.lines[line]
            key = _KEY.match(text)
            start = key.end() if key else 0
            quote = text[start : start + 1]
            if quote in _QUOTED and quote and not _QUOTED[quote].match(text, start):
                return self.issue("yaml.open_quote", line, start, sign=quote)
        return None

    def _indentation(self) -> Issue:
        indent = len(self.line) - len(self.line.lstrip())
        return self.issue("yaml.indentation", column=0, length=indent, spaces=str(indent))
