"""A person who goes to who gets each record that the person holds, by the rules of a handover; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from salesrules.access.snapshot import Snapshot
from salesrules.engines.duckdb import DuckDB
from salesrules.expr.kinds import BOOLEAN
from salesrules.expr.typed import Constant, Typed, leaves
from salesrules.meaning import PERSON
from salesrules.pack.assignment import Handover, HandoverRule
from salesrules.run.query import Query
from salesrules.work.assign.agreeing import asked_of
from salesrules.work.assign.arrivals import nobody
from salesrules.work.assign.run import Before, assign
from salesrules.work.assign.unsigned import Unsigned
from salesrules.work.clock.times import Times

OWNER = "owner"


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


@dataclass(frozen=True, slots=True)
class HandedOver:
    """All that a person holds: what becomes of it, how many records no rule takes by entity, and the turns.

    `approvals` are those that wait for the person's signature; `until` is by rule the first day on which its credit is
    no longer shared.
    """

    person: str
    handover: Handover
    records: tuple[Handed, ...]
    left: Mapping[str, int]
    turns: Mapping[str, float]
    approvals: tuple[Unsigned, ...] = ()
    until: Mapping[int, date] = field(default_factory=dict)


def held_by(snapshot: Snapshot) -> dict[str, str]:
    """By entity the field that says who has a record: that which an assignment sets, else `owner`."""
    pack = snapshot.program.pack
    sets = {str(one.entity): str(one.sets) for one in pack.assignments.values()}
    found = {}
    for entity in pack.entities.values():
        field = entity.fields.get(sets.get(entity.id, OWNER))
        if entity.id != PERSON and entity.key and field is not None and field.to == PERSON:
            found[entity.id] = field.id
    return found


def applies(engine: DuckDB, snapshot: Snapshot, handover: Handover, person: str, day: date) -> bool:
    """Whether a handover is for a person on a day."""
    when = snapshot.program.meanings.conditions[handover.when]
    if any(leaf.root not in ("row", "today") and not leaf.root.startswith("member:") for leaf in leaves(when)):
        return False
    query = Query(snapshot, nobody(day), PERSON, engine.dialect)
    sql = f"SELECT {query.expression(when)} FROM {query.source} WHERE {query.column(())} = $key"
    return engine.rows(sql, {**query.values, "key": person}) == [(True,)]


def hand_over(
    engine: DuckDB,
    snapshot: Snapshot,
    handover: Handover,
    person: str,
    day: date,
    before: Mapping[str, Before],
) -> HandedOver:
    """Who gets each record that a person holds; the first rule that takes a record decides about it.

    Args: before: what went before, by assignment: for the rules that let an assignment find who gets the records.
    """
    holds, found, left = held_by(snapshot), list[Handed](), dict[str, int]()
    for entity, sets in holds.items():
        rules = [(number, rule) for number, rule in enumerate(handover.rules, 1) if rule.of == entity]
        taken = _taken(engine, snapshot, entity, sets, rules, person, day)
        numbers = dict(rules)
        for number, rows in taken.items():
            if number == 0:
                left[entity] = len(rows)
            else:
                rule = numbers[number]
                handed = list(_handed(engine, snapshot, entity, sets, number, rule, rows, person, day, before))
                if rule.confirm:
                    takers = {one.key: one.to for one in handed}
                    asked = asked_of(engine, snapshot, entity, rule, takers, person, day)
                    handed = [replace(one, asks=asked[one.key]) for one in handed]
                found += handed
    turns = {
        scope: kept[person] for one in before.values() for scope, kept in one.turns.ahead.items() if person in kept
    }
    return HandedOver(person, handover, tuple(found), left, turns)


def shared_until(handover: Handover, times: Times, now: datetime) -> dict[int, date]:
    """By rule the first day on which the credit is no longer shared; a rule that names no end has none."""
    found = {}
    for number, rule in enumerate(handover.rules, 1):
        ends = times.later(now, rule.credit.for_) if rule.credit is not None and rule.credit.for_ is not None else None
        if ends is not None:
            found[number] = times.day(ends)
    return found


def _taken(
    engine: DuckDB,
    snapshot: Snapshot,
    entity: str,
    sets: str,
    rules: Sequence[tuple[int, HandoverRule]],
    person: str,
    day: date,
) -> dict[int, list[tuple[str, str | None]]]:
    """By rule the keys of the records with who gets them, as far as the rule says; 0 stands for none."""
    meanings, query = snapshot.program.meanings.conditions, Query(snapshot, nobody(day), entity, engine.dialect)

    def printed(tree: Typed) -> str:
        return query.expression(tree)

    whens = [printed(meanings[rule.when]) if rule.when is not None else "TRUE" for _, rule in rules]
    tos = [printed(meanings[rule.to]) if rule.to is not None else "NULL" for _, rule in rules]
    arms = " ".join(f"WHEN {when} THEN {number}" for when, (number, _) in zip(whens, rules, strict=True))
    gets = " ".join(f"WHEN {when} THEN {to}" for when, to in zip(whens, tos, strict=True))
    rule, to = (f"CASE {arms} ELSE 0 END", f"CASE {gets} END") if rules else ("0", "CAST(NULL AS VARCHAR)")
    columns = f"{rule}, {query.column(())}, {to}"
    sql = f"SELECT {columns} FROM {query.source} WHERE {query.column((sets,))} = $person ORDER BY ALL"
    found: dict[int, list[tuple[str, str | None]]] = {}
    for number, key, gets_it in engine.rows(sql, {**query.values, "person": person}):
        found.setdefault(number, []).append((key, gets_it if gets_it != person else None))
    return found


def _handed(
    engine: DuckDB,
    snapshot: Snapshot,
    entity: str,
    sets: str,
    number: int,
    rule: HandoverRule,
    rows: Sequence[tuple[str, str | None]],
    person: str,
    day: date,
    before: Mapping[str, Before],
) -> Iterator[Handed]:
    assigning = snapshot.program.assignments.get(str(rule.by)) if rule.by is not None else None
    if assigning is None:
        pool = str(rule.pool) if rule.pool is not None else None
        yield from (Handed(entity, key, sets, number, rule.do, to, None if to else pool) for key, to in rows)
        return
    free = replace(assigning, when=Constant(BOOLEAN, True))
    keys = [key for key, _ in rows]
    run = assign(engine, snapshot, free, day, f"{assigning.id} {day}", before[assigning.id], keys, frozenset({person}))
    for at, key in enumerate(run.arrivals.keys):
        yield Handed(entity, key, sets, number, rule.do, run.person(at), run.pool(at))
