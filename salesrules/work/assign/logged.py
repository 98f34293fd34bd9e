"""What is kept of runs and handovers: how a run is called and packed, and the facts of a handover."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from salesrules.store import Decision, Event
from salesrules.work.assign.handover import HandedOver
from salesrules.work.assign.run import Run
from salesrules.work.assign.unsigned import passing
from salesrules.work.kinds import CREDIT_NEW, CREDIT_OLD, CREDIT_UNTIL, CREDITED

ASSIGNED, RECYCLED = "assigned", "recycled"
SYSTEM = "salesrules"  # the actor of what nobody did
LAPSES = timedelta(days=1)
"""How long a record that was given to somebody waits for its table to show it, before it is given out again."""


def run_name(run: Run, at: datetime) -> str:
    """What a run is called."""
    return f"{run.assigning.id} {at.isoformat(timespec='microseconds')}"


def handed_events(found: HandedOver, at: datetime, release: str) -> list[Event]:
    """What is written of a handover; records that nobody is named for stay where they are, as do those to be lent."""
    events = []
    for one in found.records:
        values: dict[str, str | None] = {one.sets: one.to} if one.to is not None else {one.sets: None, "pool": one.pool}
        values |= _credit(found, one.rule)
        kind = ASSIGNED if one.to is not None else RECYCLED
        if one.do != "delegate" and (one.to is not None or one.pool is not None):
            rule = f"{found.handover.id}/{one.rule}"
            events.append(Event(at, one.entity, one.key, kind, SYSTEM, values, rule, release))
    return [*events, *passing(found.approvals, found.person, found.handover.id, at, release)]


def _credit(found: HandedOver, rule: int) -> dict[str, str | None]:
    """How later results of a record that changes hands are shared."""
    credit, ends = found.handover.rules[rule - 1].credit, found.until.get(rule)
    if credit is None:
        return {}
    shares: dict[str, str | None] = {CREDITED: found.person, CREDIT_OLD: str(credit.old), CREDIT_NEW: str(credit.new)}
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
