"""Records that are given out to what each counts for in fairness: one, or a number of its own, in its class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from salesrules.access.snapshot import Snapshot
from salesrules.engines.duckdb import DuckDB
from salesrules.meaning.assignments import Assigning
from salesrules.pack.assignment import Fairness
from salesrules.run.query import Query
from salesrules.work.assign.arrivals import nobody
from salesrules.work.assign.run import Before, Moving, Run

Weights = Mapping[str, Fraction]
"""What records count for, by key, or what people have, by id."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """How the records of an assignment are weighed on a day; without a limit, or a value in it, each counts one.

    A value that is empty or below zero counts nothing.
    """

    engine: DuckDB
    snapshot: Snapshot
    assigning: Assigning
    limit: Fairness | None
    day: date

    def of(self, keys: Sequence[str]) -> Weights:
        """What each of these records counts for; one that is gone counts nothing."""
        if self.limit is None or self.limit.value is None:
            return {key: Fraction(1) for key in keys}
        query = self._query()
        columns = f"{query.column(())}, {self._weight(query)}"
        where = f"{query.column(())} IN (SELECT unnest($keys::VARCHAR[]))"
        rows = self.engine.rows(
            f"SELECT {columns} FROM {query.source} WHERE {where}", {**query.values, "keys": list(keys)}
        )
        found = {key: Fraction(weight) for key, weight in rows}
        return {key: found.get(key, Fraction(0)) for key in keys}

    def held(self) -> dict[str | None, dict[str, Fraction]]:
        """What people hold of active records, by class; without classes all of it is under None."""
        query = self._query()
        owner, active = (
            query.column((self.assigning.sets,)),
            self.snapshot.program.meanings.active.get(self.assigning.entity),
        )
        by = self.limit.by if self.limit is not None else None
        of = self.snapshot.program.meanings.conditions[by] if by is not None else None
        kind = f"coalesce(CAST({query.expression(of)} AS VARCHAR), '')" if of is not None else "NULL"
        where = f"{owner} IS NOT NULL" + (f" AND {query.expression(active)}" if active is not None else "")
        columns = f"{owner}, {kind}, sum({self._weight(query)})"
        found: dict[str | None, dict[str, Fraction]] = {}
        for person, class_, weight in self.engine.rows(
            f"SELECT {columns} FROM {query.source} WHERE {where} GROUP BY ALL ORDER BY 2, 1", query.values
        ):
            found.setdefault(class_, {})[person] = Fraction(weight)
        return found

    def after(self, run: Run, before: Before, able: frozenset[str]) -> Weights:
        """What everyone who could get something has after a run (`load`), or got in it (`assigned`).

        Args: before: what went before the run; records that do not show yet who is to have them count for that one.
        """
        given = {key: person for at, key in enumerate(run.arrivals.keys) if (person := run.person(at)) is not None}
        ways = {key: Moving(None, person) for key, person in given.items()}
        loads = self.limit is None or self.limit.of == "load"
        if loads:
            free = {key: Moving(None, person) for key, person in before.waiting.items()}
            ways = {**free, **before.moving, **ways}
        held = total(self.held().values()) if loads else {}
        weights, found = self.of(list(ways)), {id: held.get(id, Fraction(0)) for id in sorted(able)}
        for key, way in ways.items():
            for person, weight in ((way.old, -weights[key]), (way.new, weights[key])):
                if person in found:
                    found[person] += weight
        return found

    def _query(self) -> Query:
        return Query(self.snapshot, nobody(self.day), self.assigning.entity, self.engine.dialect)

    def _weight(self, query: Query) -> str:
        if self.limit is None or self.limit.value is None:
            return "1"
        value = query.expression(self.snapshot.program.meanings.conditions[self.limit.value])
        return f"greatest(coalesce({value}, 0), 0)"


def total(parts: Iterable[Weights]) -> dict[str, Fraction]:
    """What people have of all parts together."""
    found: dict[str, Fraction] = {}
    for part in parts:
        for person, weight in part.items():
            found[person] = found.get(person, Fraction(0)) + weight
    return found
