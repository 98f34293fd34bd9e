"""grants.csv to Grant nouns: a line that cannot be read is an issue at its cell, never silence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from unicodedata import normalize

from salesrules.issue import Issue, nearest
from salesrules.load.csv_places import Cell, Row, read_csv
from salesrules.load.text import invisible_characters
from salesrules.pack.policies import ACTIONS, Grant

HEADER = ("effect", "role", "action", "object", "category", "slice", "from", "to", "note")
EFFECTS = ("allow", "deny", "remove")
_NEEDED = ("role", "object", "category", "slice")


def read_grants(text: str, file: str) -> tuple[list[Grant], list[Issue]]:
    """The grants of a file; a line with an issue gives no grant.

    `remove` takes a line of the base away: only a pack that extends another may say it, which `removals` checks.
    """
    if invisible := invisible_characters(text.removeprefix("\ufeff"), file):
        return [], invisible
    rows, issues = read_csv(text, file, HEADER)
    grants: list[Grant] = []
    for row in rows:
        found = list(_issues(row))
        issues += found
        if not found:
            grants.append(_grant(row))
    return grants, issues


def removals(grants: list[Grant]) -> Iterator[Issue]:
    """An issue for each line that takes a line of the base away; for packs that have no base."""
    for grant in grants:
        if grant.effect == "remove":
            yield Issue("grant.nothing_to_remove", grant.span)


def _issues(row: Row) -> Iterator[Issue]:
    yield from _not_among(row["effect"], EFFECTS, "grant.effect")
    yield from _not_among(row["action"], ACTIONS, "grant.unknown_action")
    for column in _NEEDED:
        if not row[column].text:
            yield Issue("grant.empty", row[column].span, {"column": column})
    days = []
    for column in ("from", "to"):
        if row[column].text:
            days.append(_day(row[column]))
            if days[-1] is None:
                yield Issue("grant.no_such_date", row[column].span, {"name": row[column].text})
    if len(days) == 2 and days[0] and days[1] and days[0] >= days[1]:
        words = {"start": row["from"].text, "end": row["to"].text}
        yield Issue("grant.ends_before_start", row["to"].span, words)


def _not_among(cell: Cell, known: tuple[str, ...], code: str) -> Iterator[Issue]:
    if cell.text not in known:
        yield Issue(code, cell.span, {"name": cell.text}, near=nearest(cell.text.lower(), known))


def _day(cell: Cell) -> date | None:
    """A day written as 2026-07-01; the other forms that ISO 8601 has are refused."""
    try:
        return date.fromisoformat(cell.text) if len(cell.text) == len("2026-07-01") else None
    except ValueError:
        return None


def _grant(row: Row) -> Grant:
    said = {name: normalize("NFC", row[name].text) for name in HEADER}
    start, end = (_day(row[name]) if said[name] else None for name in ("from", "to"))
    return Grant(
        span=row.span,
        effect=said["effect"],
        role=said["role"],
        action=said["action"],
        object=said["object"],
        category=said["category"],
        slice=said["slice"],
        start=start,
        end=end,
        note=said["note"],
    )
