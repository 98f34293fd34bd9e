"""A person, what is known of records and a moment to the one thing that those who move, sign or report records need."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.run.query import Query
from salesrules.work.state import States


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks of records or does something to them, by which state and which grants, at the moment `now` in UTC."""

    states: States
    snapshot: Snapshot
    principal: Principal
    now: datetime

    def query(self, entity: str) -> Query:
        """A question about the records of an entity, asked by the person."""
        return Query(self.snapshot, self.principal, entity, self.states.engine.dialect)

    def as_(self, principal: Principal) -> Asker:
        """The same for somebody else."""
        return replace(self, principal=principal)
