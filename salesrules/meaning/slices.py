"""Slices to meanings: each on each entity, after those that it is made of by `via` and by `slice(...)`."""

from __future__ import annotations

import re

from salesrules.expr.kinds import BOOLEAN, Vocabulary
from salesrules.expr.parse import via
from salesrules.expr.reading import Scope
from salesrules.expr.resolve import resolve
from salesrules.expr.typed import Typed, below
from salesrules.issue import Issue
from salesrules.pack.pack import Pack

Slice = tuple[str, str]
"""A slice on an entity, both by id."""

_PRINCIPAL = frozenset({"user", "post"})
_NAMED = re.compile(r"\bslice\s*\(\s*(\w+)\s*\)")
_TEXT = re.compile(r"'(?:[^']|'')*'")


def slice_meanings(pack: Pack, vocabulary: Vocabulary) -> tuple[dict[Slice, Typed], list[Issue]]:
    """What each slice means on each entity; one that is made of itself, or follows nothing, is left out."""
    found: dict[Slice, Typed] = {}
    issues: list[Issue] = []
    bound = frozenset(str(dimension) for role in pack.roles.values() for dimension in role.scope)
    for slice_id, entity in slice_order(pack):
        condition = pack.slices[slice_id].on(entity)
        if condition is None:
            continue
        step = via(condition)
        if step is None:
            known = {id: found[id, entity] for id in pack.slices if (id, entity) in found}
            tree, wrong = resolve(condition, Scope(vocabulary, entity, _PRINCIPAL, slices=known, bound=bound), BOOLEAN)
            issues.extend(issue for issue in wrong if not _follows(issue, pack, entity))
        else:
            inner = found.get((slice_id, led_to(pack, entity, step.parts) or ""))
            tree = below(inner, step.parts) if inner is not None else None
        if tree is not None:
            found[slice_id, entity] = tree
    return found, issues


def _follows(issue: Issue, pack: Pack, entity: str) -> bool:
    """Whether a slice is only missing because of its own mistake, which is told at its own place."""
    named = pack.slices.get(issue.words["name"]) if issue.code == "expr.unknown_slice" else None
    return named is not None and named.on(entity) is not None


def led_to(pack: Pack, entity: str, path: tuple[str, ...]) -> str | None:
    """The entity that a path of references ends at, or None if a step of it is no reference."""
    at: str | None = entity
    for step in path:
        field = pack.entities[at].fields.get(step) if at is not None else None
        at = str(field.to) if field is not None and field.to in pack.entities else None
    return at


def slice_parts(pack: Pack, slice_id: str, entity: str) -> frozenset[Slice]:
    """The slices that a slice is made of."""
    condition = pack.slices[slice_id].on(entity)
    if condition is None:
        return frozenset()
    step = via(condition)
    if step is not None:
        target = led_to(pack, entity, step.parts)
        return frozenset({(slice_id, target)} if target is not None else ())
    named = _NAMED.findall(_TEXT.sub("''", condition.text))
    return frozenset((name, entity) for name in named if name in pack.slices)


def slice_order(pack: Pack) -> tuple[Slice, ...]:
    """Every slice on every entity, parts before wholes; what is part of itself comes where it may."""
    ordered: dict[Slice, None] = {}
    for start in ((slice_id, entity) for slice_id in pack.slices for entity in pack.entities):
        ahead = [(start, False)]
        opened: set[Slice] = set()
        while ahead:
            at, done = ahead.pop()
            if done:
                ordered.setdefault(at)
            elif at not in ordered and at not in opened:
                opened.add(at)
                ahead.append((at, True))
                ahead.extend((part, False) for part in sorted(slice_parts(pack, *at)))
    return tuple(ordered)
