"""Records and people to changes of owner, each with what is against it, and to what a pool has to offer."""

from __future__ import annotations

from salesrules.pack.followed import OWNER
from salesrules.pack.pools import Pool
from salesrules.work.pool.against import against_assigning, against_claim, against_return, against_transfer, runs
from salesrules.work.pool.change import Do, Offer, OwnerChange
from salesrules.work.pool.desk import Desk
from salesrules.work.pool.situation import Situation

AGAINST = {
    "claim": against_claim,
    "assign": against_assigning,
    "return": against_return,
    "transfer": against_transfer,
}


def changes(desk: Desk, do: Do) -> list[tuple[OwnerChange, Situation]]:
    """For each record whether it may change hands; each that may counts against the limits of those after it.

    Raises: AccessDenied for a record that is not there or may not be known.
    """
    proposed = OWNER in desk.states.watched[desk.entity].in_table
    found = []
    for at in desk.known(do):
        against = tuple(AGAINST[do](desk, at))
        if not against and do != "return":
            desk.take(at)
        to = desk.receiver.id if do != "return" else None
        pool = at.pool.id if at.pool is not None else None
        found.append((OwnerChange(desk.entity, at.key, do, to, pool, at.part, against, proposed=proposed), at))
    return found


def offers(desk: Desk, pool: Pool) -> list[Offer]:
    """The records that wait in a pool, as far as the person may look in: as a member of it, or as its manager."""
    found = [at for at in desk.situations("claim") if at.known and at.pool is pool and not at.waits]
    mine = {
        part
        for part in {at.part for at in found}
        if pool.manager is not None and runs(desk.snapshot, desk.asker, pool, part)
    }
    return [
        Offer(at.key, at.part, at.came or at.created, tuple(against_claim(desk, at)))
        for at in found
        if at.part in mine or any(post.member for post in at.under)
    ]
