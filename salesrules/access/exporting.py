"""The cells that a figure touches to whether it may leave in a file: decided by the grants alone, never by the rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from salesrules.access.snapshot import Line, Principal, Snapshot
from salesrules.expr.typed import Constant


def may_leave(snapshot: Snapshot, principal: Principal, pairs: Iterable[tuple[str, str]]) -> bool:
    """Whether all rows that lines open of these categories, each as (entity, category), may be read and exported.

    A file with other rows than the page could be subtracted from it, and an answer that depends on rows would tell of
    rows that are not seen. So every line that lets a row be counted needs a line to export the same slice through the
    same post, or all rows; one that only lets it be aggregated needs the same to read it. A deny of either refuses.
    """
    opened: list[Line] = []
    read: list[Line] = []
    export: list[Line] = []
    for entity, category in pairs:
        reading, totals, leaving = (
            snapshot.cell(principal, entity, action, category) for action in ("read", "aggregate", "export")
        )
        opened += [*reading.allows, *totals.allows]
        read += reading.allows if not reading.denies else ()
        export += leaving.allows if not leaving.denies else ()
    return _covered(opened, read) and _covered(opened, export) and bool(opened)


def _covered(lines: Sequence[Line], by: Sequence[Line]) -> bool:
    if any(isinstance(line.condition, Constant) and line.condition.value is True for line in by):
        return True
    return all(any(other.hat is line.hat and other.grant.slice == line.grant.slice for other in by) for line in lines)
