"""What of records that move by rules the log follows: who has them, their pool, and a stage for each process."""

from __future__ import annotations

from collections.abc import Sequence

from salesrules.pack.entities import Entity
from salesrules.pack.pack import Pack

OWNER, POOL = "owner", "pool"
_PERSON = "person"


def followed(pack: Pack) -> dict[str, tuple[str, ...]]:
    """The names that are followed, by entity; the pool is, whether a field has it or not."""
    moved = {str(process.entity) for process in pack.processes.values()}
    moved |= {str(pool.entity) for pool in pack.pools.values()} | {str(one.entity) for one in pack.assignments.values()}
    moved |= {str(rule.of) for handover in pack.handovers.values() for rule in handover.rules} | {*pack.conflicts}
    moved |= {str(rule.entity) for rule in pack.conduct.values()}
    sets = {(str(one.entity), str(one.sets)) for one in pack.assignments.values()}
    return {
        entity.id: _names(
            entity, [name for name, field in entity.fields.items() if field.to == _PERSON and (entity.id, name) in sets]
        )
        for entity in pack.entities.values()
        if entity.id in moved
    }


def owned(entity: Entity) -> bool:
    """Whether its records have an owner."""
    return OWNER in entity.fields and entity.fields[OWNER].to == _PERSON


def _names(entity: Entity, sets: Sequence[str]) -> tuple[str, ...]:
    """Args: sets: the fields that assignments set."""
    stages = (field.id for field in entity.fields.values() if field.type == "stage")
    return tuple(dict.fromkeys((*((OWNER,) if owned(entity) else ()), *sets, POOL, *stages)))
