"""Pack to Meanings: the vocabulary of the pack, and every expression of it resolved once in its own scope."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from salesrules.expr.kinds import BOOLEAN, DATE, Kind, Vocabulary
from salesrules.expr.resolve import Scope, resolve
from salesrules.expr.syntax import Expression
from salesrules.expr.typed import Apply, Leaf, Typed
from salesrules.issue import Issue
from salesrules.pack.kpis import Standing
from salesrules.pack.pack import Pack
from salesrules.pack.policies import via

PERSON = "person"
_PRINCIPAL = frozenset({"user", "post"})
_SLICE = re.compile(r"\bslice\s*\(\s*(\w+)\s*\)")
_TEXT = re.compile(r"'(?:[^']|'')*'")
K = TypeVar("K")
_Wanted = tuple[str, Expression, Scope, Kind | None]


@dataclass(frozen=True, slots=True)
class Meanings:
    """What the expressions of a pack mean, by the noun that holds them."""

    vocabulary: Vocabulary
    slices: Mapping[tuple[str, str], Typed]
    formulas: Mapping[str, Typed]
    dates: Mapping[str, Typed]
    active: Mapping[str, Typed]


def vocabulary_of(pack: Pack) -> Vocabulary:
    """Every name that the pack declares; a field whose type leads nowhere is left out, the checks report it."""
    fields: dict[str, dict[str, Kind]] = {}
    for entity in pack.entities.values():
        fields[entity.id] = {
            field.id: field.kind(pack.about.currency)
            for field in entity.fields.values()
            if (field.type != "ref" or field.to in pack.entities)
            and (field.type != "member" or field.dimension in pack.dimensions)
        }
        if len(entity.key) == 1:  # the key of a record is a reference to itself: `id = user`
            fields[entity.id][entity.key[0]] = Kind("ref", entity.id)
    members = {
        dimension.id: frozenset(member.id for member in dimension.members)
        for dimension in pack.dimensions.values()
        if isinstance(dimension.members, tuple)
    }
    trees = frozenset(pack.dimensions) | {id for id in pack.entities if pack.tree_of(id)}
    post = {dimension: Kind("member", dimension) for dimension in pack.dimensions}
    return Vocabulary(fields, members, trees, post)


def meanings_of(pack: Pack) -> tuple[Meanings, list[Issue]]:
    """Resolve every expression of the pack; those with issues are missing from the result."""
    vocabulary = vocabulary_of(pack)
    issues: list[Issue] = []

    return Meanings(
        vocabulary,
        slices=_slices(pack, vocabulary, {}, issues),
        formulas=_resolved(_formulas(pack, vocabulary), issues),
        dates=_resolved(_dates(pack, vocabulary), issues),
        active=_resolved(_active(pack, vocabulary), issues),
    ), issues


def _resolved(wanted: Iterable[tuple[K, Expression, Scope, Kind | None]], issues: list[Issue]) -> dict[K, Typed]:
    found = {}
    for key, expression, scope, kind in wanted:
        tree, wrong = resolve(expression, scope, kind)
        issues.extend(wrong)
        if tree is not None:
            found[key] = tree
    return found


def _slices(
    pack: Pack, vocabulary: Vocabulary, found: dict[tuple[str, str], Typed], issues: list[Issue]
) -> dict[tuple[str, str], Typed]:
    """Resolve each slice on each entity after those that it is made of; one that is made of itself has no meaning."""
    for slice_id, entity in slice_order(pack):
        condition = pack.slices[slice_id].on(entity)
        step = via(condition) if condition is not None else None
        if condition is None:
            continue
        if step is None:
            known = {id: found[id, entity] for id in pack.slices if (id, entity) in found}
            tree, wrong = resolve(condition, Scope(vocabulary, entity, _PRINCIPAL, slices=known), BOOLEAN)
            issues.extend(wrong)
        else:
            field = pack.entities[entity].fields.get(step)
            tree = found.get((slice_id, field.to or "")) if field is not None else None
            tree = _behind(tree, step) if tree is not None else None
        if tree is not None:
            found[slice_id, entity] = tree
    return found


def slice_parts(pack: Pack, slice_id: str, entity: str) -> frozenset[tuple[str, str]]:
    """The slices, each on an entity, that a slice on an entity is made of: by `via`, or by `slice(...)`."""
    condition = pack.slices[slice_id].on(entity)
    if condition is None:
        return frozenset()
    step = via(condition)
    if step is not None:
        field = pack.entities[entity].fields.get(step)
        return frozenset({(slice_id, str(field.to))} if field is not None and field.to in pack.entities else ())
    named = {name.group(1) for name in _SLICE.finditer(_TEXT.sub("''", condition.text))}
    return frozenset((name, entity) for name in named if name in pack.slices)


def slice_order(pack: Pack) -> tuple[tuple[str, str], ...]:
    """Every slice on every entity, parts before wholes; what is part of itself comes where it may."""
    ordered: dict[tuple[str, str], None] = {}
    for start in ((slice_id, entity) for slice_id in pack.slices for entity in pack.entities):
        ahead = [(start, False)]
        opened: set[tuple[str, str]] = set()
        while ahead:
            at, done = ahead.pop()
            if done:
                ordered.setdefault(at)
            elif at not in ordered and at not in opened:
                opened.add(at)
                ahead.append((at, True))
                ahead.extend((part, False) for part in sorted(slice_parts(pack, *at)))
    return tuple(ordered)


def _behind(tree: Typed, step: str) -> Typed:
    """A condition on one entity as one on another, whose field `step` refers to the first."""
    if isinstance(tree, Leaf) and tree.root == "row":
        return replace(tree, path=(str(step), *tree.path))
    if isinstance(tree, Apply):
        return replace(tree, arguments=tuple(_behind(argument, step) for argument in tree.arguments))
    return tree


def _formulas(pack: Pack, vocabulary: Vocabulary) -> Iterator[_Wanted]:
    for kpi in pack.kpis.values():
        if kpi.of is not None and kpi.of in pack.entities:
            yield kpi.id, kpi.formula, Scope(vocabulary, kpi.of, aggregates=True), None


def _dates(pack: Pack, vocabulary: Vocabulary) -> Iterator[_Wanted]:
    for kpi in pack.kpis.values():
        date = kpi.date.on or kpi.date.from_ if isinstance(kpi.date, Standing) else kpi.date
        if date is not None and kpi.of is not None and kpi.of in pack.entities:
            yield kpi.id, date, Scope(vocabulary, kpi.of), DATE


def _active(pack: Pack, vocabulary: Vocabulary) -> Iterator[_Wanted]:
    for entity in pack.entities.values():
        if entity.active_when is not None:
            yield entity.id, entity.active_when, Scope(vocabulary, entity.id), BOOLEAN
