"""A pack to the tables of rows beside its records, each read like an entity that has no key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from salesrules.expr.lex import tokens_of
from salesrules.pack.computed import is_computed
from salesrules.pack.entities import Entity, Field, Many
from salesrules.pack.pack import Pack
from salesrules.pack.word import Word


def tables_beside(pack: Pack) -> dict[str, Entity]:
    """The tables that `many` names and that are no entities themselves, by name.

    Their columns are of the category of the key of the record that they stand beside.
    """
    found: dict[str, Entity] = {}
    for entity in pack.entities.values():
        for many in entity.many.values():
            if many.from_ not in pack.entities:
                table = found.setdefault(many.from_, Entity(many.from_, many.span, entity.label, (), {}))
                table.fields.update(_fields(pack, entity, many))
    return found


def tables_of(pack: Pack) -> Mapping[str, Entity]:
    """Every table that a question can reach: entities, and rows beside them."""
    return {**pack.entities, **tables_beside(pack)}


def tables_read(pack: Pack) -> Mapping[str, Entity]:
    """The same tables with only the fields that have a column: those that are computed are not read."""

    def read(table: Entity) -> Entity:
        fields = {id: field for id, field in table.fields.items() if not is_computed(pack, table.id, field)}
        return replace(table, fields=fields)

    return {id: read(table) for id, table in tables_of(pack).items()}


def unread(pack: Pack) -> Mapping[str, frozenset[str]]:
    """Of each table of rows beside a record the columns that nothing names which decides on access.

    A name counts wherever it stands in a slice, in `active_when` or in a classification.
    """
    texts = [condition.text for slice_ in pack.slices.values() for condition in slice_.rows.values()]
    texts += [entity.active_when.text for entity in pack.entities.values() if entity.active_when is not None]
    rules = [dimension.classify.rules for dimension in pack.dimensions.values() if dimension.classify is not None]
    texts += [rule.when.text for each in rules for rule in each if rule.when is not None]
    named = {name.casefold() for text in texts for name in _names(text)}
    ties = {(many.from_, many.by) for entity in pack.entities.values() for many in entity.many.values()}
    return {
        id: frozenset(name for name in table.fields if name.casefold() not in named and (id, name) not in ties)
        for id, table in tables_beside(pack).items()
    }


def _names(text: str) -> set[str]:
    return {token.text for token in tokens_of(text) if token.kind in ("name", "label")}


def _fields(pack: Pack, entity: Entity, many: Many) -> dict[str, Field]:
    category = entity.fields[entity.key[0]].category
    named = {many.by: Word(entity.id), **many.fields}
    return {name: _field(pack, many, name, kind, category) for name, kind in named.items()}


def _field(pack: Pack, many: Many, name: str, kind: Word, category: Word) -> Field:
    """A column whose kind is an entity, a dimension, or a type."""
    if kind in pack.entities:
        return Field(name, many.span, "ref", category, to=kind)
    if kind in pack.dimensions:
        return Field(name, many.span, "member", category, dimension=kind)
    return Field(name, many.span, cast(Any, kind), category)
