"""Facts about the potential of territories."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.check.names import all_known, unless_known, unless_total
from salesrules.issue import Issue, nearest
from salesrules.pack.pack import Pack


def potentials_name_known_things(pack: Pack) -> Iterator[Issue]:
    """Records that lie in one member each, roles that are bound to members, attributes that members have."""
    for dimension in pack.dimensions.values():
        potential = dimension.potential
        if potential is None:
            continue
        yield from unless_known("potential.unknown_entity", potential.of, pack.entities)
        yield from all_known("potential.unknown_role", potential.roles, pack.roles)
        if potential.of in pack.entities:
            fields = pack.entities[potential.of].fields.values()
            if sum(f.type == "member" and f.dimension == dimension.id for f in fields) != 1:
                words = {"entity": str(potential.of), "dimension": dimension.id}
                yield Issue("potential.one_place", potential.of.span, words)
        if isinstance(dimension.members, tuple):
            known = {name for member in dimension.members for name in member.attributes}
            for factor in potential.factors.values():
                if factor.id not in known:
                    words = {"name": factor.id, "dimension": dimension.id}
                    yield Issue("potential.unknown_attribute", factor.span, words, near=nearest(factor.id, known))


def potential_weights_total(pack: Pack) -> Iterator[Issue]:
    for dimension in pack.dimensions.values():
        if dimension.potential is not None:
            factors = dimension.potential.factors.values()
            yield from unless_total("potential.total", dimension.potential.span, [f.weight for f in factors])
            for factor in factors:
                if factor.weight <= 0:
                    yield Issue("potential.weight", factor.span, {"name": factor.id})
