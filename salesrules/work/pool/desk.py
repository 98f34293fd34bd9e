"""Who is to have records and who gives them: how the records stand, and what counts against limits as they go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.pack.pools import Pool
from salesrules.run.records import no_such_record
from salesrules.work.clock.times import Times
from salesrules.work.conflict.case import Case
from salesrules.work.conflict.cases import named
from salesrules.work.conflict.found import cannot_run, conflicts_with
from salesrules.work.pool.limits import claims_today, given_up, in_hand, rule_of
from salesrules.work.pool.situation import Situation, situations
from salesrules.work.state import States


@dataclass
class Desk:
    """One person who is to have records of an entity, and what counts against that person's limits so far.

    `keys` are the records in question; without it all that nobody owns.
    """

    states: States
    snapshot: Snapshot
    times: Times
    now: datetime
    asker: Principal
    receiver: Principal
    entity: str
    keys: Sequence[str] | None = None
    _claims: Counter[str] | None = None
    _hands: dict[tuple[str, int], Counter[str | None]] = field(default_factory=dict)
    _ended: Mapping[str, datetime] | None = None
    _clashes: dict[str, list[Case]] | None = None
    _taken: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    _more: Counter[tuple[str, str | None, int]] = field(default_factory=Counter)

    def situations(self, right: str) -> list[Situation]:
        """How the records in question stand towards the two."""
        about = (self.asker, self.receiver, self.entity, right, self.now, self.keys)
        return situations(self.states, self.snapshot, *about)

    def known(self, right: str) -> list[Situation]:
        """How the records in question stand, each once.

        Raises: AccessDenied, in the same words, for one that is not there and for one that the asker may not know.
        """
        found = {at.key: at for at in self.situations(right)}
        for key in (keys := self.keys or ()):
            if key not in found or not found[key].known:
                raise no_such_record(self.entity, key)
        return [found[key] for key in dict.fromkeys(keys)]

    @property
    def cases(self) -> tuple[Case, ...]:
        """Every conflict that the person runs into."""
        return tuple(case for cases in self.clashes.values() for case in cases)

    @property
    def clashes(self) -> Mapping[str, Sequence[Case]]:
        """The conflicts that begin if the person gets one of the records in question, by record."""
        conflict, keys = self.snapshot.program.pack.conflicts.get(self.entity), self.keys
        if self._clashes is None:
            self._clashes = {}
            if conflict is not None and not cannot_run(self.snapshot, conflict):
                about = (self.states, self.snapshot, self.times, self.now, conflict, self.receiver.id)
                found = list(conflicts_with(*about, keys))
                for (key, _), case in zip(found, named(self.states, conflict, [c for _, c in found]), strict=True):
                    self._clashes.setdefault(key, []).append(case)
        return self._clashes

    def take(self, at: Situation) -> None:
        """Count a record that goes to the person."""
        if at.pool is not None:
            self._taken[at.pool.id, at.part] += 1
            for nth, post in enumerate(at.under):
                self._more[at.pool.id, at.part, nth] += post.counts

    def claims(self, pool: Pool, part: str | None) -> int:
        """How many the person has claimed today from a part of a pool."""
        if self._claims is None:
            self._claims = claims_today(self.states, self.entity, self.receiver.id, self.times, self.now)
        return self._claims[rule_of(pool.id, part)] + self._taken[pool.id, part]

    def hand(self, pool: Pool, part: str | None, nth: int) -> int:
        """How many the person holds in a part of a pool, as the pool counts them for one of the person's posts."""
        if (pool.id, nth) not in self._hands:
            hat = self.receiver.hats[nth]
            self._hands[pool.id, nth] = in_hand(self.states, self.snapshot, self.receiver, hat, pool, self.now)
        return self._hands[pool.id, nth][part] + self._more[pool.id, part, nth]

    def ended(self, key: str) -> datetime | None:
        """When a record stopped to be the person's."""
        if self._ended is None:
            self._ended = given_up(self.states, self.entity, self.receiver.id)
        return self._ended.get(key)
