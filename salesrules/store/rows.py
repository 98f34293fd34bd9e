"""Facts to the cells of a row of their log, and back, or to what is said of a row that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sql

from salesrules.issue import EngineError, Issue, Span
from salesrules.store.chain import as_json, from_json
from salesrules.store.facts import Decision, Event
from salesrules.store.sound import place, sound
from salesrules.store.tables import PREFIX

Cells = tuple[Any, ...]
Read = TypeVar("Read")
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


def read_rows(
    table: sql.Table, rows: Iterable[Mapping[str, Any]], read: Callable[[Mapping[str, Any]], Read], store: str
) -> Iterator[Read]:
    """What is read in each row of a log.

    Args: read: raises ValueError for what cannot be read; it is asked of sound rows only.
    Raises: EngineError that names the first row that cannot be read.
    """
    for row in rows:
        try:
            if not sound(table, row):
                raise ValueError("unsound")
            found = read(row)
        except ValueError as error:
            words = {"log": table.name.removeprefix(PREFIX), "place": str(place(row["seq"]))}
            raise EngineError([Issue("store.row", Span(store), words)]) from error
        yield found


def event_of(row: Mapping[str, Any]) -> Event:
    """The event that a row is of.

    Raises: ValueError if its moment or its values cannot be read.
    """
    return Event(**{name: row[name] for name in _EVENT}, at=moment_of(row["at"]), values=from_json(row["values"]))


def decision_of(row: Mapping[str, Any]) -> Decision:
    """The decision that a row is of.

    Raises: ValueError if its moment or its detail cannot be read.
    """
    return Decision(**{name: row[name] for name in _DECISION}, at=moment_of(row["at"]), detail=_detail_of(row))


def cells_named(names: Sequence[str], row: Mapping[str, Any]) -> list[Any]:
    """Some cells of a row; what is no column of a decision stands in its detail.

    Raises: ValueError if a moment or a detail that is asked for cannot be read.
    """
    if "at" in names:
        moment_of(row["at"])
    detail = {} if set(names) <= set(row) else _detail_of(row)
    return [row[name] if name in row else detail.get(name) for name in names]


def _detail_of(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The detail of a decision; in a segment it stands in columns of its own, and nothing is read."""
    detail = row["detail"]
    return detail if isinstance(detail, dict) else from_json(detail)


def cells_of(row: sql.RowMapping) -> dict[str, Any]:
    """A row of the database by the names of its columns."""
    return {str(name): cell for name, cell in row.items()}


def text_of(at: datetime) -> str:
    """A moment as text that sorts as it does; one without a zone is meant in UTC."""
    utc = at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
    return utc.isoformat(timespec="microseconds")


def moment_of(text: str) -> datetime:
    """The moment again, in UTC.

    Raises: ValueError for what is none.
    """
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
