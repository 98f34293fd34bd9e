"""A pack and its bindings to what the log follows of each entity, and whether table or log is right about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from salesrules.pack.entities import Entity
from salesrules.pack.followed import followed
from salesrules.pack.pack import Pack
from salesrules.sources.rows.logged import in_log
from salesrules.sources.settings.bindings import Settings


@dataclass(frozen=True, slots=True)
class Watched:
    """What the log follows of the records: who has one, its pool, and a field for each process, by name.

    `in_table` are those of which the table is right: there a change of ours is a proposal until the table shows it.
    `stages` has the field of each process.
    """

    entity: str
    fields: tuple[str, ...]
    in_table: tuple[str, ...]
    stages: Mapping[str, str]


def watched(pack: Pack, settings: Settings) -> dict[str, Watched]:
    """What is followed, by entity."""
    return {id: _of(pack, settings, pack.entities[id], names) for id, names in followed(pack).items()}


def _of(pack: Pack, settings: Settings, entity: Entity, names: tuple[str, ...]) -> Watched:
    binding = settings.for_entity(entity.id, pack.about.pack)
    logged = in_log(pack, entity, binding)
    in_table = tuple(name for name in names if name in entity.fields and name not in logged)
    stages = {str(field.process): field.id for field in entity.fields.values() if field.type == "stage"}
    return Watched(entity.id, names, in_table, stages)
