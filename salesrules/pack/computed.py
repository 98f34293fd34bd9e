"""A pack to its computed fields: those that no column holds, because a classification or a stage says what is there."""

from __future__ import annotations

from dataclasses import dataclass

from salesrules.pack.dimensions import Dimension
from salesrules.pack.entities import Field
from salesrules.pack.pack import Pack


@dataclass(frozen=True, slots=True)
class Way:
    """How the stage of a process reaches a record: the stage field, and by which reference its records name the record.

    Without a reference the record goes through the process itself.
    """

    stage: str
    reference: str | None = None

    def __str__(self) -> str:
        return self.reference or self.stage


def is_computed(pack: Pack, entity: str, field: Field) -> bool:
    """Whether a field of an entity is computed; if so it has no column."""
    dimension = dimension_of(pack, field)
    return dimension is not None and (is_classified(dimension, entity) or bool(ways_of(pack, dimension, entity)))


def dimension_of(pack: Pack, field: Field) -> Dimension | None:
    """The dimension of a field that holds one member, if the pack has it."""
    return pack.dimensions.get(field.dimension) if field.type == "member" and field.dimension else None


def is_classified(dimension: Dimension, entity: str) -> bool:
    """Whether the rules of a dimension read its member off records of an entity."""
    return dimension.classify is not None and dimension.classify.of == entity


def ways_of(pack: Pack, dimension: Dimension, entity: str) -> tuple[Way, ...]:
    """Every way from the stages that a derived dimension follows to a record; of a sound pack at most one."""
    process = pack.processes.get(dimension.derived.stage_of) if dimension.derived is not None else None
    through = pack.entities.get(process.entity) if process is not None else None
    if process is None or through is None:
        return ()
    fields = through.fields.values()
    stages = [field.id for field in fields if field.type == "stage" and field.process == process.id]
    references: list[str | None] = [None]
    if through.id != entity:
        references = [field.id for field in fields if field.type == "ref" and field.to == entity]
    return tuple(Way(stage, reference) for reference in references for stage in stages)
