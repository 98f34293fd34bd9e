"""What is wanted of a log, as the columns, places and moments that it is told by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sql

from salesrules.store.pieces import places
from salesrules.store.rows import text_of
from salesrules.store.segments import Seal
from salesrules.store.tables import DECISION


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of a log: what lies behind the place `after` and before `before`, and says all that is named.

    `since` and `until` are moments, the latter not included. `given` leaves out what nobody got, `of_records` what is
    about no record.
    """

    after: int = 0
    before: int | None = None
    entity: str | None = None
    key: str | None = None
    run: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    given: bool = False
    of_records: bool = False
    keys: tuple[str, ...] | None = None
    table: sql.Table = DECISION

    def behind(self, after: int) -> Wanted:
        """The same behind another place."""
        return replace(self, after=after)

    def reaches(self, first: int, last: int) -> bool:
        """Whether it can lie between two places."""
        return last > self.after and (self.before is None or first < self.before)

    def matches(self, seal: Seal) -> bool:
        """Whether a segment can have any of it."""
        return (
            self.reaches(*places(self.table, seal))
            and self.entity in (None, seal.entity)
            and (self.since is None or seal.at >= text_of(self.since))
            and (self.until is None or seal.at < text_of(self.until))
        )

    def tests(self) -> dict[str, Any]:
        """The columns that must be equal to a text."""
        return {name: text for name in ("entity", "key", "run") if (text := getattr(self, name)) is not None}


def conditions(wanted: Wanted) -> Iterator[sql.ColumnElement[bool]]:
    """What is wanted, of the rows of the database."""
    columns = wanted.table.c
    yield columns.seq > wanted.after
    if wanted.before is not None:
        yield columns.seq < wanted.before
    yield from (columns[name] == text for name, text in wanted.tests().items())
    if wanted.since is not None:
        yield columns.at >= text_of(wanted.since)
    if wanted.until is not None:
        yield columns.at < text_of(wanted.until)
    if wanted.given:
        yield columns.person.is_not(None)
    if wanted.of_records:
        yield columns.key != ""
