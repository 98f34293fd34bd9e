"""The log to violations as somebody may be told of them, and what is said of one, or done about it, to its event."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.expr.sql import literal
from salesrules.expr.typed import Typed
from salesrules.meaning import PERSON as PEOPLE
from salesrules.pack.followed import OWNER
from salesrules.run.query import Query
from salesrules.store import Event
from salesrules.work.clock.telling import fields_of, known
from salesrules.work.conduct.charged import lasting
from salesrules.work.conduct.days import PlannedDay
from salesrules.work.conduct.deviations import read_days
from salesrules.work.gates import known_to
from salesrules.work.kinds import ANSWERED, BECAUSE, DAYS, NOTE, PERSON, SETTLED, VIOLATED, VIOLATION
from salesrules.work.state import EVENTS, States, value_of

_RANKS = {"high": 0, "normal": 1, "low": 2}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why it came to a violation: who said so, when in UTC, and the words."""

    person: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule of conduct that somebody broke, with a record or on `days`; `id` is its place in the log, `at` is UTC.

    `lasts` says whether it is still so, as far as the last run of the clocks knows; None to whoever may not know.
    `days` have the figures that were noted. Who settled it, when and with which note is None while it is open.
    """

    id: int
    at: datetime
    rule: str
    entity: str
    key: str
    person: str
    days: tuple[PlannedDay, ...] = ()
    reasons: tuple[Reason, ...] = ()
    settled_by: str | None = None
    settled_at: datetime | None = None
    note: str | None = None
    lasts: bool | None = None


@dataclass(frozen=True, slots=True)
class Charges:
    """Violations, the gravest first and then the oldest; `hidden` is how many more the asker is charged with.

    These are of records that the asker may not know.
    """

    told: tuple[Violation, ...]
    hidden: int = 0


def charges(states: States, snapshot: Snapshot, asker: Principal, people: Collection[str], settled: bool) -> Charges:
    """The violations that these people are charged with, as far as the asker may be told; of rules that the pack has.

    That there is one tells what the condition says and whom the path leads to. Who is charged is told of it where they
    may know the record, and always of their own days; all others where they may know each cell behind it.
    Args: settled: whether those that are settled are told as well.
    """
    pack = snapshot.program.pack
    told: list[Violation] = []
    hidden = 0
    for entity, rule, behind in _rules(snapshot):
        noted = [one for one in _noted(states, entity, rule, people) if settled or one.settled_at is None]
        may_know = _known(states, snapshot, asker, entity, behind, {one.key for one in noted})
        last = lasting(states, entity, rule)
        for one in noted:
            own = one.person == asker.id
            cells = may_know.get(one.key) or (own and rule in pack.deviations)
            if cells:
                told.append(replace(one, lasts=last.get(one.key) == one.id))
            elif own and one.key in may_know:
                told.append(one)
            else:
                hidden += own
    return Charges(tuple(sorted(told, key=lambda one: (_RANKS[pack.charge(one.rule).severity], one.id))), hidden)


def settlement(found: Violation, actor: str, note: str, now: datetime, release: str) -> Event:
    """That somebody has dealt with a violation."""
    values = {VIOLATION: str(found.id), NOTE: note}
    return Event(now, found.entity, found.key, SETTLED, actor, values, found.rule, release)


def answer(found: Violation, actor: str, because: str, now: datetime, release: str) -> Event:
    """That somebody says why it came to a violation."""
    values = {VIOLATION: str(found.id), BECAUSE: because}
    return Event(now, found.entity, found.key, ANSWERED, actor, values, found.rule, release)


def _rules(snapshot: Snapshot) -> Iterator[tuple[str, str, Sequence[Typed]]]:
    """What can be violated: whose records by which rule, and what stands behind a violation.

    Behind that of a rule about days is who the person reports to.
    """
    pack, trees = snapshot.program.pack, snapshot.program.meanings.conditions
    for rule in pack.conduct.values():
        entity = str(rule.entity)
        yield entity, rule.id, [trees[rule.when], trees[rule.by], *fields_of(snapshot, entity, OWNER)]
    above = pack.tree_of(PEOPLE)
    for id in pack.deviations:
        yield PEOPLE, id, fields_of(snapshot, PEOPLE, above) if above is not None else []


def _noted(states: States, entity: str, rule: str, people: Collection[str]) -> list[Violation]:
    """Every violation of a rule that these people are charged with, in order, with what was said of it."""
    settled = f'SELECT {value_of(VIOLATION)} AS id, actor, "at", {value_of(NOTE)} AS note FROM {EVENTS}'
    noted = f'SELECT seq, "at", key, {value_of(PERSON)} AS person, {value_of(DAYS)} AS days FROM {EVENTS}'
    noted += f" WHERE kind = {literal(VIOLATED)} AND entity = {literal(entity)} AND rule = {literal(rule)}"
    sql = (
        f"WITH s AS ({settled} WHERE kind = {literal(SETTLED)}), v AS ({noted})"
        ' SELECT v.*, s.actor, s."at", s.note FROM v LEFT JOIN s ON s.id = CAST(v.seq AS VARCHAR)'
        " WHERE v.person IN (SELECT unnest($people::VARCHAR[])) ORDER BY v.seq"
    )
    rows, said = states.engine.rows(sql, {"people": sorted(people)}), _reasons(states, entity, rule)
    return [
        Violation(id, at, rule, entity, key, person, read_days(days), said.get(str(id), ()), *settled_by)
        for id, at, key, person, days, *settled_by in rows
    ]


def _reasons(states: States, entity: str, rule: str) -> Mapping[str, tuple[Reason, ...]]:
    """What was said of the violations of a rule, the first word first."""
    own = f"kind = {literal(ANSWERED)} AND entity = {literal(entity)} AND rule = {literal(rule)}"
    sql = f'SELECT {value_of(VIOLATION)}, actor, "at", {value_of(BECAUSE)} FROM {EVENTS} WHERE {own} ORDER BY seq'
    found: dict[str, tuple[Reason, ...]] = {}
    for id, *said in states.engine.rows(sql):
        found[id] = (*found.get(id, ()), Reason(*said))
    return found


def _known(
    states: States,
    snapshot: Snapshot,
    asker: Principal,
    entity: str,
    behind: Sequence[Typed],
    keys: Iterable[str],
) -> dict[str, bool]:
    """The records that the asker may know, each with whether that goes for every cell behind a violation."""
    query = Query(snapshot, asker, entity, states.engine.dialect)
    cells = known(query, snapshot, asker, entity, behind)
    where = f"{query.column(())} IN (SELECT unnest($keys::VARCHAR[])) AND ({known_to(query, snapshot, entity)})"
    sql = f"SELECT {query.column(())}, ({cells}) IS TRUE FROM {query.source} WHERE {where}"
    return dict(states.engine.rows(sql, {**query.values, "keys": sorted(keys)}))
