"""Records that are handed over and wait until those who are asked agree, as the log has them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from salesrules.access.snapshot import Snapshot
from salesrules.engines.duckdb import DuckDB
from salesrules.pack.assignment import HandoverRule
from salesrules.pack.followed import POOL
from salesrules.run.query import Query
from salesrules.store import Event
from salesrules.work.assign.arrivals import nobody
from salesrules.work.kinds import AGREED, ASKED, ASSIGNED, FORMER, GONE, HANDED, PERSON, RECYCLED, SETS, TO_POOL
from salesrules.work.present import at_work
from salesrules.work.state import EVENTS, States

_WAITS = (PERSON, TO_POOL, SETS, ASKED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that goes to a person or a pool once everyone who is `asked` agrees, and who has so far.

    `values` are all that the fact says of it, its credit with them.
    """

    entity: str
    key: str
    since: datetime
    rule: str
    values: Mapping[str, str | None]
    agreed: frozenset[str] = frozenset()

    @property
    def to(self) -> str | None:
        """Who gets it."""
        return self.values.get(PERSON)

    @property
    def pool(self) -> str | None:
        """The pool that it goes to."""
        return self.values.get(TO_POOL)

    @property
    def asked(self) -> tuple[str, ...]:
        """Who has to agree."""
        return tuple(json.loads(self.values[ASKED] or "[]"))

    @property
    def open(self) -> tuple[str, ...]:
        """Who still has to."""
        return tuple(person for person in self.asked if person not in self.agreed)


def asked_of(
    engine: DuckDB,
    snapshot: Snapshot,
    entity: str,
    rule: HandoverRule,
    takers: Mapping[str, str | None],
    person: str,
    day: date,
) -> dict[str, tuple[str, ...]]:
    """By record who has to agree: whom the rule names, without those who are not at work and who goes.

    Where nobody is left it is who gets the record. Args: takers: that, by record; nobody for a pool.
    """
    query, meanings = Query(snapshot, nobody(day), entity, engine.dialect), snapshot.program.meanings.conditions
    columns = ", ".join([query.column(()), *(query.expression(meanings[each]) for each in rule.confirm)])
    where = f"{query.column(())} IN (SELECT unnest($keys::VARCHAR[]))"
    rows = engine.rows(f"SELECT {columns} FROM {query.source} WHERE {where}", {**query.values, "keys": list(takers)})
    here: dict[str | None, bool] = {None: False, person: False}

    def working(people: Sequence[str | None]) -> tuple[str, ...]:
        for one in people:
            if one not in here:
                here[one] = at_work(snapshot, one, day) is not None
        return tuple(dict.fromkeys(str(one) for one in people if here[one]))

    return {key: working(named) or working([takers[key]]) for key, *named in rows}


def waiting(states: States) -> list[Waiting]:
    """Every record that waits for somebody to agree: asked for last, there still, and with nobody else since."""
    sql = (
        f"WITH asked AS (SELECT entity, key, max(seq) AS first FROM {EVENTS} WHERE kind = '{HANDED}' GROUP BY ALL)"
        f' SELECT e.entity, e.key, e."at", e.kind, e.actor, e.rule, e."values" FROM {EVENTS} AS e'
        " JOIN asked AS a ON a.entity = e.entity AND a.key = e.key WHERE e.seq >= a.first ORDER BY e.seq"
    )
    found: dict[tuple[str, str], Waiting] = {}
    for entity, key, at, kind, actor, rule, text in states.engine.rows(sql):
        values, one = json.loads(text), found.get((entity, key))
        if kind == HANDED:
            found[entity, key] = Waiting(entity, key, at, rule, values)
        elif one is not None and kind == AGREED:
            found[entity, key] = replace(one, agreed=one.agreed | {actor})
        elif one is not None and (
            values.get(GONE) or values.get(str(one.values[SETS]), one.values[FORMER]) != one.values[FORMER]
        ):
            del found[entity, key]
    return list(found.values())


def agreed(one: Waiting, person: str, now: datetime, release: str) -> Iterator[Event]:
    """That a person agrees, and where the record goes if nobody else has to."""
    yield Event(now, one.entity, one.key, AGREED, person, {}, one.rule, release)
    if set(one.open) <= {person}:
        kind, values = goes(str(one.values[SETS]), one.to, one.pool)
        values |= {name: value for name, value in one.values.items() if name not in _WAITS}
        yield Event(now, one.entity, one.key, kind, person, values, one.rule, release)


def goes(sets: str, to: str | None, pool: str | None) -> tuple[str, dict[str, str | None]]:
    """The kind of fact by which a record goes to a person, else to a pool, and what it says."""
    return (ASSIGNED, {sets: to}) if to is not None else (RECYCLED, {sets: None, POOL: pool})
