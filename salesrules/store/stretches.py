"""Old rows of the log of events to one sealed stretch, and stretches to the rows that they were.

A stretch has every row from one place to another but those that stand for runs: these stay rows, because whoever reads
anything asks for all of them. It keeps no hash of a row, for they follow from the rows and the hash before the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import sqlalchemy as sql

from salesrules.issue import EngineError, Issue, Span
from salesrules.store.databases import shown
from salesrules.store.heads import head
from salesrules.store.segments import named, read, written
from salesrules.store.sound import body_at, sound
from salesrules.store.tables import EVENT, STRETCH

NAMES = tuple(column.name for column in EVENT.c if column.name != "hash")
_GROUP = 4_096  # rows that are read to find one record; more make a smaller file, and a slower search
_TEXT_OF = "strftime({}, '%Y-%m-%dT%H:%M:%S.%f')"  # a moment as the log has it


@dataclass(frozen=True, slots=True)
class Stretch:
    """The places of a log from `first` to `last`, the hash of the row at the last one, and the SHA-256 of its body."""

    first: int
    last: int
    hash: str
    sha256: str

    @property
    def sound(self) -> bool:
        """Whether it can be one that was sealed."""
        return sound(STRETCH, asdict(self))


def body_of_rows(rows: Sequence[Sequence[Any]]) -> bytes:
    """Rows of the log of events, without their hashes, as the body of a stretch.

    They lie there record by record, so that one is found without a look at all.
    """
    columns = {
        name: np.array([row[at] for row in rows], dtype=np.int64 if name == "seq" else object)
        for at, name in enumerate(NAMES)
    }
    kinds = {"seq": "BIGINT", "at": "TIMESTAMP"}
    cells = ", ".join(f"TRY_CAST({named(each)} AS {kinds.get(each, 'VARCHAR')}) AS {named(each)}" for each in NAMES)
    query = f"SELECT {cells} FROM columns ORDER BY entity, key, seq"
    return written(columns, query, f", ROW_GROUP_SIZE {_GROUP}")


def rows_of_body(body: bytes) -> list[tuple[Any, ...]]:
    """The rows again, in the order of the log; none if it is no body of a stretch."""
    return read(body, lambda there: f"{as_logged(there)} ORDER BY seq")


def as_logged(stretches: str) -> str:
    """Stretches, as SQL, with moments as the log has them."""
    return f"SELECT {', '.join(_logged(name) for name in NAMES)} FROM {stretches}"


def _logged(name: str) -> str:
    return f"{_TEXT_OF.format(named(name))} AS {named(name)}" if name == "at" else named(name)


def listed(connection: sql.Connection) -> list[Stretch]:
    """The stretches that are there, in order, sound or not."""
    columns = (STRETCH.c[name] for name in Stretch.__dataclass_fields__)
    return [Stretch(*row) for row in connection.execute(sql.select(*columns).order_by(STRETCH.c.first))]


def stretches(connection: sql.Connection) -> list[Stretch]:
    """The stretches that there must be: all places up to that to which the log is sealed.

    Raises: EngineError where one is missing.
    """
    found, upto = listed(connection), 0
    for each in found:
        if not each.sound or each.first != upto + 1:
            raise lost(connection, upto + 1)
        upto = each.last
    if upto != head(connection, STRETCH)[0]:
        raise lost(connection, upto + 1)
    return found


def body_of_stretch(connection: sql.Connection, stretch: Stretch) -> bytes | None:
    """The body of a stretch; None if it is not the one that was sealed."""
    return body_at(connection, STRETCH.c.body, STRETCH.c.first == stretch.first, stretch.sha256)


def lost(connection: sql.Connection, first: int) -> EngineError:
    """That what was sealed from a place on is not there."""
    return EngineError([Issue("store.stretch", Span(shown(connection.engine)), {"first": str(first)})])
