"""What is kept of runs and handovers: how a run is called and packed, and the facts of a handover."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from salesrules.store import Decision, Event
from salesrules.work.assign.agreeing import Waiting, goes
from salesrules.work.assign.handover import HandedOver
from salesrules.work.assign.run import Run
from salesrules.work.assign.unsigned import passing
from salesrules.work.kinds import ASKED, CREDIT_NEW, CREDIT_OLD, CREDIT_UNTIL, FORMER, HANDED, PERSON, SETS, TO_POOL

ASSIGNED = "assigned"
SYSTEM = "salesrules"  # the actor of what nobody did
LAPSES = timedelta(days=1)
"""How long a record that was given to somebody waits for its table to show it, before it is given out again."""


def run_name(run: Run, at: datetime) -> str:
    """What a run is called."""
    return f"{run.assigning.id} {at.isoformat(timespec='microseconds')}"


def handed_events(found: HandedOver, waits: Collection[Waiting], at: datetime, release: str) -> list[Event]:
    """What is written of a handover; records that nobody is named for stay where they are, as do those to be lent.

    Args: waits: what waits for somebody to agree; what waits for the same again is not asked for twice.
    """
    known = {(one.entity, one.key, one.to, one.pool, one.asked) for one in waits}
    events = []
    for one in found.records:
        rule, said = f"{found.handover.id}/{one.rule}", _credit(found, one.rule)
        if not one.goes:
            continue
        if one.asks is None:
            kind, values = goes(one.sets, one.to, one.pool)
            events.append(Event(at, one.entity, one.key, kind, SYSTEM, values | said, rule, release))
        elif (one.entity, one.key, one.to, one.pool, one.asks) not in known:
            values = {PERSON: one.to, TO_POOL: one.pool, SETS: one.sets, ASKED: json.dumps(one.asks)}
            values |= {FORMER: found.person}
            events.append(Event(at, one.entity, one.key, HANDED, SYSTEM, values | said, rule, release))
    return [*events, *passing(found.approvals, found.person, found.handover.id, at, release)]


def _credit(found: HandedOver, rule: int) -> dict[str, str | None]:
    """How later results of a record that changes hands are shared."""
    credit, ends = found.handover.rules[rule - 1].credit, found.until.get(rule)
    if credit is None:
        return {}
    shares: dict[str, str | None] = {FORMER: found.person, CREDIT_OLD: str(credit.old), CREDIT_NEW: str(credit.new)}
    return shares | ({CREDIT_UNTIL: ends.isoformat()} if ends is not None else {})


def packed(value: Mapping[str, Any]) -> str:
    """JSON as text that takes little room."""
    return b64encode(zlib.compress(json.dumps(value, ensure_ascii=False).encode())).decode()


def unpacked(text: str) -> dict[str, Any]:
    """The JSON again."""
    found: dict[str, Any] = json.loads(zlib.decompress(b64decode(text)))
    return found


def shared_of(header: Decision) -> dict[str, Any]:
    """What all records of a run share."""
    return unpacked(header.detail["packed"])
