"""What came of the wish that a record change hands: it may, or everything that stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Do = Literal["claim", "assign", "return", "transfer"]
What = Literal[
    "right",
    "owned",
    "astray",
    "unowned",
    "waits",
    "no_pool",
    "apart",
    "not_member",
    "not_manager",
    "per_day",
    "hold_max",
    "no_limit",
    "cooldown",
    "delay",
    "has_it",
    "conflict",
]
"""Why not: no right, somebody has it, an owner is named who is not in the tables, nobody has it, on its way already, in
no pool that is known, in no part of the pool, no member or not the manager of it, enough for a day, enough in hand, a
limit that no table tells, given up not long ago, too new, has it already, somebody else has the same."""


@dataclass(frozen=True, slots=True)
class Against:
    """One thing that stands in the way.

    `value` is what counts against `limit`, where there is one; `until` the moment in UTC at which it is over, where
    that is known; `id` the limit that no table tells, or the case of a conflict.
    """

    what: What
    limit: int | None = None
    value: int | None = None
    until: datetime | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class OwnerChange:
    """A record on its way to `to`, nobody being the pool; with nothing against it it may go, `done` says that it went.

    `pool` and `part` are where it comes from, or goes. `proposed` says that the table is right about the owner, so
    that it only counts once the table shows it.
    """

    entity: str
    key: str
    do: Do
    to: str | None
    pool: str | None = None
    part: str | None = None
    against: tuple[Against, ...] = ()
    done: bool = False
    proposed: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """A record that waits in a pool, in one of its parts, and what keeps the person who looks from claiming it now.

    `since` is the moment in UTC at which the log saw it come, if it did.
    """

    key: str
    part: str | None
    since: datetime | None
    against: tuple[Against, ...] = ()
