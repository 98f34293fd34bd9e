"""A clock to the conditions under which it runs for a record, in the query that asks for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from salesrules.access.snapshot import Hat, Principal, Snapshot
from salesrules.expr.sql import literal
from salesrules.pack.followed import OWNER
from salesrules.run.query import Query
from salesrules.sources.org.posts import Post
from salesrules.work.clock.clocks import Clock
from salesrules.work.clock.telling import person_of, person_told, told_for
from salesrules.work.clock.times import Times
from salesrules.work.gates import changes_owner, right_about, stage_of
from salesrules.work.kinds import ESCALATED, RECYCLED, REMINDED
from salesrules.work.state import States


@dataclass(frozen=True, slots=True)
class Look:
    """A look at what is due at the moment `now` in UTC.

    `principal` asks, and is told only what this person may know, or with `mine` of what is for the person; without one
    the clocks themselves look. With `reminded` tasks are told until they are done, also once somebody was reminded.
    """

    states: States
    snapshot: Snapshot
    times: Times
    now: datetime
    principal: Principal | None
    mine: bool = False
    reminded: bool = False

    @property
    def tells(self) -> bool:
        """Whether it is for a run of the clocks, which tells people once and waits until it is clear who has what."""
        return self.principal is None and not self.reminded

    def query(self, clock: Clock) -> Query:
        """A question about the records of a clock, asked in the person's place."""
        asker = self.principal or nobody(self.times.day(self.now))
        return Query(self.snapshot, asker, clock.entity, self.states.engine.dialect)


KIND_OF = {"remind": REMINDED, "task": REMINDED, "escalate": ESCALATED, "recycle": RECYCLED}


def nobody(day: date) -> Principal:
    """In whose place clocks ask: conditions about who asks hold for nobody."""
    return Principal("", day, {}, (Hat(Post("", "", {}, None, None), frozenset()),))


def runs_for(query: Query, look: Look, clock: Clock) -> Iterator[str]:
    """For which records a clock runs, beside how long ago something was: all of these conditions hold."""
    watched, trees = look.states.watched[clock.entity], look.snapshot.program.meanings.conditions
    owner = right_about(query, watched, OWNER)
    if clock.process is not None and clock.stage is not None:
        stage = stage_of(query, watched, clock.process)
        yield f"{stage} = {literal(clock.stage.id)}"
        if clock.process.when is not None:
            yield f"({query.expression(trees[clock.process.when])}) IS TRUE"
    if clock.stage is None or clock.do == "recycle":
        yield f"{owner} IS NOT NULL"
    if clock.when is not None:  # a task that may be asked for is; nothing else is done in doubt
        holds = "IS NOT FALSE" if clock.do == "task" else "IS TRUE"
        yield f"({query.expression(trees[clock.when])}) {holds}"
    yield from _unprotected(query, clock, look.times, look.now)
    if clock.pool is not None or look.tells:
        yield f"NOT {changes_owner(query, watched, look.now)}"
    if look.principal is not None:
        yield told_for(query, look.snapshot, look.principal, watched, clock, look.mine)


def who_has_it(query: Query, look: Look, clock: Clock) -> tuple[str, str]:
    """Who has a record, and whom a clock is about, as far as whoever looks may know."""
    watched = look.states.watched[clock.entity]
    owner, person = right_about(query, watched, OWNER), person_of(query, watched, clock)
    if look.principal is None:
        return owner, person
    of_owner = replace(clock, who=None)
    told = (look.snapshot, look.principal, watched)
    return person_told(query, *told, of_owner, owner), person_told(query, *told, clock, person)


def _unprotected(query: Query, clock: Clock, times: Times, now: datetime) -> Iterator[str]:
    """That the time for which a record stays with its owner whatever happens is over."""
    if clock.protect is not None:
        held = times.latest_start(clock.protect.for_, now)
        since = query.state("claimed" if clock.protect.since == "claim" else f"{OWNER} at")
        over = f" OR {since} <= {literal(held)}" if held is not None else ""
        yield f"({since} IS NULL{over})"
