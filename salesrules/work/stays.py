"""Events of the records that somebody reads to their stays: in which stage, from which day to which, and what came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.expr.sql import literal, quoted
from salesrules.meaning.reads import Read
from salesrules.pack.pack import Pack
from salesrules.pack.stages import Process
from salesrules.run.query import Query
from salesrules.run.reads import each_of, met_on
from salesrules.sources.org.stages import stages_name
from salesrules.work.folding import EVENTS, local_day
from salesrules.work.kinds import GONE, OBSERVED, SEEN
from salesrules.work.state import States


@dataclass(frozen=True, slots=True)
class Stay:
    """How many records were in a stage from one day to another in the same way.

    `stage` is None where a record was first seen without a stage. `until` is None for those that are still there, and
    `went` the stage after it, None for none: the stage was emptied, or the table no longer has the record. `begins`
    says that the log knew nothing of their stage before, and `seen` that the table showed it first, so that nobody
    knows since when it was so.
    """

    stage: str | None
    since: date
    until: date | None
    went: str | None
    begins: bool
    seen: bool
    count: int


def cells_of(pack: Pack, process: Process) -> frozenset[Read]:
    """The cells of a record that tell where it is in a process: its key and its stage."""
    entity = pack.entities[process.entity]
    stage = next(field for field in entity.fields.values() if field.type == "stage" and field.process == process.id)
    fields = (*(entity.fields[name] for name in entity.key), stage)
    return frozenset(Read((), entity.id, field.category) for field in fields)


def records_told(states: States, snapshot: Snapshot, principal: Principal, process: Process) -> int:
    """How many records there are of which the person reads key and stage."""
    query, told = _told(states, snapshot, principal, process)
    return int(states.engine.rows(f"SELECT count(*) FROM ({told})", query.values)[0][0])


def stays(states: States, snapshot: Snapshot, principal: Principal, process: Process, end: datetime) -> Iterator[Stay]:
    """Every stay of these records that began before a moment in UTC, as the log had it then.

    A text that means a stage, as a step of a variant or an alias does, is that stage; one that means none is no stage.
    What was only proposed is nowhere, as long as the table does not show it.
    """
    query, told = _told(states, snapshot, principal, process)
    sql = _statement(states, snapshot, process, told, end)
    for stage, since, until, went, begins, seen, count in states.engine.rows(sql, query.values):
        yield Stay(stage, since, until, went, begins, seen, count)


def _told(states: States, snapshot: Snapshot, principal: Principal, process: Process) -> tuple[Query, str]:
    """The keys of the records that may be told of, as SQL."""
    query = Query(snapshot, principal, process.entity, states.engine.dialect)
    open_ = met_on(query.in_where, each_of(cells_of(snapshot.program.pack, process)), "read")
    key = query.column(())
    return query, f"SELECT {key} AS key FROM {query.source} WHERE {open_}"


def _statement(states: States, snapshot: Snapshot, process: Process, told: str, end: datetime) -> str:
    """What events say, row by row; where a record is after each; the rows that begin a stay; these in groups."""
    watched, zone = states.watched[process.entity], snapshot.program.pack.about.timezone
    field = watched.stages[process.id]
    tells, gone = f"e.{quoted(f'says {field}')}", f"e.{quoted(f'says {GONE}')}"
    where = f'e.entity = {literal(process.entity)} AND e."at" < {literal(end)} AND ({tells} OR {gone})'
    if field in watched.in_table:
        where += f" AND e.kind IN ({', '.join(map(literal, SEEN))})"
    return f"""
        WITH told AS ({told}),
        said AS (
            SELECT e.key, e.seq, e."at", e.kind, {tells} AS tells,
                CASE WHEN {tells} THEN {{'stage': w.member}} END AS place,
                CASE WHEN {gone} THEN e.{quoted(f"is {GONE}")} IS NOT NULL END AS away
            FROM {EVENTS} AS e SEMI JOIN told ON told.key = e.key
            LEFT JOIN {quoted(stages_name(process.id))} AS w ON w.name = e.{quoted(f"is {field}")}
            WHERE {where}
        ),
        placed AS (
            SELECT key, seq, "at", kind,
                tells AND seq = min(seq) FILTER (tells) OVER (PARTITION BY key) AS begins,
                CASE WHEN coalesce(last_value(away IGNORE NULLS) OVER so_far, FALSE) THEN NULL
                    ELSE struct_extract(last_value(place IGNORE NULLS) OVER so_far, 'stage') END AS stage
            FROM said WINDOW so_far AS (PARTITION BY key ORDER BY seq)
        ),
        turns AS (
            SELECT *, lag(stage) OVER (PARTITION BY key ORDER BY seq) IS DISTINCT FROM stage AS turns FROM placed
        ),
        stays AS (
            SELECT stage, {local_day('"at"', zone)} AS since, {local_day('lead("at") OVER next', zone)} AS until,
                lead(stage) OVER next AS went, begins, begins AND kind = '{OBSERVED}' AS seen
            FROM turns WHERE turns OR begins WINDOW next AS (PARTITION BY key ORDER BY seq)
        )
        SELECT stage, since, until, went, begins, seen, count(*) FROM stays GROUP BY ALL
    """
