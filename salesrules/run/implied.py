"""The cells that a question needs to those that must be looked at: what one cell decides is not asked of another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from salesrules.access.snapshot import Cell, Line, Principal, Snapshot
from salesrules.meaning.reads import Read


def strictest(snapshot: Snapshot, principal: Principal, action: str, cells: Iterable[Read]) -> list[Read]:
    """Fewer cells that are all open on the same rows: where two lie on one record and one opens the other, that one."""
    return _kept(sorted(cells), lambda one, by: _opens(snapshot, principal, action, by, one))


def widest(snapshot: Snapshot, principal: Principal, action: str, cells: Iterable[Read]) -> list[Read]:
    """Fewer cells of which any is open on the same rows: where one opens another on its record, the other."""
    return _kept(sorted(cells), lambda one, by: _opens(snapshot, principal, action, one, by))


def _kept(cells: Sequence[Read], needless: Callable[[Read, Read], bool]) -> list[Read]:
    """The cells without those that another one makes needless; of two that do so to each other, the first."""
    kept: list[Read] = []
    for cell in cells:
        if not any(needless(cell, by) for by in kept):
            kept = [other for other in kept if not needless(other, cell)] + [cell]
    return kept


def _opens(snapshot: Snapshot, principal: Principal, action: str, cell: Read, other: Read) -> bool:
    """Whether every row on which the first is open has the second open too, as their lines alone say."""
    if (cell.path, cell.upwards) != (other.path, other.upwards):
        return False
    actions = {"aggregate": ("aggregate", "read"), "export": ("export", "read")}.get(action, (action,))
    pairs = [[snapshot.cell(principal, at.entity, a, at.category) for at in (cell, other)] for a in actions]
    return all(_narrower(one, wider) for one, wider in pairs)


def _narrower(cell: Cell, other: Cell) -> bool:
    """Whether all that opens the first opens the second, and all that closes the second closes the first."""
    return not cell.allows or (_said(cell.allows) <= _said(other.allows) and _said(other.denies) <= _said(cell.denies))


def besides(cell: Cell, known: Cell) -> Cell:
    """What is left to ask of a cell where another one is known to be open: without the lines that this answers.

    An opening line of the known cell is true there, so a cell with all of them needs none; its closing lines are false.
    """
    allows = () if known.allows and _said(known.allows) <= _said(cell.allows) else cell.allows
    false = _said(known.denies)
    return Cell(allows, tuple(line for line in cell.denies if not _said([line]) <= false))


def _said(lines: Iterable[Line]) -> set[tuple[str, int]]:
    """What lines say whatever their category: a slice, as the post of one hat fills it."""
    return {(line.grant.slice, id(line.hat)) for line in lines}
