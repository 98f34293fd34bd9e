"""Where expressions stand in a pack: each with the names it may use there and the kind that is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.expr.kinds import BOOLEAN, DATE, DECIMAL, INTEGER, Kind, Vocabulary
from salesrules.expr.reading import Scope
from salesrules.expr.syntax import Expression
from salesrules.meaning.asked import Asked
from salesrules.meaning.vocabulary import PERSON
from salesrules.pack.assignment import AssignmentRule, Limits
from salesrules.pack.kpis import Standing
from salesrules.pack.pack import Pack
from salesrules.pack.pick import ByScore, Optimal, WeightedTurns
from salesrules.pack.pools import Pool
from salesrules.pack.stages import Stage
from salesrules.pack.targets import ExprWeights

_PERSON = Kind("ref", PERSON)
_DURATION = Kind("duration")
_RECORD = frozenset({"state"})
_GATE = frozenset({"user", "post", "state"})
_CANDIDATE = frozenset({"candidate", "post", "state"})
_LEAVE = frozenset({"leave"})
_Wanted = tuple[Expression | None, Kind | None]


def formulas(pack: Pack, vocabulary: Vocabulary) -> Iterator[tuple[str, Asked]]:
    """The formula of each KPI, over rows of its entity or over other KPIs."""
    for kpi in pack.kpis.values():
        if kpi.of is None or kpi.of in pack.entities:
            yield kpi.id, Asked(kpi.formula, Scope(vocabulary, kpi.of or "", aggregates=True), None)


def dates(pack: Pack, vocabulary: Vocabulary) -> Iterator[tuple[str, Asked]]:
    """The date of the rows of each KPI; of rows that stand for a time, its start."""
    for kpi in pack.kpis.values():
        date = kpi.date.on or kpi.date.from_ if isinstance(kpi.date, Standing) else kpi.date
        if date is not None and kpi.of is not None and kpi.of in pack.entities:
            yield kpi.id, Asked(date, Scope(vocabulary, kpi.of), DATE)


def active(pack: Pack, vocabulary: Vocabulary) -> Iterator[tuple[str, Asked]]:
    """Which records of each entity are active."""
    for entity in pack.entities.values():
        if entity.active_when is not None:
            yield entity.id, Asked(entity.active_when, Scope(vocabulary, entity.id), BOOLEAN)


def conditions(pack: Pack, vocabulary: Vocabulary) -> Iterator[Asked]:
    """Every expression on the records of an entity and on people, beside those above."""
    for part in (_entities, _dimensions, _processes, _conduct, _pools, _assignments, _handovers, _changes):
        for entity, roots, wanted in part(pack):
            if entity in pack.entities:
                scope = Scope(vocabulary, entity, roots)
                yield from (Asked(expression, scope, kind) for expression, kind in wanted if expression is not None)
    for conflict in pack.conflicts.values():
        if conflict.id in pack.entities:
            same, first = Scope(vocabulary, conflict.id), Scope(vocabulary, conflict.id, beside=True)
            yield from (Asked(expression, same, None) for expression in conflict.same_when)
            yield Asked(conflict.first, first, DATE)


_OnEntity = Iterator[tuple[str, frozenset[str], list[_Wanted]]]


def _entities(pack: Pack) -> _OnEntity:
    for entity in pack.entities.values():
        yield entity.id, frozenset(), [(formula, None) for formula in entity.derives.values()]
        asked = [(said, BOOLEAN) for rule in entity.quality.values() for said in (rule.when, rule.expect)]
        yield entity.id, frozenset(), [*asked]
    for target in pack.targets.values():
        weights = [split.weights for split in target.split]
        yield PERSON, frozenset(), [(found.expr, DECIMAL) for found in weights if isinstance(found, ExprWeights)]


def _dimensions(pack: Pack) -> _OnEntity:
    for dimension in pack.dimensions.values():
        if dimension.classify is not None:
            yield dimension.classify.of, frozenset(), [(rule.when, BOOLEAN) for rule in dimension.classify.rules]


def _processes(pack: Pack) -> _OnEntity:
    for process in pack.processes.values():
        yield process.entity, _RECORD, [(process.when, BOOLEAN)]
        for stage in process.stages:
            yield process.entity, _GATE, _stage(stage)


def _stage(stage: Stage) -> list[_Wanted]:
    found: list[_Wanted] = [(when, BOOLEAN) for when in (stage.enter_when, stage.exit_when, stage.skip_when)]
    for task in stage.tasks:
        found += [(task.by, _PERSON), (task.when, BOOLEAN)]
    for approval in stage.approvals:
        found += [(approval.when, BOOLEAN), (approval.within, Kind("member"))]
    return [*found, *((clock.who, _PERSON) for clock in stage.idle)]


def _conduct(pack: Pack) -> _OnEntity:
    for rule in pack.conduct.values():
        yield rule.entity, _RECORD, [(rule.when, BOOLEAN), (rule.by, _PERSON), (rule.tell, _PERSON)]
    for deviation in pack.deviations.values():
        yield PERSON, frozenset(), [(deviation.tell, _PERSON)]


def _pools(pack: Pack) -> _OnEntity:
    for pool in pack.pools.values():
        yield pool.entity, _CANDIDATE, _pool(pool)


def _pool(pool: Pool) -> list[_Wanted]:
    claim = pool.claim
    found: list[_Wanted] = [(pool.members, BOOLEAN), (pool.view_max, INTEGER), (claim.per_day, INTEGER)]
    found += [(claim.hold_max, INTEGER), (claim.not_counted, BOOLEAN)]
    for rule in pool.recycle:
        found += [(rule.when, BOOLEAN), (rule.idle, _DURATION), (rule.on, DATE)]
    return found


def _assignments(pack: Pack) -> _OnEntity:
    for assignment in pack.assignments.values():
        yield assignment.entity, _RECORD, [(assignment.when, BOOLEAN), *((by, None) for by in assignment.order_by)]
        if assignment.fairness is not None:
            yield assignment.entity, _RECORD, [(assignment.fairness.value, None), (assignment.fairness.by, None)]
        found: list[_Wanted] = [(assignment.candidates, BOOLEAN), *_limits(assignment.limits)]
        for rule in assignment.rules:
            yield assignment.entity, _RECORD, [(rule.when, BOOLEAN)]
            found += [(rule.candidates, BOOLEAN), *_pick(rule)]
        yield assignment.entity, _CANDIDATE, found


def _limits(limits: Limits) -> list[_Wanted]:
    since = limits.newcomers.since if limits.newcomers is not None else None
    return [(limits.open, INTEGER), (limits.per_day, INTEGER), (since, DATE)]


def _pick(rule: AssignmentRule) -> list[_Wanted]:
    match rule.pick:
        case WeightedTurns():
            return [(rule.pick.weighted_round_robin, DECIMAL)]
        case ByScore():
            return [(part.of, DECIMAL) for part in rule.pick.score.values()]
        case Optimal():
            return [(rule.pick.optimal, DECIMAL)]
        case _:
            return []


def _handovers(pack: Pack) -> _OnEntity:
    for handover in pack.handovers.values():
        yield PERSON, _CANDIDATE | _LEAVE, [(handover.when, BOOLEAN)]
        yield PERSON, frozenset(), [(handover.approvals, _PERSON)]
        for rule in handover.rules:
            people = [(person, _PERSON) for person in (rule.to, *rule.confirm)]
            yield rule.of, _RECORD | _LEAVE, [(rule.when, BOOLEAN), (rule.for_, _DURATION), *people]


def _changes(pack: Pack) -> _OnEntity:
    for change in pack.changes.values():
        for entity, carried in change.carry.records.items():
            yield entity, _RECORD, [(carried.while_, BOOLEAN), (carried.except_, BOOLEAN)]
