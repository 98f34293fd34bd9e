"""What is due to the events by which it is done: reminders, escalations, and records that go back to their pool."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from salesrules.pack.followed import OWNER, POOL
from salesrules.store import Event
from salesrules.work.clock.due import Due
from salesrules.work.clock.running import KIND_OF
from salesrules.work.kinds import PERSON, SINCE, SYSTEM, TASK


def struck(dues: Sequence[Due], now: datetime, release: str) -> Iterator[tuple[Due, Event]]:
    """The event of each thing that is due.

    A record that goes back is not spoken of besides, and goes once; a reminder for nobody is none.
    """
    going: set[tuple[str, str]] = {(due.entity, due.key) for due in dues if due.do == "recycle"}
    gone: set[tuple[str, str]] = set()
    for due in dues:
        at = due.entity, due.key
        if (at in going and (due.do != "recycle" or at in gone)) or (due.do != "recycle" and due.person is None):
            continue
        values: dict[str, str | None] = {SINCE: due.since.isoformat(timespec="microseconds")}
        if due.do == "recycle":
            gone.add(at)
            values |= {OWNER: None, POOL: due.pool}
        else:
            values |= {PERSON: due.person, **({TASK: due.task} if due.task else {})}
        yield due, Event(now, due.entity, due.key, KIND_OF[due.do], SYSTEM, values, due.clock, release)
