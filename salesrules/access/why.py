"""Why a person may or may not do something to a cell: every line that speaks about it, and whether it holds there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from salesrules.access.snapshot import Line, Principal, Snapshot
from salesrules.expr.typed import Leaf

Said = tuple[Line, bool | None]
"""A line, and whether its slice is true, false or null."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One decision about one category of one record, with the grant lines behind it and what each slice says there."""

    action: str
    entity: str
    key: str
    category: str
    allowed: bool
    lines: tuple[Said, ...]


def reason(
    snapshot: Snapshot, principal: Principal, action: str, entity: str, key: str, category: str, row: Mapping[Leaf, Any]
) -> Reason:
    """Decide one cell, and keep what was looked at; reading gives aggregating, exporting needs reading too."""
    allowed, lines = _decided(snapshot, principal, action, entity, category, row)
    if action in ("aggregate", "export"):
        readable, read = _decided(snapshot, principal, "read", entity, category, row)
        allowed = (allowed or readable) if action == "aggregate" else (allowed and readable)
        lines = [*lines, *read]
    denies, allows = ([said for said in lines if said[0].grant.effect == effect] for effect in ("deny", "allow"))
    return Reason(action, entity, key, category, allowed, (*denies, *allows))


def _decided(
    snapshot: Snapshot, principal: Principal, action: str, entity: str, category: str, row: Mapping[Leaf, Any]
) -> tuple[bool, list[Said]]:
    """Whether an action by itself is allowed, and what the slice of each line about it says."""
    cell = snapshot.cell(principal, entity, action, category)
    decision = snapshot.decision(principal, cell, entity, action, category)
    flat = decision.flat(row)
    holds = dict(zip(decision.about, decision.holds(flat), strict=True))
    return decision(flat), [(line, holds[id(line.hat), line.grant.slice]) for line in (*cell.denies, *cell.allows)]
