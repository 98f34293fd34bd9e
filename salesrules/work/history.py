"""The events of a record to what a person may be told of them: values of fields that are not open are hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from salesrules.pack.followed import OWNER, POOL
from salesrules.run.answer import Mark
from salesrules.run.decided import Asked, decide
from salesrules.store import Event, Store
from salesrules.work.asker import Asker
from salesrules.work.kinds import (
    APPEAL,
    ASKED,
    BECAUSE,
    CHARGES,
    ENTITIES,
    FIGURES,
    FIRST,
    FORMER,
    FROM,
    GONE,
    ONLY,
    PERSON,
    RUN,
    SETS,
    STANDS,
    TO_POOL,
    VIEWED,
)
from salesrules.work.record import may

_UNTOLD = (ASKED, ENTITIES, ONLY, SETS, TO_POOL, FORMER, FIGURES, GONE, APPEAL, BECAUSE, RUN, FIRST, STANDS)
"""What nobody is told of an event; why somebody appealed is between them and those who decide about it."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event as a person may know it: each field and what it became, or `Mark.HIDDEN`; and what else it says."""

    event: Event
    fields: Mapping[str, str | Mark | None]
    others: Mapping[str, str | None]


def history(asker: Asker, store: Store, entity: str, key: str) -> Iterator[Told]:
    """What happened to a record, in order.

    Raises: as `may`.
    """
    may(asker, "read", entity, key)
    fields = asker.snapshot.program.pack.entities[entity].fields
    holders = {OWNER, *(one.sets for one in asker.snapshot.program.pack.assignments.values() if one.entity == entity)}
    open_: dict[str, bool] = {}

    def is_open(name: str) -> bool:
        if name not in open_:
            asked = Asked(asker.principal, asker.principal, "read", entity, key, (fields[name].category,))
            open_[name] = all(found.allowed for found in decide(asker.states.engine, asker.snapshot, asked))
        return open_[name]

    for event in store.events(entity=entity, key=key):
        if event.kind in (VIEWED, *CHARGES):  # who looks is counted, and told to nobody; a charge would tell of cells
            continue
        said: dict[str, str | Mark | None] = {}
        others: dict[str, str | None] = {}
        for name, value in event.values.items():
            if name in fields:
                said[name] = value if is_open(name) else Mark.HIDDEN
            elif name == POOL:
                said[name] = value
            elif name == PERSON and not all(is_open(each) for each in holders if each in fields):
                continue  # who is spoken to has it, or wants it
            elif name not in _UNTOLD:
                others[name] = value
        if Mark.HIDDEN in said.values():  # where it came from is a value of the same field
            others.pop(FROM, None)
        yield Told(event, said, others)
