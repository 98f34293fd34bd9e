"""Facts about entities, fields and categories."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.issue import Issue, nearest
from salesrules.meaning import PERSON
from salesrules.pack.pack import Pack


def people_are_an_entity(pack: Pack) -> Iterator[Issue]:
    if PERSON not in pack.entities:
        yield Issue("entity.no_person", pack.span)


def keys_are_fields(pack: Pack) -> Iterator[Issue]:
    for entity in pack.entities.values():
        for key in entity.key:
            if key not in entity.fields:
                words = {"name": key, "entity": entity.id}
                yield Issue("entity.unknown_key", entity.span, words, near=nearest(key, entity.fields))


def fields_lead_somewhere(pack: Pack) -> Iterator[Issue]:
    for entity in pack.entities.values():
        for field in entity.fields.values():
            words = {"field": f"{entity.id}.{field.id}"}
            if field.category not in pack.categories:
                near = nearest(field.category, pack.categories)
                yield Issue("entity.unknown_category", field.span, words | {"name": field.category}, near=near)
            if field.type == "ref" and field.to not in pack.entities:
                near = nearest(field.to or "", pack.entities)
                yield Issue("entity.unknown_entity", field.span, words | {"name": field.to or ""}, near=near)
            if field.type == "member" and field.dimension not in pack.dimensions:
                near = nearest(field.dimension or "", pack.dimensions)
                yield Issue("entity.unknown_dimension", field.span, words | {"name": field.dimension or ""}, near=near)


def references_have_single_keys(pack: Pack) -> Iterator[Issue]:
    for entity in pack.entities.values():
        for field in entity.fields.values():
            target = pack.entities.get(field.to or "")
            if target is not None and len(target.key) > 1:
                yield Issue("entity.reference_to_pair", field.span, {"field": field.id, "entity": target.id})


def categories_have_a_steward(pack: Pack) -> Iterator[Issue]:
    for category in pack.categories.values():
        if category.steward not in pack.roles:
            words = {"name": category.steward, "category": category.id}
            yield Issue("category.unknown_steward", category.span, words, near=nearest(category.steward, pack.roles))
