"""Proposals and what the tables showed since to what became of each: done, done otherwise, not done, or still open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from salesrules.expr.sql import literal, quoted
from salesrules.meaning.reads import Read
from salesrules.run.reads import open_on
from salesrules.work.asker import Asker
from salesrules.work.gates import PROPOSED_FOR
from salesrules.work.kinds import SEEN
from salesrules.work.state import EVENTS
from salesrules.work.watched import Watched

Outcome = Literal["done", "otherwise", "replaced", "open", "lapsed"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """That a field of a record become something, where the table is right about it, and what became of that.

    `found` is what the table shows if it shows something new, `until` the moment in UTC at which that was seen.
    """

    at: datetime
    entity: str
    key: str
    field: str
    value: str | None
    actor: str
    kind: str
    outcome: Outcome
    found: str | None = None
    until: datetime | None = None


def proposals(asker: Asker, since: datetime | None = None, action: str = "read") -> list[Proposal]:
    """Every proposal from a moment on, about fields that the person reads, or exports, the oldest first.

    A later proposal for the same field replaces one that the table has not shown; one that it has not shown within a
    day has lapsed, and is done all the same if it shows it later.
    """
    found = [
        proposal
        for each in asker.states.watched.values()
        for field in each.in_table
        for proposal in _of(asker, each, field, since, action)
    ]
    return sorted(found, key=lambda each: (each.at, each.entity, each.key))


def _of(asker: Asker, each: Watched, field: str, since: datetime | None, action: str) -> Iterator[Proposal]:
    query = asker.query(each.entity)
    category = asker.snapshot.program.pack.entities[each.entity].fields[field].category
    reads = open_on(query, [Read((), each.entity, category)], action)
    seen = ", ".join(map(literal, SEEN))
    said = f"entity = {literal(each.entity)} AND {quoted('says ' + field)}"
    start = f' AND "at" >= {literal(since)}' if since is not None else ""
    value = quoted(f"is {field}")
    sql = (
        f"WITH said AS (SELECT *, {value} AS value FROM {EVENTS} WHERE {said}),"
        f" meant AS (SELECT *, lead(seq) OVER (PARTITION BY key ORDER BY seq) AS next FROM said"
        f" WHERE kind NOT IN ({seen})),"
        f" shown AS (SELECT * FROM said WHERE kind IN ({seen})),"
        f" known AS (SELECT {query.column(())} AS key FROM {query.source} WHERE {reads})"
        ' SELECT m."at", m.key, m.value, m.actor, m.kind, m.next < coalesce(s.seq, m.next + 1), s.seq, s.value, s."at"'
        " FROM meant AS m ASOF LEFT JOIN shown AS s ON s.key = m.key AND m.seq < s.seq"
        f" WHERE m.key IN (SELECT key FROM known){start} ORDER BY m.seq"
    )
    for at, key, wanted, actor, kind, replaced, shown, found, until in asker.states.engine.rows(sql, query.values):
        outcome: Outcome = "lapsed" if asker.now - at >= PROPOSED_FOR else "open"
        if replaced:
            yield Proposal(at, each.entity, key, field, wanted, actor, kind, "replaced")
        elif shown is not None:
            outcome = "done" if found == wanted else "otherwise"
            yield Proposal(at, each.entity, key, field, wanted, actor, kind, outcome, found, until)
        else:
            yield Proposal(at, each.entity, key, field, wanted, actor, kind, outcome)
