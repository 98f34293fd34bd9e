"""The rules of a handover that lend to who stands in for a person, for records of what, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from salesrules.access.snapshot import Snapshot
from salesrules.engines.duckdb import DuckDB
from salesrules.expr.kinds import Kind
from salesrules.expr.typed import Constant, Leaf
from salesrules.issue import Issue
from salesrules.meaning import PERSON
from salesrules.pack.assignment import Handover, HandoverRule
from salesrules.pack.values import Duration
from salesrules.run.query import Query
from salesrules.sources.org.leave import back_on
from salesrules.work.assign.arrivals import nobody
from salesrules.work.clock.times import Times
from salesrules.work.standing_in import StandIn

LEND = "delegate"


@dataclass(frozen=True, slots=True)
class Lending:
    """Who is to stand in for a person, from the day on that is asked about.

    `to` is None where the rule leads to nobody, `until` where nobody knows. `entities` are those of the records, and
    `rules` the numbers of the rules.
    """

    to: str | None
    until: date | None
    entities: tuple[str, ...]
    rules: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lent:
    """What came of it: the delegation, or what stands in its way; `known` if it was said before."""

    lending: Lending
    stands_in: StandIn | None = None
    problem: Issue | None = None
    known: bool = False


def lendings(
    engine: DuckDB, snapshot: Snapshot, handover: Handover, person: str, day: date, times: Times
) -> tuple[Lending, ...]:
    """Who is to stand in for a person by a handover.

    Between two people there is one delegation: what several rules lend to one person is lent until the first of their
    ends.
    """
    found: dict[str | None, Lending] = {}
    for number, rule in _first_of_each(handover):
        to, until = _taker(engine, snapshot, rule, person, day), _until(snapshot, rule, person, day, times)
        other = found.get(to)
        if other is not None:
            until = min(until, other.until) if until is not None and other.until is not None else None
        entities = (*(other.entities if other is not None else ()), str(rule.of))
        found[to] = Lending(to, until, entities, (*(other.rules if other is not None else ()), number))
    return tuple(found.values())


def _first_of_each(handover: Handover) -> Iterator[tuple[int, HandoverRule]]:
    """The rules that lend; the first of an entity takes all that is left of it."""
    seen = set[str]()
    for number, rule in enumerate(handover.rules, 1):
        if rule.do == LEND and rule.of not in seen:
            seen.add(rule.of)
            yield number, rule


def _taker(engine: DuckDB, snapshot: Snapshot, rule: HandoverRule, person: str, day: date) -> str | None:
    """Whom the path of a rule leads to from the person, if that is somebody else."""
    path = snapshot.program.meanings.conditions[rule.to] if rule.to is not None else None
    assert isinstance(path, Leaf)  # a path from who has the record, as the checks have seen
    query = Query(snapshot, nobody(day), PERSON, engine.dialect)
    to = query.expression(Leaf(Kind("ref", PERSON), "row", path.path[1:]))
    sql = f"SELECT {to} FROM {query.source} WHERE {query.column(())} = $key"
    ((found,),) = engine.rows(sql, {**query.values, "key": person})
    return found if found != person else None


def _until(snapshot: Snapshot, rule: HandoverRule, person: str, day: date, times: Times) -> date | None:
    """The first day on which nobody stands in any more: after the time of the rule, or the one the person is back."""
    length = snapshot.program.meanings.conditions[rule.for_] if rule.for_ is not None else None
    if isinstance(length, Constant):
        over = times.later(times.begin(day), Duration(int(str(length.value)), length.kind.of))  # type: ignore[arg-type]
        return times.day(over) if over is not None else None
    return back_on(snapshot.organisation.lookups.away, person, day)
