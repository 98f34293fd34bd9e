"""Pack and meanings of conditions to Computations: what each computed field is computed from, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from salesrules.expr.kinds import BOOLEAN
from salesrules.expr.syntax import Expression
from salesrules.expr.typed import Constant, Typed, leaves
from salesrules.issue import Issue
from salesrules.pack.computed import Way, dimension_of, is_classified, ways_of
from salesrules.pack.dimensions import ClassRule, Dimension
from salesrules.pack.entities import Field
from salesrules.pack.pack import Pack


@dataclass(frozen=True, slots=True)
class Classified:
    """A field that lines of conditions say, the first one that is true; each line is (condition, rule)."""

    entity: str
    field: Field
    lines: tuple[tuple[Typed, ClassRule], ...]

    @property
    def conditions(self) -> tuple[Typed, ...]:
        return tuple(condition for condition, _ in self.lines)


@dataclass(frozen=True, slots=True)
class Staged:
    """A field that follows from the stage of records of `through`: of the record itself, or of those that name it.

    `members` has the member for each stage that counts, in the order of the process. Of several records that one
    counts whose member stands first latest in the process: a lost deal that falls back to an early member is not
    further than one that was won.
    """

    entity: str
    field: Field
    through: str
    way: Way
    members: Mapping[str, str]

    @property
    def conditions(self) -> tuple[Typed, ...]:
        return ()


Computation = Classified | Staged


def computations(
    pack: Pack, conditions: Mapping[Expression, Typed]
) -> tuple[tuple[Computation, ...], tuple[Issue, ...]]:
    """Every computed field after those that it reads, and the circles in which fields read each other."""
    found = {(each.entity, each.field.id): each for each in _computed(pack, conditions)}
    order = TopologicalSorter({at: _read(pack, each) & found.keys() for at, each in found.items()})
    try:
        return tuple(found[at] for at in order.static_order()), ()
    except CycleError as error:
        circle: list[tuple[str, str]] = error.args[1][::-1]
        words = {"names": " → ".join(f"{entity}.{field}" for entity, field in circle)}
        return (), (Issue("dimension.circle", found[circle[0]].field.span, words),)


def _computed(pack: Pack, conditions: Mapping[Expression, Typed]) -> Iterator[Computation]:
    for entity in pack.entities.values():
        for field in entity.fields.values():
            dimension = dimension_of(pack, field)
            if dimension is None:
                continue
            if dimension.classify is not None and is_classified(dimension, entity.id):
                rules = [(_condition(rule, conditions), rule) for rule in dimension.classify.rules]
                yield Classified(entity.id, field, tuple((tree, rule) for tree, rule in rules if tree is not None))
            elif ways := ways_of(pack, dimension, entity.id):
                yield _staged(pack, entity.id, field, dimension, ways[0])


def _condition(rule: ClassRule, conditions: Mapping[Expression, Typed]) -> Typed | None:
    return Constant(BOOLEAN, True) if rule.when is None else conditions.get(rule.when)


def _staged(pack: Pack, entity: str, field: Field, dimension: Dimension, way: Way) -> Staged:
    assert dimension.derived is not None
    process = pack.processes[dimension.derived.stage_of]
    open_only = dimension.derived.take == "open" and way.reference is not None
    members = {
        stage.id: str(stage.lifecycle)
        for stage in process.stages
        if stage.lifecycle is not None and (stage.next or not open_only)
    }
    return Staged(entity, field, str(process.entity), way, members)


def _read(pack: Pack, each: Computation) -> set[tuple[str, str]]:
    """The fields that a computed field reads, each as (entity, field)."""
    found = set()
    for leaf in (leaf for condition in each.conditions for leaf in leaves(condition) if leaf.root == "row"):
        at = each.entity
        for step in leaf.path:
            found.add((at, step))
            at = pack.entities[at].fields[step].to or at
    return found
