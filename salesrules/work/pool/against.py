"""A record and a person to everything that stands between the two: limits, times, membership, rights."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from salesrules.access.snapshot import Hat, Principal, Snapshot
from salesrules.pack.pools import Pool
from salesrules.pack.values import Duration
from salesrules.work.pool.change import Against
from salesrules.work.pool.desk import Desk
from salesrules.work.pool.parts import parts_of
from salesrules.work.pool.situation import Situation, UnderPost


def against_claim(desk: Desk, at: Situation) -> Iterator[Against]:
    """What keeps a person from claiming a record."""
    if not at.right:
        yield Against("right", id="claim")
        return  # the rest would tell about records and people
    yield from _against_taking(desk, at, by_day=True)
    if at.pool is None:
        return
    if at.pool.delay is not None:
        yield from _until(desk, "delay", at.created or desk.now, at.pool.delay)
    ended = desk.ended(at.key)
    if at.pool.claim.cooldown is not None and ended is not None:
        yield from _until(desk, "cooldown", ended, at.pool.claim.cooldown)


def against_assigning(desk: Desk, at: Situation) -> Iterator[Against]:
    """What keeps somebody from giving a record out of its pool to a person."""
    if not at.right:
        yield Against("right", id="assign")
        return
    if at.pool is not None and not runs(desk.snapshot, desk.asker, at.pool, at.part):
        yield Against("not_manager", id=str(at.pool.manager or ""))
    yield from _against_taking(desk, at, by_day=False)


def against_return(desk: Desk, at: Situation) -> Iterator[Against]:
    """What keeps a person from putting a record back."""
    if not at.right:
        yield Against("right", id="return")
        return
    yield from _against_giving(at)
    if at.pool is None:
        yield Against("no_pool")


def against_transfer(desk: Desk, at: Situation) -> Iterator[Against]:
    """What keeps a person from giving a record of one owner to another."""
    if not at.right:
        yield Against("right", id="transfer")
        return
    yield from _against_giving(at)
    if at.owner == desk.receiver.id:
        yield Against("has_it")
    elif at.pool is not None and any(post.member for post in at.under):  # who is no member has no limit here
        yield from _fewest(_limits(desk, at, at.pool, nth, post, by_day=False) for nth, post in _members(at))


def _against_giving(at: Situation) -> Iterator[Against]:
    if at.owner is None:
        yield Against("unowned")
    if at.waits:
        yield Against("waits")


def _against_taking(desk: Desk, at: Situation, *, by_day: bool) -> Iterator[Against]:
    """What keeps a person from getting a record out of its pool, whoever gives it."""
    if at.astray:
        yield Against("astray")
    if at.owner is not None:
        yield Against("has_it" if at.owner == desk.receiver.id else "owned")
    if at.waits:
        yield Against("waits")
    yield from (Against("conflict", id=case.id) for case in desk.clashes.get(at.key, ()))
    if at.pool is None:
        yield Against("no_pool")
        return
    if at.pool.per is not None and at.part is None:
        yield Against("apart")
    elif not any(post.member for post in at.under):
        yield Against("not_member")
    yield from _fewest(_limits(desk, at, at.pool, nth, post, by_day=by_day) for nth, post in _members(at))


def _members(at: Situation) -> Iterator[tuple[int, UnderPost]]:
    yield from ((nth, post) for nth, post in enumerate(at.under) if post.member)


def _fewest(found: Iterator[list[Against]]) -> list[Against]:
    """What is against it under the post that fares best: whoever wears several hats may use any."""
    return min(found, key=len, default=[])


def _limits(desk: Desk, at: Situation, pool: Pool, nth: int, post: UnderPost, *, by_day: bool) -> list[Against]:
    found: list[Against] = []
    if by_day and pool.claim.per_day is not None:
        found += _limit("per_day", post.per_day, desk.claims(pool, at.part))
    if pool.claim.hold_max is not None and post.counts:
        found += _limit("hold_max", post.hold_max, desk.hand(pool, at.part, nth))
    return found


def _limit(name: str, limit: int | None, value: int) -> Iterator[Against]:
    if limit is None:
        yield Against("no_limit", id=name)
    elif value >= limit:
        yield Against("per_day" if name == "per_day" else "hold_max", limit, value)


def _until(desk: Desk, what: str, start: datetime, duration: Duration) -> Iterator[Against]:
    """That a time from a moment on is not over; where the calendar does not tell when it is, it is not."""
    ends = desk.times.later(start, duration)
    if ends is None or ends > desk.now:
        yield Against("delay" if what == "delay" else "cooldown", until=ends)


def runs(snapshot: Snapshot, person: Principal, pool: Pool, part: str | None) -> bool:
    """Whether a person manages a part of a pool; one whose role is bound to no dimension manages all of it."""
    parts = parts_of(snapshot, pool, person.day)

    def manages(hat: Hat) -> bool:
        return pool.manager in hat.roles and parts.reaches(hat, part, unbound=True)

    return pool.manager is None or any(manages(hat) for hat in person.hats)
