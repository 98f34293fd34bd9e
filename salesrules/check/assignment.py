"""Facts about pools, assignments, handovers and conflicts."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.check.names import all_known, each_once, unless_known, unless_parts, unless_total
from salesrules.issue import Issue
from salesrules.meaning import PERSON
from salesrules.pack.assignment import Assignment, HandoverRule
from salesrules.pack.pack import Pack
from salesrules.pack.pick import ByRank, ByScore, ToPool, ToTeam


def pools_name_known_things(pack: Pack) -> Iterator[Issue]:
    for pool in pack.pools.values():
        yield from unless_known("pool.unknown_entity", pool.entity, pack.entities)
        yield from unless_known("pool.unknown_role", pool.manager, pack.roles)
        hidden = pool.before_claim.hide if pool.before_claim else ()
        yield from all_known("pool.unknown_category", hidden, pack.categories)
        yield from all_known("pool.unknown_role", pool.before_claim.except_ if pool.before_claim else (), pack.roles)
        yield from all_known("pool.unknown_pool", (rule.to for rule in pool.recycle if rule.to), pack.pools)


def pools_are_split_by_a_level(pack: Pack) -> Iterator[Issue]:
    """`per: region/province` names a dimension and, after the slash, one of its levels."""
    for pool in pack.pools.values():
        if pool.per is None:
            continue
        name, _, level = pool.per.partition("/")
        dimension = pack.dimensions.get(name)
        if dimension is None:
            yield Issue("pool.unknown_dimension", pool.per.span, {"name": name})
        elif level and level not in [known.id for known in dimension.levels]:
            yield Issue("pool.unknown_level", pool.per.span, {"name": level, "dimension": name})


def recycling_comes_to_something(pack: Pack) -> Iterator[Issue]:
    """A rule says when records come back, and whom it tells there is somebody."""
    lonely = PERSON in pack.entities and pack.tree_of(PERSON) is None
    for rule in (rule for pool in pack.pools.values() for rule in pool.recycle):
        if rule.idle is None and rule.on is None:
            yield Issue("pool.never_back", rule.span)
        if rule.escalate is not None and lonely:
            yield Issue("pool.nobody_above", rule.span)


def assignments_name_known_things(pack: Pack) -> Iterator[Issue]:
    for assignment in pack.assignments.values():
        yield from unless_known("assignment.unknown_entity", assignment.entity, pack.entities)
        yield from unless_known("assignment.unknown_pool", assignment.otherwise.pool, pack.pools)
        for rule in assignment.rules:
            if isinstance(rule.pick, ToPool):
                yield from unless_known("assignment.unknown_pool", rule.pick.pool, pack.pools)


def assignment_rules_end_after_they_start(pack: Pack) -> Iterator[Issue]:
    for rule in (rule for assignment in pack.assignments.values() for rule in assignment.rules):
        if rule.from_ and rule.to and rule.to <= rule.from_:
            words = {"name": rule.id, "start": str(rule.from_), "end": str(rule.to)}
            yield Issue("assignment.ends_before_start", rule.span, words)


def assignment_rules_stand_once(pack: Pack) -> Iterator[Issue]:
    for assignment in pack.assignments.values():
        yield from each_once("assignment.rule_twice", ((rule.id, rule.span) for rule in assignment.rules))


def scores_and_teams_total(pack: Pack) -> Iterator[Issue]:
    for assignment in pack.assignments.values():
        for pick in (rule.pick for rule in assignment.rules):
            if isinstance(pick, ByScore):  # a weight below nothing counts against somebody
                yield from unless_total("assignment.total", pick.span, (part.weight for part in pick.score.values()))
            elif isinstance(pick, ToTeam):
                yield from unless_parts("assignment.total", pick.span, pick.team.items())


def times_go_by_the_calendar(pack: Pack) -> Iterator[Issue]:
    """How long people are new, and over which time fairness and results look, is a number of days or of months."""
    for assignment in pack.assignments.values():
        new, fair = assignment.limits.newcomers, assignment.fairness
        for key, time, span in [
            *([("first", new.first, new.span)] if new is not None else []),
            *([("window", fair.window, fair.span)] if fair is not None else []),
            *(("over", pick.rank.over, pick.span) for pick in _ranks(assignment)),
        ]:
            if time.unit not in ("d", "mo"):
                yield Issue("assignment.by_calendar", span, {"key": key, "time": str(time)})


def results_are_of_rows(pack: Pack) -> Iterator[Issue]:
    """A result is a figure over the rows of a time."""
    for pick in (pick for assignment in pack.assignments.values() for pick in _ranks(assignment)):
        kpi = pack.kpis.get(pick.rank.kpi)
        yield from unless_known("assignment.unknown_kpi", pick.rank.kpi, pack.kpis)
        if kpi is not None and (not kpi.is_over_rows or kpi.date is None):
            yield Issue("assignment.no_rows", pick.rank.kpi.span, {"kpi": kpi.id})


def _ranks(assignment: Assignment) -> Iterator[ByRank]:
    yield from (rule.pick for rule in assignment.rules if isinstance(rule.pick, ByRank))


def handovers_name_known_things(pack: Pack) -> Iterator[Issue]:
    for handover in pack.handovers.values():
        for rule in handover.rules:
            yield from unless_known("handover.unknown_entity", rule.of, pack.entities)
            yield from unless_known("handover.unknown_pool", rule.pool, pack.pools)
            yield from unless_known("handover.unknown_assignment", rule.by, pack.assignments)
            yield from unless_known("handover.unknown_role", rule.audit, pack.roles)


def handovers_say_who_receives(pack: Pack) -> Iterator[Issue]:
    for handover in pack.handovers.values():
        for rule in handover.rules:
            if rule.do == "recycle" and rule.pool is None:
                yield Issue("handover.needs", rule.span, {"do": rule.do, "key": "pool"})
            elif rule.do != "recycle" and rule.to is None and rule.by is None:
                yield Issue("handover.needs", rule.span, {"do": rule.do, "key": "to"})


def handovers_lend_all_of_an_entity(pack: Pack) -> Iterator[Issue]:
    """A delegation is for all records of an entity, so a rule that lends says nothing of single records."""
    for rule in (rule for handover in pack.handovers.values() for rule in handover.rules if rule.do == "delegate"):
        for key, value in _of_records(rule):
            if value:
                yield Issue("handover.lends_all", rule.span, {"key": key})
        if rule.for_ is None:
            yield Issue("handover.needs", rule.span, {"do": rule.do, "key": "for"})


def _of_records(rule: HandoverRule) -> Iterator[tuple[str, object]]:
    """The keys that speak of single records."""
    yield from (("when", rule.when), ("by", rule.by), ("pool", rule.pool))
    yield from (("confirm", rule.confirm), ("credit", rule.credit))


def kept_credit_totals(pack: Pack) -> Iterator[Issue]:
    """After a handover or a change, old and new owner share the whole credit."""
    kept = [rule.credit for handover in pack.handovers.values() for rule in handover.rules]
    kept += [carried.credit for change in pack.changes.values() for carried in change.carry.records.values()]
    for credit in kept:
        if credit is not None:
            yield from unless_parts("handover.credit_total", credit.span, (("old", credit.old), ("new", credit.new)))


def conflicts_have_a_judge(pack: Pack) -> Iterator[Issue]:
    for conflict in pack.conflicts.values():
        if conflict.id not in pack.entities:
            yield Issue("conflict.unknown_entity", conflict.span, {"name": conflict.id})
        yield from unless_known("conflict.unknown_role", conflict.judge, pack.roles)
