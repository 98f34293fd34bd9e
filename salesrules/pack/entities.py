"""entities.yaml: the tables that rules speak about, their fields, and the categories that group fields for access."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from salesrules.expr.kinds import Kind
from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.label import Label

FieldType = Literal["text", "integer", "decimal", "money", "percent", "boolean", "date", "member", "ref"]


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its type, and the category that decides who reads it."""

    id: str
    span: Span
    type: FieldType
    category: str
    to: str | None = None
    dimension: str | None = None
    label: Label | None = None

    def kind(self, currency: str) -> Kind:
        """The kind of its values; money is in the currency of the pack."""
        of = {"ref": self.to, "member": self.dimension, "money": currency}.get(self.type)
        return Kind(self.type, of or "")


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of record; `key` names the field or fields that identify one."""

    id: str
    span: Span
    label: Label
    key: tuple[str, ...]
    fields: dict[str, Field]
    active_when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """A group of fields that people are granted together, with the role that answers for it."""

    id: str
    span: Span
    label: Label
    steward: str
    smallest_group: int = 5


@dataclass(frozen=True, slots=True)
class EntitiesFile:
    """The sections of entities.yaml."""

    entities: dict[str, Entity]
    categories: dict[str, Category]
