"""Pack to Meanings: the vocabulary of the pack, and every expression of it resolved once in its own scope."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from salesrules.expr.kinds import BOOLEAN, DATE, Kind, Vocabulary
from salesrules.expr.resolve import Scope, resolve
from salesrules.expr.syntax import Expression
from salesrules.expr.typed import Typed
from salesrules.issue import Issue
from salesrules.pack.pack import Pack

PERSON = "person"
_PRINCIPAL = frozenset({"user", "post"})
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
        slices=_resolved(_slices(pack, vocabulary), issues),
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


def _slices(pack: Pack, vocabulary: Vocabulary) -> Iterator[tuple[tuple[str, str], Expression, Scope, Kind | None]]:
    for slice_ in pack.slices.values():
        for entity in pack.entities:
            expression = slice_.on(entity)
            if expression is not None:
                yield (slice_.id, entity), expression, Scope(vocabulary, entity, _PRINCIPAL), BOOLEAN


def _formulas(pack: Pack, vocabulary: Vocabulary) -> Iterator[_Wanted]:
    for kpi in pack.kpis.values():
        if kpi.of in pack.entities:
            yield kpi.id, kpi.formula, Scope(vocabulary, kpi.of, aggregates=True), None


def _dates(pack: Pack, vocabulary: Vocabulary) -> Iterator[_Wanted]:
    for kpi in pack.kpis.values():
        if kpi.date is not None and kpi.of in pack.entities:
            yield kpi.id, kpi.date, Scope(vocabulary, kpi.of), DATE


def _active(pack: Pack, vocabulary: Vocabulary) -> Iterator[_Wanted]:
    for entity in pack.entities.values():
        if entity.active_when is not None:
            yield entity.id, entity.active_when, Scope(vocabulary, entity.id), BOOLEAN
