"""entities.yaml: the tables that rules speak about, their fields, and the categories that group fields for access."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from salesrules.expr.kinds import Kind
from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.label import Label
from salesrules.pack.modules import Module
from salesrules.pack.quality import QualityRule
from salesrules.pack.word import Word

FieldType = Literal[
    "text",
    "integer",
    "decimal",
    "double",
    "money",
    "percent",
    "boolean",
    "date",
    "timestamp",
    "member",
    "stage",
    "ref",
    "list",
]


@dataclass(frozen=True, slots=True)
class Mask:
    """What is shown of a text to someone who sees the row but not the category; it still counts as hidden.

    Keys:
      keep_last: how many characters at the end stay readable; never more than half of the value
    """

    keep_last: int


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its type, and the category that decides who reads it.

    Keys:
      type: what the values are
      category: the group of fields it is granted with
      to: for a ref, the entity it leads to
      dimension: for a member, or a list of members, its dimension
      process: for a stage, its process
      of: for a list, the type of its items
      separator: for a list, the text between its items in a CSV file
      unit: what is counted, for people
      currency: for money in several currencies, the field that names the currency
      mask: what is shown where the category is not granted
      label: what people read instead of the id
    """

    id: str
    span: Span
    type: FieldType
    category: Word
    to: Word | None = None
    dimension: Word | None = None
    process: Word | None = None
    of: FieldType | None = None
    separator: str | None = None
    unit: str | None = None
    currency: Word | None = None
    mask: Literal["all"] | Mask | None = None
    label: Label | None = None

    def kind(self, currency: str) -> Kind:
        """The kind of its values, a list being of the kind of its items; money is in `currency`, that of the pack."""
        type_ = self.of if self.type == "list" and self.of else self.type
        of = {"ref": self.to, "member": self.dimension, "stage": self.process, "money": currency}.get(type_)
        kind = Kind(type_, str(of or ""))
        return Kind("list", str(kind)) if self.type == "list" else kind


@dataclass(frozen=True, slots=True)
class Many:
    """Several rows beside one record, such as the team of a customer.

    Keys:
      from: the table that holds the rows
      by: its column with the key of the record
      fields: its other columns; each is an entity, a dimension or a type such as percent
    """

    id: str
    span: Span
    from_: str
    by: str
    fields: dict[str, Word]


@dataclass(frozen=True, slots=True)
class History:
    """Fields whose changes are kept, so that a question about a past day has an answer.

    Keys:
      keep: the fields
      each: when the state is noted: at every load, or once a day
    """

    keep: tuple[Word, ...]
    each: Literal["load", "day"] = "load"


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of record.

    Keys:
      label: what people call such a record
      key: the field or fields that identify one
      fields: its columns
      active_when: which records count as active; of people, who can act
      many: rows beside the record that name it
      history: fields whose changes are kept
      derives: fields that follow from others, with their formula; a hidden one of these is reported
      quality: what its records should meet, by id
    """

    id: str
    span: Span
    label: Label
    key: tuple[Word, ...] = field(metadata={"least": 1})
    fields: dict[str, Field]
    active_when: Expression | None = None
    many: dict[str, Many] = field(default_factory=dict)
    history: History | None = None
    derives: dict[Word, Expression] = field(default_factory=dict)
    quality: dict[str, QualityRule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Category:
    """A group of fields that people are granted together.

    Keys:
      label: what people call it
      steward: the role that answers for the data
      smallest_group: groups of fewer rows are not shown as a total
    """

    id: str
    span: Span
    label: Label
    steward: Word
    smallest_group: int = 5


@dataclass(frozen=True, slots=True)
class EntitiesFile:
    """The data that the rules speak about.

    Keys:
      entities: by id
      categories: by id; every field is in exactly one
      modules: by id; parts of the work that are granted by name
    """

    entities: dict[str, Entity] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)
