"""Pack to Space: what is known of the values of an entity's records before any rule is read."""

from __future__ import annotations

from salesrules.expr.kinds import Vocabulary
from salesrules.expr.regions.space import Space, Tree
from salesrules.pack.pack import Pack


def space_of(pack: Pack, vocabulary: Vocabulary, entity: str) -> Space:
    """The space of the records of an entity; members that are read from a table are not known here."""
    trees = {
        dimension.id: Tree.of({member.id: member.parent for member in dimension.members})
        for dimension in pack.dimensions.values()
        if isinstance(dimension.members, tuple)
    }
    keys = {entity.id: entity.key[0] for entity in pack.entities.values() if len(entity.key) == 1}
    return Space(trees, entity, vocabulary.fields, keys, timezone=vocabulary.timezone)
