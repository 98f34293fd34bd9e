"""A pack and its bindings to what the log follows of each entity, and whether table or log is right about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from salesrules.meaning import PERSON
from salesrules.pack.entities import Entity
from salesrules.pack.pack import Pack
from salesrules.sources.bindings import Settings

OWNER, POOL = "owner", "pool"
_NO_COLUMN = "-"


@dataclass(frozen=True, slots=True)
class Watched:
    """What the log follows of the records of an entity: owner, pool, and a field for each process, by name.

    `in_table` are those of which the table is right: there a change of ours is a proposal until the table shows it.
    `stages` has the field of each process.
    """

    entity: str
    fields: tuple[str, ...]
    in_table: tuple[str, ...]
    stages: Mapping[str, str]

    @property
    def in_log(self) -> tuple[str, ...]:
        """Those of which the log is right."""
        return tuple(name for name in self.fields if name not in self.in_table)


def watched(pack: Pack, settings: Settings) -> dict[str, Watched]:
    """What is followed, by entity: of all whose records move by the rules of the pack."""
    moved = {str(process.entity) for process in pack.processes.values()}
    moved |= {str(pool.entity) for pool in pack.pools.values()} | {str(one.entity) for one in pack.assignments.values()}
    moved |= {str(rule.of) for handover in pack.handovers.values() for rule in handover.rules} | {*pack.conflicts}
    return {entity.id: _of(pack, settings, entity) for entity in pack.entities.values() if entity.id in moved}


def _of(pack: Pack, settings: Settings, entity: Entity) -> Watched:
    stages = {str(field.process): field.id for field in entity.fields.values() if field.type == "stage"}
    owned = OWNER in entity.fields and entity.fields[OWNER].to == PERSON
    fields = tuple(dict.fromkeys((*((OWNER,) if owned else ()), POOL, *stages.values())))
    binding = settings.for_entity(entity.id, pack.about.pack)
    masters = dict(binding.master) if binding is not None else {}
    unbound = {name for name, column in binding.columns.items() if column == _NO_COLUMN} if binding is not None else ()
    known = (name for name in fields if name in entity.fields and name not in unbound)
    return Watched(entity.id, fields, tuple(name for name in known if masters.get(name, "table") == "table"), stages)
