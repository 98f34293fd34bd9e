"""Issues to what people and tools read: text with the source line and a caret, JSON, and SARIF 2.1.0."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from json import dumps
from typing import Any
from urllib.parse import quote

from salesrules import __version__
from salesrules.issue import Issue, Span, catalogue, say

ReadSource = Callable[[str], str | None]
"""The text of a file by the name that issues show, or None if it cannot be shown."""

MAX_SHOWN = 160
_SECRET = re.compile(r"""://[^:/@\s"']*:(?P<password>[^"'\s]*)@|password=(?P<value>[^&;"'\s]+)""", re.IGNORECASE)
_GUTTER = "{line:>5} | "
_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def text(issues: Iterable[Issue], read_source: ReadSource, lang: str = "en") -> str:
    """Each issue on its line, and below it the line of the file with carets under the place."""

    @cache
    def lines(file: str) -> list[str]:
        found = read_source(file)
        return [] if found is None else source_lines(found)

    shown: list[str] = []
    for issue in issues:
        shown.append(issue.line(lang))
        source = lines(issue.span.file)
        if issue.span.line <= len(source) and source[issue.span.line - 1].strip():
            shown += _pointed(source[issue.span.line - 1], issue.span)
    return "\n".join(shown)


def source_lines(text: str) -> list[str]:
    """The lines of a file, counted as issues count them."""
    return re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))


def summary(issues: Sequence[Issue], files: int, seconds: float, lang: str = "en") -> str:
    """`2 errors, 1 warning in 11 files (84 ms)`."""
    errors = sum(issue.severity == "error" for issue in issues)
    parts = {
        "errors": _counted("error", errors, lang),
        "warnings": _counted("warning", len(issues) - errors, lang),
        "files": _counted("file", files, lang),
    }
    return say("report.summary", lang, ms=f"{seconds * 1000:,.0f}", **parts)


def json(issues: Iterable[Issue], lang: str = "en") -> str:
    """A list of issues; lines and columns count characters from 1, the end is exclusive."""
    return dumps([_entry(issue, lang) for issue in issues], ensure_ascii=False, indent=2)


def sarif(issues: Sequence[Issue], lang: str = "en") -> str:
    """A SARIF 2.1.0 log of one run, as code hosts and editors read it; paths stay relative to the workspace."""
    codes = sorted({issue.code for issue in issues})
    rules = [{"id": code, "shortDescription": {"text": catalogue()[code][lang]}} for code in codes]
    driver = {"name": "salesrules", "version": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(issue, codes.index(issue.code), lang) for issue in issues],
    }
    return dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _counted(thing: str, count: int, lang: str) -> str:
    return say(f"report.{thing}" if count == 1 else f"report.{thing}s", lang, count=f"{count:,}")


def excerpt(line: str, span: Span) -> tuple[str, str, str]:
    """A line in three parts: what stands before a place, the place, what stands after; a very long line is cut."""
    start = min(span.column - 1, len(line))
    end = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    skipped = max(0, start - MAX_SHOWN // 2) if len(line) > MAX_SHOWN else 0
    window = "".join(
        " " if unicodedata.category(character) in ("Cc", "Cf") else character
        for character in line[skipped : skipped + MAX_SHOWN]
    )
    first, last = start - skipped, max(start + 1, end) - skipped
    return ("…" if skipped else "") + window[:first], window[first:last], window[last:]


def _pointed(line: str, span: Span) -> list[str]:
    """The line and its carets."""
    before, under, after = excerpt(_without_secrets(line), span)
    gutter = _GUTTER.format(line=span.line)
    carets = " " * (len(gutter) + _columns(before)) + "^" * max(1, _columns(under))
    return [gutter + (before + under + after).rstrip(), carets]


@lru_cache(maxsize=4)
def _without_secrets(line: str) -> str:
    """The line with stars for passwords; remembered, because a long line may have an issue every few letters."""
    return _SECRET.sub(_masked, line)


def _masked(found: re.Match[str]) -> str:
    """The same text with stars for the password, as many as keep the carets in place."""
    secret = "password" if found["password"] is not None else "value"
    start, end = (at - found.start() for at in found.span(secret))
    return found[0][:start] + "*" * (end - start) + found[0][end:]


def _columns(text: str) -> int:
    """Columns that a terminal gives to a text: two for wide characters, none for combining ones."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _entry(issue: Issue, lang: str) -> dict[str, Any]:
    return {
        "code": issue.code,
        "severity": issue.severity,
        **_place(issue.span),
        "text": issue.text(lang),
        "near": issue.near,
        "other": _place(issue.other) if issue.other else None,
    }


def _place(span: Span) -> dict[str, Any]:
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _result(issue: Issue, rule: int, lang: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ruleId": issue.code,
        "ruleIndex": rule,
        "level": issue.severity,
        "message": {"text": issue.text(lang)},
        "locations": [_location(issue.span)],
    }
    if issue.other:
        found["relatedLocations"] = [{"id": 0, **_location(issue.other)}]
    return found


def _location(span: Span) -> dict[str, Any]:
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    return {"physicalLocation": {"artifactLocation": {"uri": quote(span.file.replace("\\", "/"))}, "region": region}}
