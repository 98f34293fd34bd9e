"""Facts about resources and how they are shared out."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from salesrules.check.names import all_known, members_of, unless_known, unless_parts
from salesrules.issue import Issue
from salesrules.pack.pack import Pack


def resources_are_whole_parts(pack: Pack) -> Iterator[Issue]:
    for resource in pack.resources.values():
        if resource.smallest <= 0 or resource.amount < 0 or Fraction(resource.amount) % Fraction(resource.smallest):
            words = {"name": resource.id, "amount": f"{resource.amount:f}", "part": f"{resource.smallest:f}"}
            yield Issue("resource.part", resource.span, words)


def resources_are_shared_by_known_things(pack: Pack) -> Iterator[Issue]:
    for step in (step for resource in pack.resources.values() for step in resource.split):
        yield from unless_known("resource.unknown_dimension", step.by, pack.dimensions)
        dimension = pack.dimensions.get(step.by)
        if dimension is None:
            continue
        levels = [level.id for level in dimension.levels]
        yield from unless_known("resource.unknown_level", step.level, levels, dimension=step.by)
        if isinstance(step.weights, dict):
            known = members_of(pack, step.by)
            yield from all_known("resource.unknown_member", step.weights, known or step.weights, dimension=step.by)
            yield from unless_parts("resource.total", step.span, step.weights.items())
        elif step.weights != "even" and dimension.potential is None:
            yield Issue("resource.no_potential", step.span, {"dimension": step.by, "weights": step.weights})
