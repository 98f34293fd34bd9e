"""Facts about roles, slices and grants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from salesrules.check.names import all_known, unless_known
from salesrules.expr.parse import via
from salesrules.issue import Issue, nearest
from salesrules.meaning.slices import led_to, slice_parts
from salesrules.pack.modules import MODULE
from salesrules.pack.pack import Pack
from salesrules.pack.policies import OBJECTS, ROW_ACTIONS, Grant

_POST = re.compile(r"\bpost\s*\.\s*(\w+)")


def roles_include_known_roles(pack: Pack) -> Iterator[Issue]:
    for role in pack.roles.values():
        yield from all_known("role.unknown_include", role.includes, pack.roles, role=role.id)


def roles_are_scoped_by_dimensions(pack: Pack) -> Iterator[Issue]:
    for role in pack.roles.values():
        yield from all_known("role.unknown_scope", role.scope, pack.dimensions, role=role.id)


def posts_are_in_known_roles(pack: Pack) -> Iterator[Issue]:
    for table in pack.post_tables:
        yield from unless_known("post.unknown_role", table.role, pack.roles)


def role_inclusion_ends(pack: Pack) -> Iterator[Issue]:
    """No role includes itself by way of others."""
    includes = {id: [str(name) for name in role.includes if name in pack.roles] for id, role in pack.roles.items()}
    for id in _not_ending(includes):
        role = pack.roles[id]
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


def _not_ending(includes: Mapping[str, Sequence[str]]) -> list[str]:
    """The roles that are left once those are taken away, again and again, that include none of what is left."""
    included_by: dict[str, list[str]] = {}
    for id, names in includes.items():
        for name in names:
            included_by.setdefault(name, []).append(id)
    left = {id: len(names) for id, names in includes.items()}
    ahead = [id for id, count in left.items() if not count]
    while ahead:
        id = ahead.pop()
        del left[id]
        for above in included_by.get(id, ()):
            left[above] -= 1
            if not left[above]:
                ahead.append(above)
    return list(left)


def slices_name_entities(pack: Pack) -> Iterator[Issue]:
    known = {*pack.entities, *OBJECTS, "*"}
    for slice_ in pack.slices.values():
        yield from all_known("slice.unknown_entity", slice_.rows, known, slice=slice_.id)


def slices_follow_references(pack: Pack) -> Iterator[Issue]:
    """`via customer` needs a reference `customer`, and a condition of the same slice where it leads."""
    for slice_ in pack.slices.values():
        for name, condition in slice_.rows.items():
            step = via(condition)
            if step is None or name not in pack.entities:
                continue
            target = led_to(pack, name, step.parts)
            if target is None or slice_.on(target) is None:
                words = {"name": ".".join(step.parts), "entity": name, "slice": slice_.id}
                near = nearest(step.parts[0], pack.entities[name].fields) if target is None else None
                yield Issue("slice.leads_nowhere", condition.at(step.start, step.end), words, near=near)


def exclusive_slices_are_declared(pack: Pack) -> Iterator[Issue]:
    for group in pack.exclusive:
        yield from all_known("slice.unknown_exclusive", group, pack.slices)


def slices_are_not_made_of_themselves(pack: Pack) -> Iterator[Issue]:
    for slice_ in pack.slices.values():
        for name, condition in slice_.rows.items():
            if name in pack.entities and _made_of_itself(pack, slice_.id, name):
                yield Issue("slice.made_of_itself", condition.span, {"slice": slice_.id, "entity": name})


def _made_of_itself(pack: Pack, slice_id: str, entity: str) -> bool:
    reached: set[tuple[str, str]] = set()
    ahead = list(slice_parts(pack, slice_id, entity))
    while ahead:
        at = ahead.pop()
        if at not in reached:
            reached.add(at)
            ahead.extend(slice_parts(pack, *at))
    return (slice_id, entity) in reached


def grants_name_known_things(pack: Pack) -> Iterator[Issue]:
    """A grant that names something undeclared would open or close nothing, in silence."""
    for grant in pack.grants:
        yield from _grant(pack, grant)


def _grant(pack: Pack, grant: Grant) -> Iterator[Issue]:
    if grant.role not in pack.roles:
        yield Issue("grant.unknown_role", grant.span, {"name": grant.role}, near=nearest(grant.role, pack.roles))
    entity = pack.entities.get(grant.object)
    known = {*pack.entities, *OBJECTS}
    if grant.object not in known and not grant.object.startswith(MODULE):
        yield Issue("grant.unknown_object", grant.span, {"name": grant.object}, near=nearest(grant.object, known))
    if grant.slice not in pack.slices:
        yield Issue("grant.unknown_slice", grant.span, {"name": grant.slice}, near=nearest(grant.slice, pack.slices))
    elif grant.object in known and pack.slices[grant.slice].on(grant.object) is None:
        words = {"slice": grant.slice, "entity": grant.object}
        yield Issue("grant.slice_says_nothing", grant.span, words, other=pack.slices[grant.slice].span)
    if grant.category != "*" and grant.object in known and grant.said is None:  # of modules their own facts speak
        categories = {field.category for field in entity.fields.values()} if entity is not None else set()
        if grant.category not in categories:
            words = {"name": grant.category, "entity": grant.object}
            yield Issue("grant.unknown_category", grant.span, words, near=nearest(grant.category, categories))


def row_actions_are_granted_on_whole_rows(pack: Pack) -> Iterator[Issue]:
    for grant in pack.grants:
        if grant.action in ROW_ACTIONS and grant.category != "*" and grant.said is None:
            yield Issue("grant.row_action", grant.span, {"name": grant.action})


def granted_roles_have_the_scope(pack: Pack) -> Iterator[Issue]:
    """A slice that reads `post.region` is never true for a post without a region."""
    for grant in pack.grants:
        slice_, role = pack.slices.get(grant.slice), pack.roles.get(grant.role)
        condition = slice_.on(grant.object) if slice_ is not None else None
        if role is None or condition is None:
            continue
        for dimension in sorted(set(_POST.findall(condition.text)) & set(pack.dimensions) - set(role.scope)):
            words = {"role": role.id, "name": dimension, "slice": grant.slice}
            yield Issue("role.no_scope", grant.span, words, other=role.span)
