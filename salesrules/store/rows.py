"""Facts to the cells of a row of their log, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping

from salesrules.store.chain import as_json, from_json
from salesrules.store.facts import Decision, Event

Cells = tuple[Any, ...]
_EVENT = ("entity", "key", "kind", "actor", "rule", "release", "seq")
_DECISION = ("run", "entity", "key", "assignment", "rule", "person", "pool", "release", "seed", "seq")


def event_cells(event: Event) -> Cells:
    """What is written of an event, in the order of its table behind the place."""
    values = as_json(dict(event.values))
    return (text_of(event.at), event.entity, event.key, event.kind, event.actor, values, event.rule, event.release)


def decision_cells(one: Decision) -> Cells:
    """What is written of a decision."""
    found = (one.run, text_of(one.at), one.entity, one.key, one.assignment, one.rule, one.person, one.pool)
    return (*found, one.release, one.seed, as_json(dict(one.detail)))


def event_of(row: Mapping[str, Any]) -> Event:
    """The event that a row is of."""
    return Event(**{name: row[name] for name in _EVENT}, at=moment_of(row["at"]), values=from_json(row["values"]))


def decision_of(row: Mapping[str, Any]) -> Decision:
    """The decision that a row is of; in a segment the detail stands in columns of its own."""
    detail = from_json(row["detail"]) if isinstance(row["detail"], str) else row["detail"]
    return Decision(**{name: row[name] for name in _DECISION}, at=moment_of(row["at"]), detail=detail)


def cells_of(row: RowMapping) -> dict[str, Any]:
    """A row of the database by the names of its columns."""
    return {str(name): cell for name, cell in row.items()}


def text_of(at: datetime) -> str:
    """A moment as text that sorts as it does; one without a zone is meant in UTC."""
    utc = at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
    return utc.isoformat(timespec="microseconds")


def moment_of(text: str) -> datetime:
    """The moment again, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
