"""What the store keeps: an Event, which happened to one record, and a Decision, which says why it did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """One fact about one record, as it was written down.

    `at` is UTC; `actor` is the person who did it, or the name of what did it by itself; `rule` is the one by which it
    was allowed or done, empty where there is none; `release` is the hash of the pack in force. `seq` is the place in
    the log from 1 on, 0 for what is not in it yet.
    """

    at: datetime
    entity: str
    key: str
    kind: str
    actor: str
    values: Mapping[str, str | None] = field(default_factory=dict)
    rule: str = ""
    release: str = ""
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """Why a record went where it did: `person` or `pool` got it, by a rule of an assignment, in one `run`.

    `detail` is whatever JSON holds: how many candidates each check rejected, with value and limit, the parts of a
    score, what broke a tie. `seed` is what chance was drawn from.
    """

    run: str
    at: datetime
    entity: str
    key: str
    assignment: str
    rule: str
    person: str | None
    pool: str | None
    release: str
    seed: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """What one run did to many records, column by column: an event and a decision for each of them.

    `columns` has the texts `key`, `rule`, `person` and `pool`, and `values` as JSON of what the event says; all others
    are arrays of numbers, which the detail of each decision has. `shared` is what all have in common.
    """

    run: str
    at: datetime
    entity: str
    assignment: str
    kind: str
    actor: str
    release: str
    seed: str
    columns: Mapping[str, Sequence[Any]]
    shared: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.columns["key"])
