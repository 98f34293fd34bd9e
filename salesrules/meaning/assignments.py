"""An assignment to what its parts mean: conditions term by term, limits, values, and where a former owner stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from salesrules.expr.kinds import BOOLEAN, DATE, DECIMAL, NUMBERS, Kind
from salesrules.expr.operations import both
from salesrules.expr.reading import Scope
from salesrules.expr.resolve import resolve
from salesrules.expr.syntax import Expression
from salesrules.expr.typed import Apply, Constant, Leaf, Lookup, Typed, leaves, nodes
from salesrules.issue import Span
from salesrules.meaning import Meanings
from salesrules.meaning.terms import Term, terms_in
from salesrules.meaning.vocabulary import PERSON
from salesrules.pack.assignment import Assignment, AssignmentRule, Newcomers
from salesrules.pack.followed import OWNER
from salesrules.pack.pack import Pack
from salesrules.pack.pick import ByRank, ByScore, Optimal, Pick, ToTeam, WeightedTurns
from salesrules.pack.word import Word

CANDIDATE = frozenset({"candidate", "post", "state"})
SKILL, DIFFICULTY = "skill", "difficulty"
"""The field of a person and that of a record that `best_skill` compares."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """A rule ready to run: for which records, what it asks of candidates term by term, and the numbers of its pick.

    `values` has the weight, the value, the gap, or each part of a score by its name; `least_first` says whether of
    results the least is the best.
    """

    id: str
    span: Span
    when: Typed
    asks: tuple[Term, ...]
    pick: Pick
    turn: str
    values: Mapping[str, Typed] = field(default_factory=dict)
    least_first: bool = False


@dataclass(frozen=True, slots=True)
class Assigning:
    """An assignment ready to run; `former` is the way from a record to the owner that `sticky_owner` goes back to."""

    id: str
    entity: str
    sets: str
    when: Typed
    order: tuple[Typed, ...]
    asks: tuple[Term, ...]
    open: Typed | None
    per_day: Typed | None
    since: Typed | None
    newcomers: Newcomers | None
    rules: tuple[Ruled, ...]
    pool: str
    former: tuple[str, ...]

    def trees(self) -> Iterator[Typed]:
        """Every meaning in it."""
        yield from (self.when, *self.order, *(term.meaning for term in self.asks))
        yield from (tree for tree in (self.open, self.per_day, self.since) if tree is not None)
        for rule in self.rules:
            yield from (rule.when, *(term.meaning for term in rule.asks), *rule.values.values())


def assigning(pack: Pack, meanings: Meanings, assignment: Assignment) -> Assigning:
    """The assignment ready to run; every expression of it has a meaning, as the checks have seen."""
    known, entity = meanings.conditions, str(assignment.entity)
    scope = Scope(meanings.vocabulary, entity, CANDIDATE)
    limits = assignment.limits
    return Assigning(
        assignment.id,
        entity,
        str(assignment.sets),
        _when(meanings, assignment.when),
        tuple(known[by] for by in assignment.order_by),
        _terms(assignment.candidates, scope),
        known[limits.open] if limits.open else None,
        known[limits.per_day] if limits.per_day else None,
        known[limits.newcomers.since] if limits.newcomers else None,
        limits.newcomers,
        tuple(_rule(pack, meanings, rule, scope) for rule in assignment.rules),
        str(assignment.otherwise.pool),
        former_owner(pack, entity, str(assignment.sets)),
    )


def _when(meanings: Meanings, when: Expression | None) -> Typed:
    return meanings.conditions[when] if when is not None else Constant(BOOLEAN, True)


def takes(meanings: Meanings, rule: AssignmentRule) -> Typed | None:
    """For which records a rule holds on a day, None where its condition means nothing: its days are a condition too."""
    when = meanings.conditions.get(rule.when) if rule.when is not None else None
    if rule.when is not None and when is None:
        return None
    today = Leaf(DATE, "today", ())
    days = [Apply(BOOLEAN, ">=", (today, Constant(DATE, rule.from_)))] if rule.from_ is not None else []
    days += [Apply(BOOLEAN, "<", (today, Constant(DATE, rule.to)))] if rule.to is not None else []
    asked = (*days, *([when] if when is not None else []))
    return both(*asked) if len(asked) > 1 else asked[0] if asked else Constant(BOOLEAN, True)


def _terms(condition: Expression | None, scope: Scope) -> tuple[Term, ...]:
    """What must all be true of a candidate."""
    if condition is None:
        return ()
    found = terms_in(condition, scope)
    if found.tie == "and":
        return found.terms
    tree, _ = resolve(condition, scope, BOOLEAN)
    assert tree is not None
    return (Term(condition, tree),)


def _rule(pack: Pack, meanings: Meanings, rule: AssignmentRule, scope: Scope) -> Ruled:
    asks = _terms(rule.candidates, scope)
    if rule.pick == "best_skill" and _has_number(scope, scope.entity, DIFFICULTY):
        enough = _expression(rule, f"candidate.{SKILL} >= {DIFFICULTY}")
        tree, _ = resolve(enough, scope, BOOLEAN)
        assert tree is not None
        if tree not in (term.meaning for term in asks):  # who is not good enough is no candidate
            asks = (*asks, Term(enough, tree))
    when = takes(meanings, rule)
    assert when is not None
    values = _values(meanings, rule, scope)
    least = isinstance(rule.pick, ByRank) and pack.kpis[rule.pick.rank.kpi].direction == "lower"
    return Ruled(rule.id, rule.span, when, asks, rule.pick, rule.turn, values, least)


def _values(meanings: Meanings, rule: AssignmentRule, scope: Scope) -> dict[str, Typed]:
    """The numbers that the pick of a rule goes by."""
    match rule.pick:
        case WeightedTurns():
            return {"weight": meanings.conditions[rule.pick.weighted_round_robin]}
        case Optimal():
            return {"value": meanings.conditions[rule.pick.optimal]}
        case ByScore():
            return {name: meanings.conditions[part.of] for name, part in rule.pick.score.items()}
        case "best_skill":
            less = f" - {DIFFICULTY}" if _has_number(scope, scope.entity, DIFFICULTY) else ""
            tree, _ = resolve(_expression(rule, f"candidate.{SKILL}{less}"), scope, DECIMAL)
            assert tree is not None
            return {"gap": tree}
    return {}


def _expression(rule: AssignmentRule, text: str) -> Expression:
    """What a rule says without writing it."""
    return Expression(text, rule.span)


def former_owner(pack: Pack, entity: str, sets: str) -> tuple[str, ...]:
    """The way from a record to the owner of what it refers to, first that of its customer; empty if there is none."""
    fields = pack.entities[entity].fields.values()
    leads = [f for f in fields if f.type == "ref" and f.to in pack.entities and f.to not in (PERSON, entity)]
    for step in sorted(leads, key=lambda f: f.to != "customer"):
        owner = pack.entities[str(step.to)].fields.get(sets)
        if owner is not None and owner.to == PERSON:
            return (step.id, sets)
    return ()


def held_by(pack: Pack) -> dict[str, str]:
    """By entity the field that says who has a record: that which an assignment sets, else `owner`."""
    sets = {str(one.entity): str(one.sets) for one in pack.assignments.values()}
    found = {}
    for entity in pack.entities.values():
        field = entity.fields.get(sets.get(entity.id, OWNER))
        if entity.id != PERSON and entity.key and field is not None and field.to == PERSON:
            found[entity.id] = field.id
    return found


def person_of(pack: Pack, meanings: Meanings, entity: str) -> Typed | None:
    """Whose a row is: whom `counts_under` says, else who has it; None if nobody, or several with shares."""
    said = pack.counts_under.get(Word(entity), {}).get(Word(PERSON))
    if said is not None:
        tree = meanings.conditions.get(said)
        return tree if tree is not None and all(leaf.root == "row" for leaf in leaves(tree)) else None
    holds = held_by(pack).get(entity)
    return Leaf(Kind("ref", PERSON), "row", (holds,)) if holds is not None else None


def _has_number(scope: Scope, entity: str, name: str) -> bool:
    kind = scope.vocabulary.fields.get(entity, {}).get(name)
    return kind is not None and kind.name in NUMBERS


def cannot_run(pack: Pack, meanings: Meanings, assignment: Assignment) -> tuple[str, ...]:
    """The codes of what stands in the way of running an assignment that the checks have passed."""
    entity = pack.entities[assignment.entity]
    owner = entity.fields.get(assignment.sets)
    picks = [rule.pick for rule in assignment.rules]
    found = [] if owner is not None and owner.to == PERSON else ["assign.no_owner"]
    if "best_skill" in picks and not _has_number(Scope(meanings.vocabulary, PERSON), PERSON, SKILL):
        found.append("assign.no_skill")
    if "sticky_owner" in picks and not former_owner(pack, entity.id, str(assignment.sets)):
        found.append("assign.no_former_owner")
    if not found and any(_beyond(tree) for tree in assigning(pack, meanings, assignment).trees()):
        found.append("assign.not_yet")
    return tuple(found)


def _beyond(tree: Typed) -> bool:
    """Whether an expression asks for what is not at hand when work is assigned."""
    known = ("row", "candidate", "post", "today", "many")
    return any(
        (isinstance(node, Leaf) and node.root not in known and not node.root.startswith("member:"))
        or (isinstance(node, Leaf) and (node.kind.name == "list" or node.part.startswith("each ")))
        or (isinstance(node, Lookup) and node.table in ("working now", "owner at", "handover"))
        for node in nodes(tree)
    )


def former_leaf(found: Assigning) -> Leaf:
    """The former owner of a record as a value of its row."""
    return Leaf(Kind("ref", PERSON), "row", found.former)


def parts_of_team(pick: Pick) -> tuple[str, ...]:
    """The parts of a team in the order in which they are filled."""
    return tuple(str(part) for part in pick.team) if isinstance(pick, ToTeam) else ()
