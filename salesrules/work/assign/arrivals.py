"""The records that wait to arrivals in order: the rule of each, and which of them are alike to its checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from salesrules.access.snapshot import Hat, Principal, Snapshot
from salesrules.engines.duckdb import DuckDB
from salesrules.expr.dialects import Dialect
from salesrules.meaning.assignments import Assigning
from salesrules.run.query import Query
from salesrules.sources.org.posts import Post
from salesrules.sources.rows.beside import tables_of
from salesrules.sources.rows.joins import Joins
from salesrules.work.assign.posed import Column, Columns, Record

UNRULED = -1
"""The number of the rule of records that no rule takes."""
_MANY = "many "


@dataclass(frozen=True, slots=True)
class Kind:
    """Records that one rule takes and that are alike in all that its checks read of them."""

    rule: int
    record: Record


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Records in the order in which they are assigned: the key of each, and the place of its kind among `kinds`."""

    keys: Sequence[str]
    kind: Sequence[int]
    kinds: tuple[Kind, ...]


def nobody(day: date) -> Principal:
    """Who asks where no person does: conditions on records alone need only the day."""
    return Principal("", day, {}, (Hat(Post("", "", {}, None, None), frozenset()),))


def read_arrivals(
    engine: DuckDB,
    snapshot: Snapshot,
    assigning: Assigning,
    columns: Columns,
    reads: Sequence[frozenset[int]],
    day: date,
    seed: str,
    skip: Sequence[str] = (),
    only: Sequence[str] | None = None,
) -> Arrivals:
    """The records that an assignment is for; one that names an owner who is not in the tables is nobody's to give.

    They come in its order, and where that does not tell them apart in one that is drawn from the seed by their keys.

    Args: reads: the places of the columns that the checks of each rule read. skip: keys of records that are on their
        way already. only: keys to keep to.
    """
    asked = _Asked(snapshot, assigning, columns, reads, day, engine.dialect)
    values = {**asked.query.values, "seed": seed, "skip": list(skip)}
    kept = f"{asked.key} NOT IN (SELECT unnest($skip::VARCHAR[]))"
    if only is not None:
        values["only"] = list(only)
        kept += f" AND {asked.key} IN (SELECT unnest($only::VARCHAR[]))"
    arrivals = f"""
        "#arrivals" AS MATERIALIZED (
            SELECT {asked.kept} FROM (SELECT {asked.read} FROM {asked.query.source} WHERE {asked.when} AND {kept})),
        "#kinds" AS MATERIALIZED (
            SELECT {asked.names}, row_number() OVER (ORDER BY {asked.names}) - 1 AS "#kind"
            FROM (SELECT DISTINCT {asked.names} FROM "#arrivals"))
    """
    plain = {name: value for name, value in values.items() if name != "seed"}
    kinds = engine.rows(f'WITH {arrivals} SELECT {asked.names} FROM "#kinds" ORDER BY "#kind"', plain)
    alike = " AND ".join(f"a.{name} IS NOT DISTINCT FROM k.{name}" for name in asked.names.split(", "))
    order = ", ".join([*(f"{name} NULLS LAST" for name in asked.order), 'md5($seed || a."#key")', 'a."#key"'])
    found = engine.by_column(
        f'WITH {arrivals} SELECT a."#key" AS key, k."#kind" AS kind FROM "#arrivals" AS a JOIN "#kinds" AS k ON {alike}'
        f" ORDER BY {order}",
        values,
    )
    return Arrivals(found["key"], found["kind"], tuple(asked.kind(row) for row in kinds))


def astray(engine: DuckDB, snapshot: Snapshot, assigning: Assigning, day: date) -> tuple[str, ...]:
    """The keys of records that an assignment would be for, if they did not name an owner who is not in the tables."""
    query = Query(snapshot, nobody(day), assigning.entity, engine.dialect)
    lost, when = query.lost((assigning.sets,)), query.expression(assigning.when)
    if lost == "FALSE":
        return ()
    sql = f"SELECT {query.column(())} FROM {query.source} WHERE ({lost}) AND ({when}) ORDER BY 1"
    return tuple(key for (key,) in engine.rows(sql, query.values))


class _Asked:
    """The parts of the statement: what is read of each record, and for which rules."""

    def __init__(
        self,
        snapshot: Snapshot,
        assigning: Assigning,
        columns: Columns,
        reads: Sequence[frozenset[int]],
        day: date,
        dialect: Dialect,
    ) -> None:
        self.query = Query(snapshot, nobody(day), assigning.entity, dialect)
        self._snapshot, self._day, self._entity = snapshot, day, assigning.entity
        self._columns = columns
        rules = [[rule for rule, places in enumerate(reads) if at in places] for at in range(len(columns))]
        self._rules = len(reads)
        self.key = self.query.column(())
        self.when = f"({self.query.expression(assigning.when)}) AND NOT ({self.query.lost((assigning.sets,))})"
        self.order = [f'"#o{at}"' for at in range(len(assigning.order))]
        names = [f'"#c{at}"' for at in range(len(self._columns))]
        self.names = ", ".join(['"#rule"', *names])
        parts = {'"#key"': self.key, '"#rule"': self._rule(assigning)}
        parts |= zip(names, map(self._printed, self._columns), strict=True)
        parts |= zip(self.order, map(self.query.expression, assigning.order), strict=True)
        self.read = ", ".join(f"{sql} AS {name}" for name, sql in parts.items())
        told = (self._where_asked(*each) for each in zip(names, rules, strict=True))
        self.kept = ", ".join(['"#key"', '"#rule"', *told, *self.order])

    def _rule(self, assigning: Assigning) -> str:
        """The number of the first rule that takes a record."""
        arms = " ".join(f"WHEN {self.query.expression(rule.when)} THEN {at}" for at, rule in enumerate(assigning.rules))
        return f"CASE {arms} ELSE {UNRULED} END" if arms else f"{UNRULED}"

    def _where_asked(self, name: str, rules: Sequence[int]) -> str:
        """A column, emptied where the rule of a record does not ask for it, so that more records are alike."""
        asked = '"#rule" >= 0' if len(rules) == self._rules else f'"#rule" IN ({", ".join(map(str, rules))})'
        return f"CASE WHEN {asked} THEN {name} END AS {name}"

    def kind(self, row: Sequence[Any]) -> Kind:
        """A row of kinds as a Kind."""
        values = (
            _related(value) if leaf.part.startswith(_MANY) else value
            for (leaf, _), value in zip(self._columns, row[1:], strict=True)
        )
        return Kind(row[0], tuple(values))

    def _printed(self, column: Column) -> str:
        leaf, inner = column
        if not leaf.part.startswith(_MANY):
            return self.query.column(leaf.path, leaf.part)
        pack, entity = self._snapshot.program.pack, self._entity
        for step in leaf.path:
            entity = str(pack.entities[entity].fields[step].to or entity)
        many = pack.entities[entity].many[leaf.part.removeprefix(_MANY)]
        rows = Joins(tables_of(pack), str(many.from_), "b", self._snapshot.organisation.on(self._day))
        cells = [f"'v{n}': {rows.column(one.path, one.part)}" for n, one in enumerate(inner)] or ["'v': 1"]
        tie = f"{rows.column((str(many.by),))} = {self.query.column(leaf.path)}"
        one = f"{{{', '.join(cells)}}}"
        return f"(SELECT list({one} ORDER BY {one}) FROM {rows.clause} WHERE {tie})"


def _related(rows: Any) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple(row.values()) for row in rows or ())
