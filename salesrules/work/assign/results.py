"""A KPI to the result of each person: over all rows that are theirs, whoever asks, in a time before a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from salesrules.access.snapshot import Snapshot
from salesrules.engines.duckdb import DuckDB
from salesrules.meaning.assignments import Assigning, person_of
from salesrules.pack.pick import ByRank, Rank
from salesrules.run.query import Query
from salesrules.work.assign.arrivals import nobody
from salesrules.work.assign.days import later

Results = Mapping[str, Mapping[str, Any]]
"""By what `result_name` calls it the result of each person who has one."""


def result_name(rank: Rank) -> str:
    """What a result is called where it is kept."""
    return f"{rank.kpi} {rank.over}"


def results_of(
    engine: DuckDB, snapshot: Snapshot, assigning: Assigning, day: date, known: Results | None = None
) -> Results:
    """Every result that the rules of an assignment go by, on a day that does not count itself.

    Args: known: those that are known from then.
    """
    ranks = {result_name(rule.pick.rank): rule.pick.rank for rule in assigning.rules if isinstance(rule.pick, ByRank)}
    known = known or {}
    return {
        name: known[name] if name in known else _results(engine, snapshot, rank, day) for name, rank in ranks.items()
    }


def _results(engine: DuckDB, snapshot: Snapshot, rank: Rank, day: date) -> dict[str, Any]:
    measure = snapshot.program.measures[rank.kpi]
    query = Query(snapshot, nobody(day), measure.entity, engine.dialect)
    person = person_of(snapshot.program.pack, snapshot.program.meanings, measure.entity)
    assert person is not None
    assert measure.date is not None
    whose, when = query.expression(person), query.expression(measure.date)
    figure = f"CASE WHEN count(*) >= {measure.min_sample:d} THEN {query.expression(measure.formula)} END"
    first = later(day, replace(rank.over, count=-rank.over.count))
    where = f"{whose} IS NOT NULL AND {when} >= $first AND {when} < $day"
    sql = f"SELECT {whose}, {figure} FROM {query.source} WHERE {where} GROUP BY 1"
    rows = engine.rows(sql, {**query.values, "first": first, "day": day})
    return {id: result for id, result in rows if result is not None}


def kept_results(found: Results) -> dict[str, dict[str, Any]]:
    """Results as JSON has them; exact numbers stay as they are written."""
    return {
        name: {id: str(one) if isinstance(one, Decimal) else one for id, one in each.items()}
        for name, each in found.items()
    }


def read_results(kept: Mapping[str, Mapping[str, Any]]) -> Results:
    """Results as they were."""
    return {
        name: {id: Decimal(one) if isinstance(one, str) else one for id, one in each.items()}
        for name, each in kept.items()
    }
