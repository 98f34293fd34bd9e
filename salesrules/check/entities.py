"""Facts about entities, fields and categories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from salesrules.check.names import all_known, unless_known
from salesrules.issue import Issue, nearest
from salesrules.meaning import PERSON
from salesrules.pack.entities import Entity, Field, FieldType, Mask
from salesrules.pack.pack import Pack
from salesrules.pack.word import Word

NEEDED_BY_TYPE = {"ref": "to", "member": "dimension", "stage": "process", "list": "of"}


def people_are_an_entity(pack: Pack) -> Iterator[Issue]:
    if PERSON not in pack.entities:
        yield Issue("entity.no_person", pack.span)


def trees_have_names_of_their_own(pack: Pack) -> Iterator[Issue]:
    """Records in a tree and members in a tree are looked up by the name of the tree; the roles are a dimension too."""
    for entity in pack.entities.values():
        if pack.tree_of(entity.id) is not None and entity.id in {*pack.dimensions, "role"}:
            yield Issue("entity.two_trees", entity.span, {"name": entity.id})


def keys_are_fields(pack: Pack) -> Iterator[Issue]:
    for entity in pack.entities.values():
        yield from all_known("entity.unknown_key", entity.key, entity.fields, entity=entity.id)


def keys_are_not_masked(pack: Pack) -> Iterator[Issue]:
    for entity in pack.entities.values():
        for key in entity.key:
            if key in entity.fields and entity.fields[key].mask is not None:
                yield Issue("entity.masked_key", entity.fields[key].span, {"field": f"{entity.id}.{key}"})


def masks_keep_the_end_of_a_text(pack: Pack) -> Iterator[Issue]:
    for entity, field in _fields(pack):
        if isinstance(field.mask, Mask) and (field.type != "text" or field.mask.keep_last < 1):
            yield Issue("entity.bad_mask", field.span, {"field": f"{entity.id}.{field.id}"})


def fields_say_what_their_type_needs(pack: Pack) -> Iterator[Issue]:
    for entity, field in _fields(pack):
        for type_ in (field.type, field.of):
            needed = NEEDED_BY_TYPE.get(type_ or "")
            if needed and getattr(field, needed) is None:
                words = {"field": f"{entity.id}.{field.id}", "type": str(type_), "key": needed}
                yield Issue("entity.type_needs", field.span, words)


def fields_lead_somewhere(pack: Pack) -> Iterator[Issue]:
    for entity, field in _fields(pack):
        name = f"{entity.id}.{field.id}"
        yield from unless_known("entity.unknown_category", field.category, pack.categories, field=name)
        yield from unless_known("entity.unknown_entity", field.to, pack.entities, field=name)
        yield from unless_known("entity.unknown_dimension", field.dimension, pack.dimensions, field=name)
        yield from unless_known("entity.unknown_process", field.process, pack.processes, field=name)
        yield from unless_known("entity.unknown_field", field.currency, entity.fields, entity=entity.id)


def references_have_single_keys(pack: Pack) -> Iterator[Issue]:
    for _, field in _fields(pack):
        target = pack.entities.get(field.to or "")
        if target is not None and len(target.key) > 1:
            yield Issue("entity.reference_to_pair", field.span, {"field": field.id, "entity": target.id})


def stages_are_of_the_process_of_their_entity(pack: Pack) -> Iterator[Issue]:
    for entity, field in _fields(pack):
        process = pack.processes.get(field.process or "")
        if process is None or field.process is None or process.entity not in pack.entities:
            continue
        if process.entity != entity.id:
            words = {"field": f"{entity.id}.{field.id}", "process": process.id, "entity": process.entity}
            yield Issue("entity.process_of_another", field.process.span, words, other=process.entity.span)


def kept_and_derived_fields_exist(pack: Pack) -> Iterator[Issue]:
    for entity in pack.entities.values():
        kept = entity.history.keep if entity.history else ()
        for word in (*kept, *entity.derives):
            if word != "pool":  # the one thing whose history is kept that no field need hold
                yield from unless_known("entity.unknown_field", word, entity.fields, entity=entity.id)


def rows_beside_a_record_have_kinds(pack: Pack) -> Iterator[Issue]:
    known = {*pack.entities, *pack.dimensions, *get_args(FieldType)}
    for entity in pack.entities.values():
        for many in entity.many.values():
            yield from all_known("entity.unknown_kind", many.fields.values(), known, field=f"{entity.id}.{many.id}")


def rows_beside_a_record_point_at_it(pack: Pack) -> Iterator[Issue]:
    """Rows that are records of their own name the record in a reference, and have the fields that they go by."""
    for entity in pack.entities.values():
        for many in entity.many.values():
            table = pack.entities.get(Word(many.from_))
            for name in (many.by, *many.fields) if table is not None else ():
                field = table.fields.get(name) if table is not None else None
                if table is not None and field is None:
                    words = {"name": name, "entity": table.id}
                    yield Issue("entity.unknown_field", many.span, words, near=nearest(name, table.fields))
                elif field is not None and name == many.by and field.to != entity.id:
                    words = {"field": f"{many.from_}.{name}", "entity": entity.id, "many": many.id}
                    yield Issue("entity.points_elsewhere", many.span, words, other=field.span)


def smallest_groups_are_groups(pack: Pack) -> Iterator[Issue]:
    for category in pack.categories.values():
        if category.smallest_group < 1:
            yield Issue("category.smallest_group", category.span, {"category": category.id})


def categories_have_a_steward(pack: Pack) -> Iterator[Issue]:
    for category in pack.categories.values():
        yield from unless_known("category.unknown_steward", category.steward, pack.roles, category=category.id)


def categories_have_fields(pack: Pack) -> Iterator[Issue]:
    used = {field.category for _, field in _fields(pack)}
    for category in pack.categories.values():
        if category.id not in used:
            yield Issue("category.no_fields", category.span, {"name": category.id})


def _fields(pack: Pack) -> Iterator[tuple[Entity, Field]]:
    for entity in pack.entities.values():
        for field in entity.fields.values():
            yield entity, field
