"""Records to the conflicts between owners, and to those that a claim would begin, as the rule of today has it.

They have no name yet: `cases` knows whether they were noted before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from salesrules.access.snapshot import Snapshot
from salesrules.expr.sql import quoted
from salesrules.expr.typed import Leaf, Lookup, Related, Typed, nodes
from salesrules.pack.assignment import Conflict
from salesrules.pack.followed import OWNER, owned
from salesrules.run.query import Query
from salesrules.work.clock.running import nobody
from salesrules.work.clock.times import Times
from salesrules.work.conflict.case import Case, Party
from salesrules.work.gates import right_about
from salesrules.work.state import States


def conflicts_of(states: States, snapshot: Snapshot, times: Times, now: datetime, conflict: Conflict) -> Iterator[Case]:
    """Every two or more live records of several owners that count as the same, by each expression that says so."""
    for same in conflict.same_when:
        rows, values = _rows(states, snapshot, times, now, conflict, snapshot.program.meanings.conditions[same])
        sql = (
            f"WITH r AS (SELECT * FROM ({rows}) WHERE owner IS NOT NULL) SELECT value, key, owner, first FROM r"
            " WHERE value IN (SELECT value FROM r GROUP BY value HAVING count(DISTINCT owner) > 1) ORDER BY ALL"
        )
        found: dict[str, list[Party]] = {}
        for value, *cells in states.engine.rows(sql, values):
            found.setdefault(value, []).append(_party(conflict, times, now, *cells))
        for parties in found.values():
            yield Case("", conflict.id, same.text, tuple(parties))


def conflicts_with(
    states: States,
    snapshot: Snapshot,
    times: Times,
    now: datetime,
    conflict: Conflict,
    person: str,
    keys: Sequence[str] | None = None,
) -> Iterator[tuple[str, Case]]:
    """By record, the conflicts that begin if a person gets one of these: somebody else has what counts as the same.

    Args: keys: the records, all that nobody owns without them.
    """
    wanted = "k.key IN (SELECT unnest($keys::VARCHAR[]))" if keys is not None else "k.owner IS NULL"
    named = {"person": person, **({"keys": list(keys)} if keys is not None else {})}
    for same in conflict.same_when:
        rows, values = _rows(states, snapshot, times, now, conflict, snapshot.program.meanings.conditions[same])
        sql = (
            f"WITH r AS ({rows}) SELECT k.key, k.first, k.value, o.key, o.owner, o.first FROM r AS k JOIN r AS o"
            f" ON o.value = k.value AND o.key <> k.key WHERE {wanted}"
            " AND o.owner IS NOT NULL AND o.owner <> $person ORDER BY ALL"
        )
        found: dict[tuple[str, str], list[Party]] = {}
        for key, first, value, *cells in states.engine.rows(sql, {**values, **named}):
            parties = found.setdefault((key, value), [_party(conflict, times, now, key, person, first)])
            parties.append(_party(conflict, times, now, *cells))
        for (key, _), parties in found.items():
            yield key, Case("", conflict.id, same.text, tuple(parties))


def _party(conflict: Conflict, times: Times, now: datetime, key: str, person: str, first: date | None) -> Party:
    ends = times.later(times.begin(first), conflict.valid_for) if first is not None and conflict.valid_for else None
    return Party(key, person, first, first is not None and (conflict.valid_for is None or (ends or now) > now))


def _rows(
    states: States, snapshot: Snapshot, times: Times, now: datetime, conflict: Conflict, same: Typed
) -> tuple[str, dict[str, object]]:
    """Every live record with what it shares with others, its owner, and the day that speaks for the owner."""
    meanings = snapshot.program.meanings
    query = Query(snapshot, nobody(times.day(now)), conflict.id, states.engine.dialect)
    value = f"CAST({query.expression(same)} AS VARCHAR)"
    owner = right_about(query, states.watched[conflict.id], OWNER)
    first = _first(snapshot, query, meanings.conditions[conflict.first], conflict.id)
    conditions = [f"{value} <> ''"]
    if conflict.id in meanings.active:
        conditions.append(f"({query.expression(meanings.active[conflict.id])}) IS NOT FALSE")
    columns = f"{query.column(())} AS key, {owner} AS owner, {first} AS first, {value} AS value"
    return f"SELECT {columns} FROM {query.source} WHERE {' AND '.join(conditions)}", query.values


def _first(snapshot: Snapshot, query: Query, tree: Typed, entity: str) -> str:
    """The day that a record has; of records that refer to it, the earliest that one of them has."""
    if not isinstance(tree, Leaf) or not tree.part.startswith("each "):
        return query.expression(tree)
    name, column = tree.path
    pack = snapshot.program.pack
    if (many := pack.entities[entity].many.get(name)) is not None:
        table, by = many.from_, str(many.by)
    else:
        table, by = name, next(field.id for field in pack.entities[name].fields.values() if field.to == entity)
    day = f"min(b.{quoted(column)})"
    return f"(SELECT {day} FROM {quoted(table)} AS b WHERE b.{quoted(by)} = {query.column(())})"


def running(snapshot: Snapshot) -> list[Conflict]:
    """The conflicts of the pack that can be told."""
    found = snapshot.program.pack.conflicts.values()
    return [conflict for conflict in found if not cannot_run(snapshot, conflict)]


def cannot_run(snapshot: Snapshot, conflict: Conflict) -> bool:
    """Whether a conflict asks for what cannot be told, or is about records without an owner."""
    pack, trees = snapshot.program.pack, snapshot.program.meanings.conditions
    trees_of = [trees[same] for same in conflict.same_when]
    first = trees[conflict.first]
    if isinstance(first, Leaf) and first.part.startswith("each "):
        if len(first.path) != 2:
            return True
    else:
        trees_of.append(first)
    beyond = any(
        isinstance(node, Related | Lookup) or (isinstance(node, Leaf) and node.root not in ("row", "today"))
        for tree in trees_of
        for node in nodes(tree)
    )
    return beyond or not owned(pack.entities[conflict.id])
