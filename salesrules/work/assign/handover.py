"""A person who goes to who gets each record that the person holds, by the rules of a handover; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import NamedTuple

from salesrules.access.snapshot import Snapshot
from salesrules.engines.duckdb import DuckDB
from salesrules.expr.kinds import BOOLEAN
from salesrules.expr.typed import Constant, leaves
from salesrules.meaning import PERSON
from salesrules.meaning.assignments import held_by
from salesrules.pack.assignment import Handover, HandoverRule
from salesrules.pack.pick import ToPool
from salesrules.run.query import Query
from salesrules.work.assign.agreeing import asked_of
from salesrules.work.assign.arrivals import UNRULED, nobody
from salesrules.work.assign.choice import Choice, choice
from salesrules.work.assign.lending import LEND, Lent
from salesrules.work.assign.onward import Befores, decided_anew, went_on
from salesrules.work.assign.run import Run, assign
from salesrules.work.assign.underway import is_followed, on_the_way
from salesrules.work.assign.unsigned import Unsigned
from salesrules.work.clock.times import Times
from salesrules.work.present import at_work
from salesrules.work.state import States


@dataclass(frozen=True, slots=True)
class Handed:
    """What becomes of one record: `to` or `pool` gets it, by the rule of this number from 1 on.

    Neither is known where the way to the person ends in nobody: then the record stays, and somebody has to look at it.
    `asks` are those who have to agree first, nobody where none of them is at work; None where the record goes at once.
    """

    entity: str
    key: str
    sets: str
    rule: int
    do: str
    to: str | None = None
    pool: str | None = None
    asks: tuple[str, ...] | None = None

    @property
    def goes(self) -> bool:
        """Whether it leaves who has it, at once or when those who are asked agree."""
        return self.do != LEND and (self.to is not None or self.pool is not None) and self.asks != ()


@dataclass(frozen=True, slots=True)
class HandedOver:
    """All that a person holds: what becomes of it, how many records no rule takes by entity, and the turns.

    `away` are those by entity that are on their way to others already, `coming` those that are on their way to the
    person: both stay as they are until the table shows them. `lent` is who stands in. `approvals` are those that wait
    for the person's signature; `until` is by rule the first day on which its credit is no longer shared. `stuck` has by
    rule the first record that its assignment found nobody for, with the reasons.
    """

    person: str
    handover: Handover
    records: tuple[Handed, ...]
    left: Mapping[str, int]
    turns: Mapping[str, float]
    away: Mapping[str, int] = field(default_factory=dict)
    coming: Mapping[str, int] = field(default_factory=dict)
    lent: tuple[Lent, ...] = ()
    approvals: tuple[Unsigned, ...] = ()
    until: Mapping[int, date] = field(default_factory=dict)
    stuck: Mapping[int, tuple[str, Choice]] = field(default_factory=dict)


class _Row(NamedTuple):
    """A record that a rule takes: who gets it, of those at work, as far as the rule says; whether it counts in hand."""

    key: str
    to: str | None
    active: bool


def applies(engine: DuckDB, snapshot: Snapshot, handover: Handover, person: str, day: date) -> bool:
    """Whether a handover is for a person on a day."""
    when, here = snapshot.program.meanings.conditions[handover.when], at_work(snapshot, person, day)
    known = ("row", "today", *(("candidate",) if here is not None else ()))
    if any(leaf.root not in known and not leaf.root.startswith("member:") for leaf in leaves(when)):
        return False
    query = Query(snapshot, here or nobody(day), PERSON, engine.dialect)
    sql = f"SELECT {query.expression(when)} FROM {query.source} WHERE {query.column(())} = $key"
    return engine.rows(sql, {**query.values, "key": person}) == [(True,)]


def hand_over(
    states: States,
    snapshot: Snapshot,
    handover: Handover,
    person: str,
    day: date,
    now: datetime,
    before: Befores,
) -> HandedOver:
    """Who gets each record that a person holds; the first rule that takes a record decides about it.

    A rule that lets an assignment find who gets the records sees what the rules before it gave.
    Args: now: in UTC, without a zone. before: what went before a run of each assignment.
    """
    found, left = list[Handed](), dict[str, int]()
    away, coming = dict[str, int](), dict[str, int]()
    stuck: dict[int, tuple[str, Choice]] = {}
    turns = {
        scope: kept[person] for each in before.values() for scope, kept in each.turns.ahead.items() if person in kept
    }
    entities = {id: one.entity for id, one in snapshot.program.assignments.items()}
    for entity, sets in held_by(snapshot.program.pack).items():
        holding = _Holding(states, snapshot, entity, sets, person, day, now)
        rules = {number: rule for number, rule in enumerate(handover.rules, 1) if rule.of == entity}
        taken = holding.taken(rules)
        away[entity], coming[entity] = holding.under_way()
        left[entity] = len(taken.pop(0, ()))
        before = decided_anew(before, entities, entity, [row.key for rows in taken.values() for row in rows])
        for number, rows in taken.items():
            handed, run = holding.handed(number, rules[number], rows, before)
            found += handed
            if run is not None and (first := _left_alone(run)) is not None:
                stuck[number] = first
            given = {one.key: one.to for one in handed if one.goes}
            before = went_on(before, entities, entity, person, given, {row.key for row in rows if row.active}, run)
    return HandedOver(person, handover, tuple(found), _some(left), turns, _some(away), _some(coming), stuck=stuck)


def _left_alone(run: Run) -> tuple[str, Choice] | None:
    """The first record that a run found nobody for, where its rule gives to people, with the reasons."""
    for at, key in enumerate(run.arrivals.keys):
        rule = run.arrivals.kinds[run.arrivals.kind[at]].rule
        if run.person(at) is None and rule != UNRULED and not isinstance(run.assigning.rules[rule].pick, ToPool):
            return key, choice(run, at)
    return None


def _some(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts without those of nothing."""
    return {name: count for name, count in counts.items() if count}


def shared_until(handover: Handover, times: Times, now: datetime) -> dict[int, date]:
    """By rule the first day on which the credit is no longer shared; a rule that names no end has none."""
    found = {}
    for number, rule in enumerate(handover.rules, 1):
        ends = times.later(now, rule.credit.for_) if rule.credit is not None and rule.credit.for_ is not None else None
        if ends is not None:
            found[number] = times.day(ends)
    return found


@dataclass(frozen=True, slots=True)
class _Holding:
    """The records of an entity that a person holds on a day; `sets` is the field that says so."""

    states: States
    snapshot: Snapshot
    entity: str
    sets: str
    person: str
    day: date
    now: datetime

    def _asked(self) -> tuple[Query, str]:
        """A question about them, and whether one is on its way."""
        query = Query(self.snapshot, nobody(self.day), self.entity, self.states.engine.dialect)
        return query, on_the_way(self.states, query, self.entity, self.sets, self.now)

    def taken(self, rules: Mapping[int, HandoverRule]) -> dict[int, list[_Row]]:
        """By rule the records that it takes, those on their way to somebody else left out; 0 stands for none."""
        (query, moving), meanings = self._asked(), self.snapshot.program.meanings
        whens = {
            number: query.expression(meanings.conditions[rule.when]) if rule.when is not None else "TRUE"
            for number, rule in rules.items()
        }
        tos = {
            number: query.expression(meanings.conditions[rule.to]) if rule.to is not None else "NULL"
            for number, rule in rules.items()
        }
        arms = " ".join(f"WHEN {when} THEN {number}" for number, when in whens.items())
        gets = " ".join(f"WHEN {when} THEN {tos[number]}" for number, when in whens.items())
        number, to = (f"CASE {arms} ELSE 0 END", f"CASE {gets} END") if rules else ("0", "CAST(NULL AS VARCHAR)")
        active = meanings.active.get(self.entity)
        counts = f"coalesce({query.expression(active)}, FALSE)" if active is not None else "TRUE"
        columns = f"{number}, {query.column(())}, {to}, {counts}"
        where = f"{query.column((self.sets,))} = $person AND NOT {moving}"
        sql = f"SELECT {columns} FROM {query.source} WHERE {where} ORDER BY ALL"
        found: dict[int, list[_Row]] = {}
        rows = self.states.engine.rows(sql, {**query.values, "person": self.person})
        there = {id for id in {row[2] for row in rows} - {None, self.person} if at_work(self.snapshot, id, self.day)}
        for by, key, gets_it, counted in rows:
            found.setdefault(by, []).append(_Row(key, gets_it if gets_it in there else None, counted))
        return found

    def under_way(self) -> tuple[int, int]:
        """How many are on their way to others, and how many that others have to the person."""
        if not is_followed(self.states, self.entity, self.sets):
            return 0, 0
        query, moving = self._asked()
        shown, wanted = query.column((self.sets,)), query.state(f"{self.sets} wanted")
        counts = f"count(*) FILTER (WHERE {shown} = $person), count(*) FILTER (WHERE {wanted} = $person)"
        sql = f"SELECT {counts} FROM {query.source} WHERE {moving}"
        ((away, coming),) = self.states.engine.rows(sql, {**query.values, "person": self.person})
        return away, coming

    def handed(
        self, number: int, rule: HandoverRule, rows: Sequence[_Row], before: Befores
    ) -> tuple[list[Handed], Run | None]:
        """What becomes of the records that a rule takes, and the run that found who gets them, if one did."""
        if rule.do == LEND:
            return [self._one(number, rule, row.key, None, None) for row in rows], None
        run = self._run(rule, rows, before)
        pool = str(rule.pool) if rule.pool is not None else None
        if run is None:
            found = [self._one(number, rule, row.key, row.to, None if row.to else pool) for row in rows]
        else:
            keys = enumerate(run.arrivals.keys)
            found = [self._one(number, rule, key, run.person(at), run.pool(at)) for at, key in keys]
        if rule.confirm:
            takers = {one.key: one.to for one in found}
            engine, snapshot = self.states.engine, self.snapshot
            asked = asked_of(engine, snapshot, self.entity, rule, takers, self.person, self.day)
            found = [replace(one, asks=asked[one.key]) for one in found]
        return found, run

    def _one(self, number: int, rule: HandoverRule, key: str, to: str | None, pool: str | None) -> Handed:
        return Handed(self.entity, key, self.sets, number, rule.do, to, pool)

    def _run(self, rule: HandoverRule, rows: Sequence[_Row], before: Befores) -> Run | None:
        assigning = self.snapshot.program.assignments.get(str(rule.by)) if rule.by is not None else None
        if assigning is None:
            return None
        free, keys = replace(assigning, when=Constant(BOOLEAN, True)), [row.key for row in rows]
        seed, gone = f"{assigning.id} {self.day}", frozenset({self.person})
        return assign(self.states.engine, self.snapshot, free, self.day, seed, before[assigning.id], keys, gone)
