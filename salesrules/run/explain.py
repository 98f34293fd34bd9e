"""Decisions about a record to explanations that tell nothing which their asker may not know."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.access.snapshot import Snapshot
from salesrules.engines.engine import Engine
from salesrules.pack.policies import Grant
from salesrules.run.decided import Asked, decide
from salesrules.run.explanation import Explanation, LineHere
from salesrules.run.lines import lines_here
from salesrules.run.query import Query


def explain(engine: Engine, snapshot: Snapshot, asked: Asked) -> tuple[Explanation, ...]:
    """The decision for each category, with every line that speaks about it as far as the asker may know it.

    Raises: as `decide`.
    """
    found = []
    for each in decide(engine, snapshot, asked):
        lines = lines_here(engine, snapshot, asked, each.lines)
        audits = _audits(engine, snapshot, asked, each.category)
        found.append(
            Explanation(
                asked.action,
                asked.entity,
                asked.key,
                each.category,
                each.allowed,
                person=asked.subject.id if asked.about_other else None,
                lines=lines,
                others=tuple(_others(snapshot, asked, each.category)) if audits else None,
                nearest=_nearest(asked, lines) if audits and not each.allowed else None,
            )
        )
    return tuple(found)


def _audits(engine: Engine, snapshot: Snapshot, asked: Asked, category: str) -> bool:
    """Whether the asker may audit this category of the record."""
    query = Query(snapshot, asked.asker, asked.entity, engine.dialect)
    allowed = query.allowed("audit", (), asked.entity, category)
    sql = f"SELECT {allowed} FROM {query.source} WHERE {query.column(())} = $key"
    return bool(engine.rows(sql, {**query.values, "key": asked.key})[0][0])


def _others(snapshot: Snapshot, asked: Asked, category: str) -> Iterator[Grant]:
    """The grants by which roles that the person does not have are allowed the same."""
    for grant in snapshot.program.pack.grants:
        same = (grant.object, grant.action, grant.effect) == (asked.entity, asked.action, "allow")
        speaks = same and grant.category in ("*", category) and grant.on(asked.subject.day)
        if speaks and grant.role not in asked.subject.roles:
            yield grant


def _nearest(asked: Asked, lines: tuple[LineHere, ...]) -> LineHere | None:
    """The line that would open the cell if the fewest of its terms were otherwise; of several, the first."""
    allows = [line for line in lines if (line.grant.effect, line.grant.action) == ("allow", asked.action)]
    wrong = [line for line in allows if line.holds is not True]
    return min(wrong, key=_missing, default=None) if len(wrong) == len(allows) else None


def _missing(line: LineHere) -> int:
    """How many terms are in the way; of those that `or` ties together, any one would do."""
    wrong = sum(term.holds is not True for term in line.terms)
    return wrong if line.tie == "and" else min(wrong, 1)
