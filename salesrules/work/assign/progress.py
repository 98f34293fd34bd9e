"""What an assignment gave out in a window, and the log since, to what became of it: by rule, by person and by team."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from salesrules.access.snapshot import Snapshot
from salesrules.expr.sql import literal, quoted
from salesrules.meaning import PERSON
from salesrules.meaning.assignments import Assigning
from salesrules.run.query import Query
from salesrules.work.assign.arrivals import nobody
from salesrules.work.gates import PROPOSED_FOR, right_about
from salesrules.work.kinds import (
    ADVANCED,
    APPROVED,
    ASSIGNED,
    CLAIMED,
    FOLLOWED_UP,
    JUDGED,
    RECYCLED,
    RETURNED,
    SEEN,
    TASK_DONE,
    TRANSFERRED,
)
from salesrules.work.state import EVENTS, States, value_of
from salesrules.work.watched import Watched

FATES = ("closed", "moved", "touched", "untouched", "back", "passed", "lapsed")
"""What can have become of a record: each that was given out has one of these."""
_TOUCHED = (FOLLOWED_UP, ADVANCED, TASK_DONE, APPROVED)
_BACK = (RETURNED, RECYCLED)
_HANDED_ON = (ASSIGNED, CLAIMED, TRANSFERRED, JUDGED)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many records were given out, and how many of them have which fate.

    `back` went into a pool again, `passed` to somebody else or out of the table, and `lapsed` are those that the table
    never showed with who got them. Of the others `closed` are not active any more or in a last stage, `moved` in
    another stage than then, `touched` were worked on by anybody, and `untouched` were not: `oldest` is since when, in
    UTC.
    """

    given: int = 0
    closed: int = 0
    moved: int = 0
    touched: int = 0
    untouched: int = 0
    back: int = 0
    passed: int = 0
    lapsed: int = 0
    oldest: datetime | None = None

    def __add__(self, other: Progress) -> Progress:
        counts = {name: getattr(self, name) + getattr(other, name) for name in ("given", *FATES)}
        since = [each for each in (self.oldest, other.oldest) if each is not None]
        return Progress(**counts, oldest=min(since, default=None))


@dataclass(frozen=True, slots=True)
class ProgressReport:
    """What became of what an assignment gave out from the day `since` on.

    Everyone counts who got something; a team are the people with the same manager, "-" those with none.
    """

    assignment: str
    since: date
    whole: Progress
    rules: Mapping[str, Progress]
    people: Mapping[str, Progress]
    teams: Mapping[str, Progress]


def progress(
    states: States,
    snapshot: Snapshot,
    assigning: Assigning,
    days: tuple[date, date],
    now: datetime,
    runs: Sequence[datetime],
) -> ProgressReport:
    """What became of what some runs of an assignment gave out, at a moment in UTC.

    Args: days: the first day of the window, and today. runs: the moments of the runs in it, in UTC, which no two runs
        share.
    """
    since, today = days
    found = _counted(states, snapshot, assigning, (today, now), runs) if runs else []
    people, above = snapshot.organisation.people, snapshot.program.pack.tree_of(PERSON)

    def team(person: str) -> str:
        return str((people.get(person, {}).get(above) if above is not None else None) or "-")

    return ProgressReport(
        assigning.id,
        since,
        sum((one for *_, one in found), Progress()),
        _summed((rule.rpartition("/")[2], one) for rule, _, one in found),
        _summed((person, one) for _, person, one in found),
        _summed((team(person), one) for _, person, one in found),
    )


def _summed(parts: Iterable[tuple[str, Progress]]) -> dict[str, Progress]:
    found: dict[str, Progress] = {}
    for name, one in parts:
        found[name] = found.get(name, Progress()) + one
    return dict(sorted(found.items()))


def _counted(
    states: States,
    snapshot: Snapshot,
    assigning: Assigning,
    today: tuple[date, datetime],
    runs: Sequence[datetime],
) -> list[tuple[str, str, Progress]]:
    """By rule and person, in one question: what was given, all that the log says of it, and how the records are now."""
    day, now = today
    watched = states.watched[assigning.entity]
    query = Query(snapshot, nobody(day), assigning.entity, states.engine.dialect)
    fate = _fate(now, assigning.sets in watched.in_table)
    counts = ", ".join(f"count(*) FILTER (WHERE fate = {literal(each)})" for each in FATES)
    sql = (
        f"WITH given AS ({_given(assigning)}), told AS ({_told(snapshot, assigning, watched)}),"
        f" now AS ({_now(query, snapshot, assigning, watched)}),"
        f" fates AS (SELECT t.*, {fate} AS fate FROM told AS t LEFT JOIN now AS n ON n.key = t.key)"
        f" SELECT rule, person, count(*), {counts}, min(\"at\") FILTER (WHERE fate = 'untouched') FROM fates"
        " GROUP BY rule, person ORDER BY rule, person"
    )
    rows = states.engine.rows(sql, {**query.values, "runs": [at.isoformat() for at in runs]})
    return [(rule, person, Progress(*figures)) for rule, person, *figures in rows]


def _given(assigning: Assigning) -> str:
    """Each record that the runs gave to somebody: when, by which rule, and to whom."""
    person = value_of(assigning.sets)
    where = f"kind = {literal(ASSIGNED)} AND entity = {literal(assigning.entity)} AND {person} IS NOT NULL"
    moments = "SELECT unnest($runs::TIMESTAMP[])"
    return f'SELECT seq, key, rule, "at", {person} AS person FROM {EVENTS} WHERE {where} AND "at" IN ({moments})'


def _told(snapshot: Snapshot, assigning: Assigning, watched: Watched) -> str:
    """What the log says of each record since it was given: whether it was touched, came back, moved, or has ended."""
    to = value_of(assigning.sets)  # null where another assignment names somebody else beside
    marks = {"touched": (_TOUCHED, ""), "back": (_BACK, "")}
    marks |= {"again": (_HANDED_ON, f" AND {to} = g.person"), "handed": (_HANDED_ON, f" AND {to} <> g.person")}
    columns = [
        f"coalesce(bool_or(e.seq > g.seq AND e.kind IN {_texts(kinds)}{more}), FALSE) AS {name}"
        for name, (kinds, more) in marks.items()
    ]
    moved, ended = ["FALSE"], ["FALSE"]
    for process, field in watched.stages.items():
        says, is_ = f"e.{quoted(f'says {field}')}", f"e.{quoted(f'is {field}')}"
        says += f" AND e.kind IN {_texts(SEEN)}" if field in watched.in_table else ""
        then, last = (f"arg_max({is_}, e.seq) FILTER (WHERE {says}{when})" for when in (" AND e.seq < g.seq", ""))
        first = f"arg_min({is_}, e.seq) FILTER (WHERE {says})"  # of what was given before the log saw its stage
        ends = [stage.id for stage in snapshot.program.pack.processes[process].stages if not stage.next]
        moved.append(f"coalesce(coalesce({then}, {first}) <> {last}, FALSE)")
        ended.append(f"coalesce({last} IN {_texts(ends)}, FALSE)" if ends else "FALSE")
    columns += [f"({' OR '.join(moved)}) AS moved", f"({' OR '.join(ended)}) AS ended"]
    return (
        f'SELECT g.seq, g.key, g.rule, g."at", g.person, {", ".join(columns)} FROM given AS g'
        f" JOIN {EVENTS} AS e ON e.entity = {literal(watched.entity)} AND e.key = g.key GROUP BY ALL"
    )


def _now(query: Query, snapshot: Snapshot, assigning: Assigning, watched: Watched) -> str:
    """Who has each record now, and whether it is active."""
    sets, active = assigning.sets, snapshot.program.meanings.active.get(assigning.entity)
    followed = sets in watched.fields
    owner = right_about(query, watched, sets) if followed else f"CAST({query.column((sets,))} AS VARCHAR)"
    closed = f"({query.expression(active)}) IS FALSE" if active is not None else "FALSE"
    return f"SELECT {query.column(())} AS key, {owner} AS owner, {closed} AS closed FROM {query.source}"


def _fate(now: datetime, proposed: bool) -> str:
    """What became of a record; one that was `proposed` is with who got it for a day, until the table shows somebody.

    A table that shows who got it after all says that what was proposed to others since came to nothing.
    """
    fresh = f'(n.owner IS NULL AND n.key IS NOT NULL AND NOT t.back AND t."at" > {literal(now - PROPOSED_FOR)})'
    other = f"n.owner IS DISTINCT FROM t.person AND (t.handed OR NOT {fresh})"
    gone = f"(t.again OR ({other}){'' if proposed else ' OR t.handed'})"
    unshown = "n.key IS NOT NULL AND (n.owner IS NULL OR n.owner = t.person)" if proposed else "FALSE"
    return (
        f"CASE WHEN {gone} AND t.back THEN 'back' WHEN {gone} AND {unshown} THEN 'lapsed' WHEN {gone} THEN 'passed'"
        " WHEN n.closed OR t.ended THEN 'closed' WHEN t.moved THEN 'moved' WHEN t.touched THEN 'touched'"
        " ELSE 'untouched' END"
    )


def _texts(texts: Sequence[str]) -> str:
    return f"({', '.join(map(literal, texts))})"
