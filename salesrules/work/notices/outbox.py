"""What clocks did to messages that wait in the log, and what became of each: no message leaves twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from salesrules.expr.sql import literal
from salesrules.pack.pack import Pack
from salesrules.store import Event
from salesrules.work.clock.due import Due
from salesrules.work.clock.times import Times
from salesrules.work.kinds import SYSTEM
from salesrules.work.notices.channels import Channel
from salesrules.work.notices.spoken import due_text
from salesrules.work.state import EVENTS, States, value_of

MESSAGE = "#message"  # what messages are called in the log, where entities are; no entity is called so
QUEUED, SENDING, SENT, FAILED, DOUBTFUL = "queued", "sending", "sent", "failed", "doubtful"
TRIES = 5
_CHANNEL, _PERSON, _TEXT, _PROBLEM = "#channel", "#person", "#text", "#problem"
Fate = Literal["waits", "sent", "doubtful", "given_up"]


@dataclass(frozen=True, slots=True)
class Message:
    """A text for a person by a channel, how often it was tried, and what became of it.

    `doubtful` is one that was on its way when the process ended or the line broke: it may have arrived, so it is not
    sent again unless somebody says so. `given_up` was refused too often.
    """

    id: str
    channel: str
    person: str
    text: str
    fate: Fate
    tries: int
    problem: str


def queued(
    pack: Pack, channels: Sequence[Channel], done: Sequence[Due], times: Times, now: datetime, release: str
) -> Iterator[Event]:
    """One message for each person and channel, with a line for each thing that a clock did.

    What goes back to its pool is told to who had it.
    """
    for channel in channels:
        lines: dict[str, list[Due]] = {}
        for due in done:
            person = due.owner if due.do == "recycle" else due.person
            if due.do in channel.do and person is not None:
                lines.setdefault(person, []).append(due)
        for person, about in sorted(lines.items()):
            text = "\n".join(due_text(pack, due, times, channel.lang) for due in about)
            facts = [f"{due.clock} {due.entity} {due.key} {due.since.isoformat()}" for due in about]
            id = hashlib.sha256("\n".join([channel.name, person, now.isoformat(), *facts]).encode()).hexdigest()[:24]
            values = {_CHANNEL: channel.name, _PERSON: person, _TEXT: text}
            yield Event(now, MESSAGE, id, QUEUED, SYSTEM, values, "", release)


def step(message: Message, kind: str, now: datetime, release: str, actor: str = SYSTEM, problem: str = "") -> Event:
    """What happens to a message next."""
    return Event(now, MESSAGE, message.id, kind, actor, {_PROBLEM: problem} if problem else {}, "", release)


def messages(states: States) -> list[Message]:
    """Every message in the order in which they were written."""
    kinds = f"kind IN ('{QUEUED}', '{SENDING}', '{SENT}', '{FAILED}', '{DOUBTFUL}')"
    texts = ", ".join(
        f"arg_min({value_of(name)}, seq) FILTER (WHERE kind = '{QUEUED}')" for name in (_CHANNEL, _PERSON)
    )
    sql = (
        f"SELECT key, {texts}, arg_min({value_of(_TEXT)}, seq), arg_max(kind, seq),"
        f" count(*) FILTER (WHERE kind = '{SENDING}'), arg_max({value_of(_PROBLEM)}, seq)"
        f" FROM {EVENTS} WHERE entity = {literal(MESSAGE)} AND {kinds} GROUP BY key ORDER BY min(seq)"
    )
    return [
        Message(id, channel, person, text, _fate(kind, tries), tries, problem or "")
        for id, channel, person, text, kind, tries, problem in states.engine.rows(sql)
    ]


def _fate(last: str, tries: int) -> Fate:
    if last in (SENDING, DOUBTFUL):
        return "doubtful"
    if last == FAILED:
        return "given_up" if tries >= TRIES else "waits"
    return "sent" if last == SENT else "waits"
