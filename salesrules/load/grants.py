"""grants.csv to Grant nouns, read line by line: a line that cannot be read is an issue, never silence."""

from __future__ import annotations

import csv
import io
from datetime import date

from salesrules.issue import Issue, Span, nearest
from salesrules.pack.policies import ACTIONS, Grant

HEADER = ("effect", "role", "action", "object", "category", "slice", "from", "to", "note")
_FULL_WIDTH_COMMA = "\uff0c"


def read_grants(text: str, file: str) -> tuple[list[Grant], list[Issue]]:
    """The grants of a file; a line with an issue gives no grant."""
    grants: list[Grant] = []
    issues: list[Issue] = []
    lines = text.removeprefix("\ufeff").splitlines()
    for number, line in enumerate(lines, start=1):
        cells = next(csv.reader(io.StringIO(line)), [])
        span = Span(file, number, 1, number, max(2, len(line) + 1))
        if number == 1:
            if tuple(cells) != HEADER:
                return [], [Issue("grant.header", span, {"header": ",".join(HEADER)})]
        elif line.strip() and not line.startswith("#"):
            found = _grant([cell.strip() for cell in cells], line, span)
            if isinstance(found, Grant):
                grants.append(found)
            else:
                issues.append(found)
    return grants, issues


def _grant(cells: list[str], line: str, span: Span) -> Grant | Issue:
    if _FULL_WIDTH_COMMA in line and len(cells) != len(HEADER):
        return Issue("grant.full_width_comma", span)
    if len(cells) != len(HEADER):
        return Issue("grant.columns", span, {"found": str(len(cells)), "wanted": str(len(HEADER))})
    effect, role, action, object_, category, slice_, start, end, note = cells
    if effect not in ("allow", "deny"):
        return Issue("grant.effect", span, {"name": effect}, near=nearest(effect.lower(), ("allow", "deny")))
    if action not in ACTIONS:
        return Issue("grant.unknown_action", span, {"name": action}, near=nearest(action, ACTIONS))
    try:
        days = [date.fromisoformat(day) if day else None for day in (start, end)]
    except ValueError:
        return Issue("grant.no_such_date", span, {"name": f"{start}, {end}"})
    if days[0] and days[1] and days[0] >= days[1]:
        return Issue("grant.ends_before_start", span, {"start": start, "end": end})
    return Grant(span, effect, role, action, object_, category, slice_, days[0], days[1], note)
