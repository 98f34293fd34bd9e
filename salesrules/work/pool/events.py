"""Changes of owner that may be to the events that say so."""

from __future__ import annotations

from datetime import datetime

from salesrules.pack.followed import OWNER, POOL
from salesrules.store import Event
from salesrules.work.kinds import ASSIGNED, CLAIMED, FROM, RETURNED, TRANSFERRED
from salesrules.work.pool.change import OwnerChange
from salesrules.work.pool.limits import rule_of

KINDS = {"claim": CLAIMED, "assign": ASSIGNED, "return": RETURNED, "transfer": TRANSFERRED}


def changed_hands(change: OwnerChange, owner: str | None, actor: str, now: datetime, release: str) -> Event:
    """The event of a record that goes from its owner, or nobody, to somebody, or nobody."""
    values: dict[str, str | None] = {OWNER: change.to}
    if change.do == "transfer":
        values[FROM] = owner
    else:
        values[POOL] = change.pool if change.to is None else None
    rule = rule_of(change.pool, change.part) if change.pool is not None else ""
    return Event(now, change.entity, change.key, KINDS[change.do], actor, values, rule, release)
