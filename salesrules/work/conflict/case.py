"""An ownership conflict: records that count as the same, who has or wants each, and whom the rule favours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a conflict: the person who has a record, or wants it, and the day that speaks for the person.

    `stands` says whether that day is known and not too long ago.
    """

    key: str
    person: str
    first: date | None
    stands: bool


@dataclass(frozen=True, slots=True)
class Case:
    """What several people have or want; `id` is its name in the log, empty for what was not looked up there.

    `same` is the expression by which they count as the same. `hidden` is how many more sides there are, of records
    that whoever asks may not know.
    """

    id: str
    entity: str
    same: str
    parties: tuple[Party, ...]
    hidden: int = 0

    @property
    def keys(self) -> frozenset[str]:
        """The records that it is about."""
        return frozenset(party.key for party in self.parties)

    @property
    def favoured(self) -> str | None:
        """Whom the rule favours: who was first, of those whose claim stands.

        Nobody where two were first at once, and to one who does not know every side.
        """
        if self.hidden:
            return None
        standing = [party for party in self.parties if party.stands and party.first is not None]
        days = sorted({(party.first, party.person) for party in standing if party.first is not None})
        return days[0][1] if days and (len(days) == 1 or days[0][0] < days[1][0]) else None
