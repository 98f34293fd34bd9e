"""dimensions.yaml: how the organisation is split: trees of members, written here or read from a table."""

from __future__ import annotations

from dataclasses import dataclass, field

from salesrules.issue import Span
from salesrules.pack.label import Label


@dataclass(frozen=True, slots=True)
class Level:
    """A layer of a tree of members, the top one first."""

    id: str
    span: Span
    label: Label


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV table: `file` below the workspace, or in the folder of a named `source` of salesrules.toml."""

    span: Span
    file: str
    source: str | None = None
    columns: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemberTable(Table):
    """Members from a table of id, parent and labels, or from one with a column a level.

    With `levels` each row is a path from the top level down; `value` is the column by which records
    name the lowest member when that is not its id.
    """

    levels: dict[str, str] = field(default_factory=dict)
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One choice of a dimension; `names` are other texts that mean it in records."""

    id: str
    parent: str | None = None
    label: Label | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dimension:
    """A tree of members."""

    id: str
    span: Span
    label: Label
    members: tuple[Member, ...] | MemberTable
    levels: tuple[Level, ...] = ()


@dataclass(frozen=True, slots=True)
class DimensionsFile:
    """The sections of dimensions.yaml; `aliases` are other texts for members, by dimension."""

    dimensions: dict[str, Dimension]
    aliases: dict[str, dict[str, str]] = field(default_factory=dict)
