"""A request to the question of a list: what was typed, its mistakes at their place, and the links that change it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import abort, request, url_for

from salesrules.export import FORMATS
from salesrules.issue import SalesrulesError
from salesrules.workspace import Answer
from salesrules_web.asking import lang, me, the_workspace
from salesrules_web.words import heading, here

_PARTS = ("where", "sort", "columns")


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column, the way to the list sorted by it, none where it cannot be, and how it is sorted now."""

    text: str
    href: str | None
    sorted: str | None


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a question; of a filter the part that is meant, with what stands around it."""

    text: str
    before: str = ""
    part: str = ""
    after: str = ""


def as_asked() -> dict[str, str]:
    """The filter, the order and the columns of the request, as on the command line."""
    return {part: ",".join(request.args.getlist(part)) for part in _PARTS}


def mistakes_in(error: SalesrulesError, asked: dict[str, str]) -> list[Mistake]:
    """The issues of a question, each at its place in what was typed.

    Raises: the error again if it is not about the question but about who asks, or what there is.
    """
    found = []
    for issue in error.issues:
        part = issue.span.file.removeprefix("--")
        if part not in _PARTS:
            raise error
        text, start, end = asked[part], issue.span.column - 1, issue.span.end_column - 1
        whole = part != "where" or issue.span.end_line > 1 or end <= start
        found.append(Mistake(issue.text(lang()), *(() if whole else (text[:start], text[start:end], text[end:]))))
    return found


def heads(answer: Answer, asked: dict[str, str]) -> Iterator[Head]:
    """The heads of the columns; a link sorts by its column, a second time the other way round."""
    usable = the_workspace().usable(me(), answer.entity)
    first = asked["sort"].split(",")[0].strip()
    for name in answer.columns:
        state = {name: "ascending", f"-{name}": "descending"}.get(first)
        to = f"-{name}" if state == "ascending" else name
        closed = name in the_workspace().pack.entities[answer.entity].fields and name not in usable
        yield Head(heading(answer, name), None if closed else here(sort=to, page=1), state)


def choices(entity: str, asked: dict[str, str]) -> list[tuple[str, bool]]:
    """The columns that can be ticked, and whether they are; none chosen are all."""
    chosen = [name.strip() for name in asked["columns"].split(",") if name.strip()]
    known = dict.fromkeys([*the_workspace().pack.entities[entity].fields, *chosen])
    return [(name, name in chosen or not chosen) for name in known]


def download_kind() -> str:
    """The kind of file that the request asks for."""
    kind = request.args.get("as", "")
    if kind not in FORMATS:
        abort(404)
    return kind


def downloads(entity: str, asked: dict[str, str]) -> list[tuple[str, str]]:
    """The kinds of files with the way to each, if the person may export anything."""
    if not the_workspace().may_export(me(), entity):
        return []
    given = {name: text for name, text in asked.items() if text}
    return [
        (kind, f"{url_for('records.download', entity=entity)}?{urlencode({**given, 'as': kind})}") for kind in FORMATS
    ]
