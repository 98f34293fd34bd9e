"""The whole pack in one noun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from salesrules.issue import Span
from salesrules.pack.dimensions import Dimension, Table
from salesrules.pack.entities import Category, Entity
from salesrules.pack.kpis import Kpi
from salesrules.pack.label import Label
from salesrules.pack.policies import Grant, Slice
from salesrules.pack.roles import Role


@dataclass(frozen=True, slots=True)
class PackFile:
    """pack.yaml: the name, version and conventions of a pack."""

    pack: str
    version: str
    label: Label
    currency: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything a pack says; `span` is its pack.yaml."""

    span: Span
    about: PackFile
    entities: Mapping[str, Entity]
    categories: Mapping[str, Category]
    dimensions: Mapping[str, Dimension]
    aliases: Mapping[str, Mapping[str, str]]
    roles: Mapping[str, Role]
    posts: Table | None
    slices: Mapping[str, Slice]
    grants: tuple[Grant, ...]
    kpis: Mapping[str, Kpi]

    def tree_of(self, entity: str) -> str | None:
        """The field by which rows of an entity point at their parent, if the entity is a tree."""
        fields = self.entities[entity].fields.values()
        return next((f.id for f in fields if f.type == "ref" and f.to == entity), None)
