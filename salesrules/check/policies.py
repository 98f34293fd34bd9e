"""Facts about roles, slices and grants."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.issue import Issue, nearest
from salesrules.pack.pack import Pack
from salesrules.pack.policies import Grant


def roles_include_known_roles(pack: Pack) -> Iterator[Issue]:
    for role in pack.roles.values():
        for included in role.includes:
            if included not in pack.roles:
                words = {"name": included, "role": role.id}
                yield Issue("role.unknown_include", role.span, words, near=nearest(included, pack.roles))


def role_inclusion_ends(pack: Pack) -> Iterator[Issue]:
    """No role includes itself by way of others."""
    for role in pack.roles.values():
        reached: set[str] = set()
        ahead = list(role.includes)
        while ahead:
            name = ahead.pop()
            if name == role.id:
                yield Issue("role.includes_itself", role.span, {"name": role.id})
                break
            if name in pack.roles and name not in reached:
                reached.add(name)
                ahead.extend(pack.roles[name].includes)


def slices_name_entities(pack: Pack) -> Iterator[Issue]:
    for slice_ in pack.slices.values():
        for entity, expression in slice_.rows.items():
            if entity != "*" and entity not in pack.entities:
                words = {"name": entity, "slice": slice_.id}
                yield Issue("slice.unknown_entity", expression.span, words, near=nearest(entity, pack.entities))


def grants_name_known_things(pack: Pack) -> Iterator[Issue]:
    """A grant that names something undeclared would open or close nothing, in silence."""
    for grant in pack.grants:
        yield from _grant(pack, grant)


def _grant(pack: Pack, grant: Grant) -> Iterator[Issue]:
    if grant.role not in pack.roles:
        yield Issue("grant.unknown_role", grant.span, {"name": grant.role}, near=nearest(grant.role, pack.roles))
    entity = pack.entities.get(grant.object)
    if entity is None:
        yield Issue(
            "grant.unknown_object", grant.span, {"name": grant.object}, near=nearest(grant.object, pack.entities)
        )
    if grant.slice not in pack.slices:
        yield Issue("grant.unknown_slice", grant.span, {"name": grant.slice}, near=nearest(grant.slice, pack.slices))
    elif entity is not None and pack.slices[grant.slice].on(entity.id) is None:
        words = {"slice": grant.slice, "entity": entity.id}
        yield Issue("grant.slice_says_nothing", grant.span, words, other=pack.slices[grant.slice].span)
    if grant.category != "*" and entity is not None:
        known = {field.category for field in entity.fields.values()}
        if grant.category not in known:
            words = {"name": grant.category, "entity": entity.id}
            yield Issue("grant.unknown_category", grant.span, words, near=nearest(grant.category, known))
