"""The categories of an entity to what a list asks of its rows: which are listed at all, and which show what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.meaning.reads import Read
from salesrules.run.query import Query
from salesrules.run.reads import open_on


@dataclass(frozen=True, slots=True)
class Shown:
    """Categories in groups, `together`, of those that the same lines open: what one of them shows, all do.

    `listed` is true where a row shows any; false or null elsewhere. `flags` says by group what else must be true of a
    listed row to show it; groups that are not in it show on every listed row.
    """

    together: tuple[frozenset[str], ...]
    listed: str
    flags: Mapping[int, str]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the flags, `shows` and the number of the group."""
        return tuple(f"shows{at}" for at in self.flags)

    @property
    def bits(self) -> str:
        """One number for the flags: bit n is set where group n shows."""
        always = sum(1 << at for at in range(len(self.together)) if at not in self.flags)
        return " + ".join([str(always), *(f"CASE WHEN shows{at} THEN {1 << at} ELSE 0 END" for at in self.flags)])

    def groups(self, reads: Iterable[Read]) -> list[int]:
        """The groups of the categories that are read of the row itself and that not every listed row shows."""
        own = {read.category for read in reads if not _elsewhere(read)}
        return [at for at in self.flags if self.together[at] & own]

    def open_on(self, rows: Query, reads: Iterable[Read]) -> str:
        """True where all these cells of a listed row are open, else false."""
        reads = frozenset(reads)
        flags = [f"({self.flags[at]})" for at in self.groups(reads)]
        others = [read for read in reads if _elsewhere(read)]
        return " AND ".join([*flags, *([open_on(rows, others)] if others else [])]) or "TRUE"


def shown_by(snapshot: Snapshot, principal: Principal, entity: str, rows: Query) -> Shown:
    """What the asker reads of the rows of an entity."""
    together = categories_together(snapshot, principal, entity)
    cells = [Read((), entity, min(categories)) for categories in together]
    widest = rows.enough("read", cells, every=False)
    listed = " OR ".join(rows.in_where.allowed("read", (), entity, cell.category) for cell in widest)
    known = widest[0].category if len(widest) == 1 else None
    flags = {at: rows.read_besides(entity, cell.category, known) for at, cell in enumerate(cells)}
    return Shown(together, f"({listed})", {at: flag for at, flag in flags.items() if flag != "TRUE"})


def categories_together(snapshot: Snapshot, principal: Principal, entity: str) -> tuple[frozenset[str], ...]:
    """The categories of an entity in groups of those that the same lines open."""
    found: dict[Any, set[str]] = {}
    for category in sorted({field.category for field in snapshot.program.pack.entities[entity].fields.values()}):
        cell = snapshot.cell(principal, entity, "read", category)
        lines = (frozenset((line.grant.slice, id(line.hat)) for line in side) for side in (cell.allows, cell.denies))
        found.setdefault(tuple(lines), set()).add(category)
    return tuple(frozenset(categories) for categories in found.values())


def _elsewhere(read: Read) -> bool:
    """Whether a cell is of other records than the row itself."""
    return read.upwards or bool(read.path)
