"""A Run to the facts and decisions that are kept of it, and these back to what went before a run."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from salesrules.access.snapshot import Snapshot
from salesrules.store import Decision, Event
from salesrules.work.assign.choice import choice, detail, shared
from salesrules.work.assign.handover import HandedOver
from salesrules.work.assign.run import Before, Run
from salesrules.work.assign.turns import ORGANISATION, Turns

ASSIGNED, RECYCLED = "assigned", "recycled"
SYSTEM = "salesrules"  # the actor of what nobody did
LAPSES = timedelta(days=1)
"""How long a record that was given to somebody waits for its table to show it, before it is given out again."""
_SHARED = ""  # the key of the decision that holds what all of a run share


def run_name(run: Run, at: datetime) -> str:
    """What a run is called."""
    return f"{run.assigning.id} {at.isoformat(timespec='microseconds')}"


def facts(
    run: Run, snapshot: Snapshot, at: datetime, release: str, before: Mapping[str, Decision]
) -> tuple[list[Event], list[Decision]]:
    """What is written of a run: an event for each record that changed hands, and why.

    Records that go on waiting in the pool where they are, for the same reasons, are not written again.
    Args: before: the last decision about each record.
    """
    name, events, decisions = run_name(run, at), list[Event](), list[Decision]()
    entity, assignment = run.assigning.entity, run.assigning.id
    for number, key in enumerate(run.arrivals.keys):
        found, person, pool = choice(run, number), run.person(number), run.pool(number)
        last = before.get(key)
        if person is None and last is not None and (last.pool, last.rule) == (pool, found.rule):
            continue
        values = {run.assigning.sets: person} if person is not None else {"pool": pool}
        events.append(Event(at, entity, key, ASSIGNED, SYSTEM, values, f"{assignment}/{found.rule}", release))
        decisions.append(
            Decision(name, at, entity, key, assignment, found.rule, person, pool, release, run.seed, detail(found))
        )
    if decisions:
        header = {"packed": packed(shared(run, snapshot))}
        decisions.insert(0, Decision(name, at, entity, _SHARED, assignment, "", None, None, release, run.seed, header))
    return events, decisions


def handed_events(found: HandedOver, at: datetime, release: str) -> list[Event]:
    """What is written of a handover; records that nobody is named for stay where they are."""
    events = []
    for one in found.records:
        values = {one.sets: one.to} if one.to is not None else {one.sets: None, "pool": one.pool}
        kind = ASSIGNED if one.to is not None else RECYCLED
        if one.to is not None or one.pool is not None:
            rule = f"{found.handover.id}/{one.rule}"
            events.append(Event(at, one.entity, one.key, kind, SYSTEM, values, rule, release))
    return events


def packed(value: Mapping[str, Any]) -> str:
    """JSON as text that takes little room."""
    return b64encode(zlib.compress(json.dumps(value, ensure_ascii=False).encode())).decode()


def unpacked(text: str) -> dict[str, Any]:
    """The JSON again."""
    found: dict[str, Any] = json.loads(zlib.decompress(b64decode(text)))
    return found


def is_shared(one: Decision) -> bool:
    """Whether a decision holds what all of a run share, and is about no record."""
    return one.key == _SHARED


class Past:
    """The decisions of a log about one entity, as far as a run needs them."""

    def __init__(self, decisions: Iterable[Decision], entity: str, assignment: str) -> None:
        self.about: dict[str, Decision] = {}
        self._mine: Decision | None = None
        self._any: Decision | None = None
        self._given: list[tuple[datetime, str, str]] = []
        for one in decisions:
            if is_shared(one):
                self._any = one
                self._mine = one if one.assignment == assignment else self._mine
            elif one.entity == entity:
                self.about[one.key] = one
                self._given += [(one.at, one.key, one.person)] if one.person is not None else []

    def before(self, now: datetime, day: date, timezone: str, waits: Iterable[str]) -> Before:
        """What went before a run.

        Args: waits: the keys of the records whose table shows no owner.
        """
        recent = {key: person for at, key, person in self._given if now - at < LAPSES}
        still = set(waits)
        today: dict[str, int] = {}
        for at, _, person in self._given:
            if at.astimezone(ZoneInfo(timezone)).date() == day:
                today[person] = today.get(person, 0) + 1
        return Before(self._turns(), {k: p for k, p in recent.items() if k in still}, today)

    def again(self, kept: Mapping[str, Any]) -> Before:
        """What went before a run that is run again, out of what its decisions share."""
        held, today = (dict(zip(kept["people"], kept[name], strict=True)) for name in ("load", "today"))
        return Before(self._turns(), {}, today, held)

    def _turns(self) -> Turns:
        """Whose turn it is: as the last run of the assignment left it, and in the organisation as any run did."""
        mine, latest = (unpacked(one.detail["packed"])["turns"] if one else {} for one in (self._mine, self._any))
        ahead = {name: kept for name, kept in mine.get("ahead", {}).items() if name != ORGANISATION}
        if ORGANISATION in latest.get("ahead", {}):
            ahead[ORGANISATION] = latest["ahead"][ORGANISATION]
        return Turns(ahead, mine.get("last", {}), mine.get("given", 0))


def shared_of(decisions: Iterable[Decision]) -> Iterator[dict[str, Any]]:
    """What the decisions of a run share."""
    yield from (unpacked(one.detail["packed"]) for one in decisions if is_shared(one))
