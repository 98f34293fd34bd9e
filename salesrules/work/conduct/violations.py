"""The log to violations as somebody may be told of them, and a manager's word on one to the event that settles it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.expr.sql import literal
from salesrules.pack.conduct import ConductRule
from salesrules.pack.followed import OWNER
from salesrules.run.query import Query
from salesrules.store import Event
from salesrules.work.clock.telling import fields_of, known
from salesrules.work.conduct.charged import lasting
from salesrules.work.gates import known_to
from salesrules.work.kinds import NOTE, PERSON, SETTLED, VIOLATED, VIOLATION
from salesrules.work.state import EVENTS, States, value_of

_RANKS = {"high": 0, "normal": 1, "low": 2}


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule of conduct that a record broke, and whom that is charged to; `id` is its place in the log, `at` is UTC.

    `lasts` says whether the record still breaks it, as far as the last run of the clocks knows; None to whoever may
    not know. Who settled it, when and with which note is None while it is open.
    """

    id: int
    at: datetime
    rule: str
    entity: str
    key: str
    person: str
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
    may know the record; all others where they may know each cell behind it.
    Args: settled: whether those that are settled are told as well.
    """
    rules = snapshot.program.pack.conduct
    told: list[Violation] = []
    hidden = 0
    for rule in rules.values():
        noted = [one for one in _noted(states, rule, people) if settled or one.settled_at is None]
        may_know, last = _known(states, snapshot, asker, rule, {one.key for one in noted}), lasting(states, rule)
        for one in noted:
            cells, own = may_know.get(one.key), one.person == asker.id
            if cells:
                told.append(replace(one, lasts=last.get(one.key) == one.id))
            elif own and cells is not None:
                told.append(one)
            else:
                hidden += own
    return Charges(tuple(sorted(told, key=lambda one: (_RANKS[rules[one.rule].severity], one.id))), hidden)


def settlement(found: Violation, actor: str, note: str, now: datetime, release: str) -> Event:
    """That somebody has dealt with a violation."""
    values = {VIOLATION: str(found.id), NOTE: note}
    return Event(now, found.entity, found.key, SETTLED, actor, values, found.rule, release)


def _noted(states: States, rule: ConductRule, people: Collection[str]) -> list[Violation]:
    """Every violation of a rule that these people are charged with, in order, and who settled it."""
    settled = f'SELECT {value_of(VIOLATION)} AS id, actor, "at", {value_of(NOTE)} AS note FROM {EVENTS}'
    noted = f'SELECT seq, "at", key, {value_of(PERSON)} AS person FROM {EVENTS} WHERE kind = {literal(VIOLATED)}'
    noted += f" AND entity = {literal(rule.entity)} AND rule = {literal(rule.id)}"
    sql = (
        f"WITH s AS ({settled} WHERE kind = {literal(SETTLED)}), v AS ({noted})"
        ' SELECT v.*, s.actor, s."at", s.note FROM v LEFT JOIN s ON s.id = CAST(v.seq AS VARCHAR)'
        " WHERE v.person IN (SELECT unnest($people::VARCHAR[])) ORDER BY v.seq"
    )
    rows = states.engine.rows(sql, {"people": sorted(people)})
    return [Violation(id, at, rule.id, str(rule.entity), key, *about) for id, at, key, *about in rows]


def _known(
    states: States, snapshot: Snapshot, asker: Principal, rule: ConductRule, keys: Iterable[str]
) -> dict[str, bool]:
    """The records that the asker may know, each with whether that goes for every cell behind a violation."""
    trees = snapshot.program.meanings.conditions
    query = Query(snapshot, asker, rule.entity, states.engine.dialect)
    behind = [trees[rule.when], trees[rule.by], *fields_of(snapshot, rule.entity, OWNER)]
    cells = known(query, snapshot, asker, rule.entity, behind)
    where = f"{query.column(())} IN (SELECT unnest($keys::VARCHAR[])) AND ({known_to(query, snapshot, rule.entity)})"
    sql = f"SELECT {query.column(())}, ({cells}) IS TRUE FROM {query.source} WHERE {where}"
    return dict(states.engine.rows(sql, {**query.values, "keys": sorted(keys)}))
