"""What somebody lends to the limit of what may be asked and done in that one's place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lent:
    """Who acts in the place of another, and how far: these actions, on records of these entities, all if none is named.

    What is no table is never lent, nor what somebody has as this very person: their tasks, appeals, looks, claims.
    """

    by: str
    actions: frozenset[str]
    entities: tuple[str, ...] = ()

    def covers(self, action: str, entity: str) -> bool:
        """Whether an action on records of an entity is lent."""
        return action in self.actions and (not self.entities or entity in self.entities)
