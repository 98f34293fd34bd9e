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

ASSIGNED, RECYCLED = "assigned", "recycled"
SYSTEM = "salesrules"  # the actor of what nobody did
LAPSES = timedelta(days=1)
"""How long a record that was given to somebody waits for its table to show it, before it is given out again."""


def run_name(run: Run, at: datetime) -> str:
    """What a run is called."""
    return f"{run.assigning.id} {at.isoformat(timespec='microseconds')}"


def handed_events(found: HandedOver, at: datetime, release: str) -> list[Event]:
    """What is written of a handover; records that nobody is named for stay where they are."""
    events = []
    for one in found.records:
        values = {one.sets: one.to} if one.to is not None else {one.sets: None, "pool": one.pool}
        kind = ASSIGNED if one.to is not None else RECYCLED
        if one.to is not None or one.pool is not None:
            rule = f"{found.handover.id}/{one.rule}"
            events.append(Event(at, one.entity, one.key, kind, SYSTEM, values, rule, release))
    return [*events, *passing(found.approvals, found.person, found.handover.id, at, release)]


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
