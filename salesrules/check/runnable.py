"""Meanings to Issues: what the language can say where it runs, and no question can answer yet."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.expr.parse import via
from salesrules.expr.syntax import Expression
from salesrules.expr.typed import Aggregate, Leaf, Lookup, Related, Typed, parts
from salesrules.expr.worked import DAYS, HOURS
from salesrules.issue import Issue, Term, catalogue
from salesrules.meaning import Meanings
from salesrules.meaning.reads import leads_to_records
from salesrules.pack.pack import Pack

_ANSWERED = ("row", "user", "post", "today", "many")


def not_yet(pack: Pack, meanings: Meanings) -> Iterator[Issue]:
    """One issue for each thing that an expression asks for in vain; one that runs asks for none."""
    for where, expression, tree in _asked(pack, meanings):
        for what in dict.fromkeys(_missing(tree, where, pack)):
            code = f"run.what_{what}"
            known = code if code in catalogue() else "run.what_other"
            words = {"what": Term(known), "where": Term(f"run.in_{where}")}
            yield Issue("run.not_yet", expression.span, words)
    for dimension in pack.dimensions.values():
        if dimension.derived is not None and dimension.derived.take == "newest":  # that stands in a log, not yet kept
            words = {"what": Term("run.what_newest"), "where": Term("run.in_derived")}
            yield Issue("run.not_yet", dimension.derived.span, words)
    for kpi in pack.kpis.values():
        if not kpi.is_over_rows:
            what = Term("run.what_kpi" if kpi.of is None else "run.what_standing")
            yield Issue("run.kpi_not_yet", kpi.formula.span, {"kpi": kpi.id, "what": what})


def _asked(pack: Pack, meanings: Meanings) -> Iterator[tuple[str, Expression, Typed]]:
    """Where an expression stands, itself, and its meaning; one that only follows a reference is said where it leads."""
    for (id, entity), tree in meanings.slices.items():
        condition = pack.slices[id].on(entity)
        if condition is not None and via(condition) is None:
            yield "slice", condition, tree
    for id, tree in meanings.active.items():
        active = pack.entities[id].active_when
        if active is not None:
            yield "active", active, tree
    rules = [rule for each in pack.entities.values() for rule in each.quality.values()]
    for asked in (said for rule in rules for said in (rule.when, rule.expect)):
        if asked is not None and asked in meanings.conditions:
            yield "quality", asked, meanings.conditions[asked]
    for dimension in pack.dimensions.values():
        for rule in dimension.classify.rules if dimension.classify is not None else ():
            if rule.when is not None and rule.when in meanings.conditions:
                yield "classify", rule.when, meanings.conditions[rule.when]
    for asked in _of_stages(pack):
        if asked in meanings.conditions:
            yield "stage", asked, meanings.conditions[asked]
    told = [rule.tell for rule in pack.deviations.values()]
    for asked in (*(said for rule in pack.conduct.values() for said in (rule.when, rule.by, rule.tell)), *told):
        if asked is not None and asked in meanings.conditions:
            yield "conduct", asked, meanings.conditions[asked]
    for asked in _of_pools(pack):
        if asked in meanings.conditions:
            yield "pool", asked, meanings.conditions[asked]
    for id, tree in meanings.formulas.items():
        if pack.kpis[id].is_over_rows:
            yield "kpi", pack.kpis[id].formula, tree
    for id, tree in meanings.dates.items():
        date = pack.kpis[id].date
        if isinstance(date, Expression):
            yield "kpi", date, tree


def _of_stages(pack: Pack) -> Iterator[Expression]:
    """Every expression that moves records, or keeps them where they are."""
    for process in pack.processes.values():
        found = [process.when]
        for stage in process.stages:
            found += [stage.enter_when, stage.exit_when, stage.skip_when, *(clock.who for clock in stage.idle)]
            found += [said for task in stage.tasks for said in (task.by, task.when)]
            found += [said for approval in stage.approvals for said in (approval.when, approval.within)]
        yield from (expression for expression in found if expression is not None)


def _of_pools(pack: Pack) -> Iterator[Expression]:
    """Every expression by which records are shown in their pool, leave it, and come back."""
    for pool in pack.pools.values():
        claim = pool.claim
        found = [pool.members, pool.view_max, claim.per_day, claim.hold_max, claim.not_counted]
        found += [said for rule in pool.recycle for said in (rule.when, rule.idle, rule.on)]
        yield from (expression for expression in found if expression is not None)


def _missing(tree: Typed, where: str, pack: Pack) -> Iterator[str]:
    ahead = [(tree, False, False)]
    while ahead:
        node, summed, beside = ahead.pop()
        if where == "classify":
            yield from _missing_when_built(node)
        if isinstance(node, Leaf):
            yield from _missing_leaf(node, where)
        elif isinstance(node, Lookup):
            yield from _missing_table(node, where, pack)
        elif isinstance(node, Related):
            yield from _missing_rows(node, where, pack)
            if beside or (where == "kpi" and not summed):
                yield "beside_beside" if beside else "beside_alone"
        summed = summed or isinstance(node, Aggregate)
        ahead += [(part, summed, beside) for part in parts(node)]
        ahead += [(node.where, summed, True)] if isinstance(node, Related) else []


def _missing_when_built(node: Typed) -> Iterator[str]:
    """What is not at hand when the tables are built, or would have changed since."""
    if isinstance(node, Leaf) and node.root == "today":
        yield "today"
    if isinstance(node, Related):
        yield "beside"
    if isinstance(node, Lookup):
        yield "working_time" if node.table in (DAYS, HOURS) else "table"


def _missing_leaf(leaf: Leaf, where: str) -> Iterator[str]:
    if leaf.root == "state" and leaf.part == "value" and len(leaf.path) == 1 and where in ("stage", "conduct", "pool"):
        return  # a path goes on from a column, and what the log says is none
    if leaf.root == "candidate" and where == "pool":
        return
    if leaf.kind.name == "list":
        yield "list"
    if leaf.root not in _ANSWERED and not leaf.root.startswith("member:"):
        yield leaf.root
    elif leaf.part.startswith("each "):
        yield "each"


def _missing_table(node: Lookup, where: str, pack: Pack) -> Iterator[str]:
    if node.table in (DAYS, HOURS):
        return
    if node.table not in pack.tables:
        yield node.table
    elif pack.tables[node.table].type == "duration" and where != "pool":
        yield "duration"


def _missing_rows(node: Related, where: str, pack: Pack) -> Iterator[str]:
    """Rows beside the asker are not at hand; what a KPI reads of other records would need their cells to be open."""
    if node.rows.root != "row" or where == "active":
        yield "beside_asker"
    if where == "kpi" and leads_to_records(pack, node):
        yield "beside_records"
