"""Why a person may or may not do something to a cell: every line that speaks about it, and whether it holds there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from salesrules.access.snapshot import Cell, Line, Principal, Snapshot
from salesrules.expr.typed import Leaf


@dataclass(frozen=True, slots=True)
class Reason:
    """One decision about one category of one record, with the grant lines behind it and what each slice says there."""

    action: str
    entity: str
    key: str
    category: str
    allowed: bool
    lines: tuple[tuple[Line, bool | None], ...]


def reason(
    snapshot: Snapshot, principal: Principal, action: str, entity: str, key: str, category: str, row: Mapping[Leaf, Any]
) -> Reason:
    """Decide one cell, and keep what was looked at; reading gives aggregating, exporting needs reading too."""
    cell = snapshot.cell(principal, entity, action, category)
    allowed = snapshot.decide(principal, cell, entity, action, category, row)
    if action in ("aggregate", "export"):
        read = snapshot.cell(principal, entity, "read", category)
        readable = snapshot.decide(principal, read, entity, "read", category, row)
        allowed = (allowed or readable) if action == "aggregate" else (allowed and readable)
        cell = Cell((*cell.allows, *read.allows), (*cell.denies, *read.denies))
    lines = tuple((line, snapshot.holds(principal, line, row)) for line in (*cell.denies, *cell.allows))
    return Reason(action, entity, key, category, allowed, lines)
