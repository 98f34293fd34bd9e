"""A question for a KPI to the groups that are not shown, because few rows that the asker cannot read are behind them.

Such rows are told in blocks (`blocks`), and those hang on the KPI and the asker alone. So whatever groupings one KPI is
asked for, and however the answers are subtracted from each other, what comes out is about whole blocks. Two KPIs whose
filters differ by few rows can still be subtracted: who writes a pack decides which KPIs there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.compile import Measure
from salesrules.engines.engine import Engine
from salesrules.expr.typed import Typed
from salesrules.run.blocks import Labels, in_blocks
from salesrules.run.unread import Counted, count_unread


@dataclass(frozen=True, slots=True)
class Withheld:
    """The groups, by their labels, that are not shown, and whether the total is."""

    groups: frozenset[Labels]
    total: bool


def withheld(
    engine: Engine, snapshot: Snapshot, principal: Principal, measure: Measure, by: tuple[Typed, ...]
) -> Withheld:
    """Decide which groups of a question are withheld."""
    unread = count_unread(engine, snapshot, principal, measure, by)
    kinds = _added((kind, counted) for kind, _, counted in unread.rows)
    block_of = in_blocks([(k, c.lasting) for k, c in kinds.items()], unread.cuts, unread.smallest)
    blocks = _added(((block_of[kind],), counted) for kind, _, counted in unread.rows)
    groups = _added(((block_of[kind], *group), counted) for kind, group, counted in unread.rows)

    def tells(key: Labels, counted: Counted) -> bool:
        return _tells(counted, blocks[key[:1]].hidden, unread.smallest)

    told = frozenset(key[1:] for key, counted in groups.items() if tells(key, counted))
    return Withheld(told, any(tells(key, counted) for key, counted in blocks.items()))


def _tells(part: Counted, whole: tuple[int, ...], smallest: int) -> bool:
    """Whether the part of a block that a group has would tell about fewer rows than it may.

    A group has all of the block or none, and so does each condition of the formula. Nothing that is counted there is a
    small count. The least, greatest or middle value is that of one row, and counts as one.
    """
    return (
        part.inside not in ((0,), whole)
        or part.beyond > (0,)
        or any(count not in (0, *part.inside) for count in part.holding)
        or any(0 < count < smallest for count in part.small)
        or any(count > 0 and smallest > 1 for count in part.alone)
    )


def _added(counted: Iterable[tuple[Labels, Counted]]) -> dict[Labels, Counted]:
    """All that have the same labels, added."""
    found: dict[Labels, Counted] = {}
    for labels, counts in counted:
        known = found.get(labels)
        found[labels] = counts if known is None else _sum(known, counts)
    return found


def _sum(one: Counted, other: Counted) -> Counted:
    pairs = ((getattr(one, field.name), getattr(other, field.name)) for field in fields(Counted))
    return Counted(*(tuple(map(int.__add__, *pair)) for pair in pairs))
