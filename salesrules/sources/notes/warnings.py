"""Warnings about data to a table of the database that was built from it, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from salesrules.engines.engine import Engine
from salesrules.expr.sql import quoted
from salesrules.issue import Issue, Several, Span, in_order

WARNINGS = "#warnings"  # no table of a source is called so
_PLACE = ("file", "line", "column", "end_line", "end_column")


def keep_warnings(engine: Engine, issues: Iterable[Issue]) -> None:
    """Make the table of the warnings, one row for each word of each; those that name a second place have no room."""
    columns: Mapping[str, list[Any]] = {name: [] for name in ("code", *_PLACE, "word", "said")}
    for issue in issues:
        for word, said in issue.words.items():
            found = (issue.code, *(getattr(issue.span, part) for part in _PLACE), word, str(said))
            for column, value in zip(columns.values(), found, strict=True):
                column.append(value)
    engine.insert(WARNINGS, columns)


def kept_warnings(engine: Engine) -> tuple[Issue, ...]:
    """The warnings about the data of a database that `build` has filled, by place."""
    words: dict[tuple[str, Span], dict[str, str]] = {}
    for code, file, *place, word, said in engine.rows(f"SELECT * FROM {quoted(WARNINGS)}"):
        words.setdefault((code, Span(file, *map(int, place))), {})[word] = Several(said)
    return in_order(Issue(code, span, found) for (code, span), found in words.items())
