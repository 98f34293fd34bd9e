"""The rows that stand for segments to Seals, and Seals to segments that are what was sealed, or to what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sql

from salesrules.issue import EngineError, Issue, Span
from salesrules.store.chain import from_json
from salesrules.store.databases import shown
from salesrules.store.facts import Batch, Decision, Event
from salesrules.store.rows import cells_of, moment_of, text_of
from salesrules.store.segments import Seal, digest
from salesrules.store.sound import PLACES, body_at, place, sound
from salesrules.store.tables import DECISION, EVENT, SEGMENT
from salesrules.store.unsealed import header

RUN, SEALED = "#run", "sealed"
"""The entity and the kind of the event that stands for a segment; its key is the name of the run."""
_SAID = ("decision", "rows", "sha256", "of", "kind", "seed")
STANDS_FOR_RUN = (EVENT.c.entity == RUN) & (EVENT.c.kind == SEALED)


def sealing(batch: Batch, body: bytes, event: int, decision: int) -> tuple[Seal, Event, Decision]:
    """The seal of a segment behind these places of the logs, and the facts that stand for it there."""
    at, rows = text_of(batch.at), len(batch)
    seal = Seal(
        event + 1, decision + 1, rows, digest(body), batch.run, at, batch.entity, batch.kind, batch.actor,
        batch.assignment, batch.release, batch.seed,
    )  # fmt: skip
    numbers = {"rows": str(rows), "decision": str(seal.decision)}
    said = {**numbers, "of": batch.entity, "kind": batch.kind, "seed": batch.seed, "sha256": seal.sha256}
    told = Event(batch.at, RUN, batch.run, SEALED, batch.actor, said, batch.assignment, batch.release)
    return seal, told, header(batch, {"rows": rows, "sha256": seal.sha256})


def seals(connection: sql.Connection, **wanted: str) -> Iterator[Seal]:
    """All seals in order, those of a run or an entity if it is said.

    Raises: EngineError for one that cannot be read.
    """
    query = sql.select(EVENT).where(STANDS_FOR_RUN).order_by(EVENT.c.seq)
    if "run" in wanted:
        query = query.where(EVENT.c.key == wanted["run"])
    for row in map(cells_of, connection.execute(query).mappings().all()):
        seal = _seal(row)
        if seal is None:
            raise EngineError([Issue("store.segment", Span(shown(connection.engine)), {"run": str(row["key"])})])
        if wanted.get("entity") in (None, seal.entity):
            yield seal


def _seal(row: Mapping[str, Any]) -> Seal | None:
    """The seal that a row is; None if it was spoilt, or stands where no row can."""
    if not sound(EVENT, row):
        return None
    try:
        moment_of(row["at"])
        said = from_json(row["values"])
        decision, rows, sha256, *texts = map(str, (said[name] for name in _SAID))
        numbers = row["seq"], int(decision), int(rows)
    except (ValueError, KeyError):
        return None
    of, kind, seed = texts
    own = row["key"], row["at"], of, kind, row["actor"], row["rule"], row["release"], seed
    return Seal(*numbers, sha256, *own) if all(number in PLACES for number in numbers) else None


def body_of(connection: sql.Connection, seal: Seal) -> bytes | None:
    """The segment of a seal; None if it is not there, or is not the one that was sealed."""
    return body_at(connection, SEGMENT.c.body, SEGMENT.c.seq == seal.seq, seal.sha256)


def stands_for_run(row: Mapping[str, Any]) -> bool:
    """Whether a row of the log of events stands for a segment."""
    return (row["entity"], row["kind"]) == (RUN, SEALED)


def behind(table: sql.Table, row: Mapping[str, Any]) -> int:
    """How many places behind a row of a log lie in a segment."""
    if table is EVENT and stands_for_run(row):
        seal = _seal(row)
        return seal.rows if seal is not None else 0
    if table is DECISION and not row["key"]:
        rows = _noted(row["detail"], "rows")
        return rows if type(rows) is int and rows in PLACES else 0
    return 0


def astray(connection: sql.Connection) -> Iterator[tuple[str, int]]:
    """The places of seals without their segments, and of segments without their seals."""
    rows = connection.execute(sql.select(EVENT).where(STANDS_FOR_RUN)).mappings().all()
    for row in map(cells_of, rows):
        seal = _seal(row)
        if seal is None or body_of(connection, seal) is None:
            yield "event", place(row["seq"])
        elif seal.sha256 != _noted(_shared(connection, seal), "sha256"):
            yield "decision", seal.decision
    there = connection.execute(sql.select(SEGMENT.c.seq).order_by(SEGMENT.c.seq)).scalars().all()
    yield from (("segment", place(seq)) for seq in there if seq not in {row["seq"] for row in rows})


def _shared(connection: sql.Connection, seal: Seal) -> Any:
    """What stands in the detail of the decision that stands for a segment."""
    return connection.execute(sql.select(DECISION.c.detail).where(DECISION.c.seq == seal.decision)).scalar()


def _noted(detail: Any, name: str) -> Any:
    """What the detail of a decision says by a name; None if it says nothing, or cannot be read."""
    try:
        return from_json(detail).get(name)
    except ValueError:
        return None
