"""Facts about computed fields: each is computed in one way, and what a record is found by is written down."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.issue import Issue
from salesrules.pack.computed import dimension_of, is_classified, is_computed, ways_of
from salesrules.pack.pack import Pack


def dimensions_have_one_origin(pack: Pack) -> Iterator[Issue]:
    for dimension in pack.dimensions.values():
        if dimension.classify is not None and dimension.derived is not None:
            other = dimension.classify.span
            yield Issue("dimension.two_origins", dimension.derived.span, {"name": dimension.id}, other=other)


def computed_fields_have_one_way(pack: Pack) -> Iterator[Issue]:
    """What follows from stages is reached by one stage field, and by one reference where other records have it."""
    for entity in pack.entities.values():
        for field in entity.fields.values():
            dimension = dimension_of(pack, field)
            if dimension is None or is_classified(dimension, entity.id):
                continue
            ways = [str(way) for way in ways_of(pack, dimension, entity.id)]
            if len(ways) > 1 and dimension.derived is not None:
                through = str(pack.processes[dimension.derived.stage_of].entity)
                words = {"name": field.id, "first": ways[0], "second": ways[1], "entity": through}
                yield Issue("dimension.two_ways", field.span, words)


def keys_are_not_computed(pack: Pack) -> Iterator[Issue]:
    for entity in pack.entities.values():
        for name in entity.key:
            if name in entity.fields and is_computed(pack, entity.id, entity.fields[name]):
                yield Issue("dimension.computed_key", entity.fields[name].span, {"name": str(name)})
