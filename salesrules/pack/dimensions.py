"""dimensions.yaml: how the organisation is split: trees of members, written here or read from a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.label import Label
from salesrules.pack.potential import Potential
from salesrules.pack.table import Table
from salesrules.pack.word import Word


@dataclass(frozen=True, slots=True)
class Level:
    """A layer of a tree of members, the top one first.

    Keys:
      label: what people call members of this layer
    """

    id: str
    span: Span
    label: Label


@dataclass(frozen=True, slots=True)
class MemberTable(Table):
    """Members from a table of id, parent and labels, or from one with a column a level.

    Keys:
      levels: the column of each level, top first; each row is then a path from the top down
      value: the column by which records name the lowest member when that is not its id
      labels: what people read instead of the ids of the table, by id
    """

    levels: dict[str, str] = field(default_factory=dict)
    value: str | None = None
    labels: dict[Word, Label] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Member:
    """One choice of a dimension.

    Keys:
      parent: the member above it
      label: what people read instead of the id
      names: other texts that mean it in records
      attributes: anything else known of it, such as its tier
      calendar: its working calendar, where it differs from that of its parent
      from: first day on which it is there
      to: first day on which it is no longer there
      becomes: the members that replace it from then on
    """

    id: str
    span: Span
    parent: Word | None = None
    label: Label | None = None
    names: tuple[str, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)
    calendar: Word | None = None
    from_: date | None = None
    to: date | None = None
    becomes: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassRule:
    """One line of a classification; the first that matches wins.

    Keys:
      is: the member
      when: the condition on the record; without it the line takes every record
    """

    span: Span
    is_: Word
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Classify:
    """A dimension that is read off a record by rules.

    Keys:
      of: the entity whose fields the rules speak about
      rules: read in order, first match
    """

    span: Span
    of: Word
    rules: tuple[ClassRule, ...]


@dataclass(frozen=True, slots=True)
class Derived:
    """A dimension that follows from the stage of a record.

    Keys:
      stage_of: the process whose stages name their `lifecycle`
      take: which record counts where there are several
    """

    span: Span
    stage_of: Word
    take: Literal["furthest", "newest", "open"] = "furthest"


@dataclass(frozen=True, slots=True)
class Dimension:
    """A way of splitting the organisation: a tree of members.

    Keys:
      label: what people call it
      members: nested ids, a list of members, or the table they are read from
      levels: the layers of the tree, top first
      ordered: whether the members have an order, the lowest first, so that < and > mean something
      classify: rules that read the member off a record
      derived: the process from whose stages the member follows
      rename: old ids and the members that they are called now
      potential: what the members are worth, for those who staff them
    """

    id: str
    span: Span
    label: Label
    members: tuple[Member, ...] | MemberTable
    levels: tuple[Level, ...] = ()
    ordered: bool = False
    classify: Classify | None = None
    derived: Derived | None = None
    rename: dict[str, Word] = field(default_factory=dict)
    potential: Potential | None = None


@dataclass(frozen=True, slots=True)
class DimensionsFile:
    """How the organisation is split.

    Keys:
      dimensions: by id
      aliases: by dimension or process, other texts in the data and the member or stage that each means
    """

    dimensions: dict[str, Dimension] = field(default_factory=dict)
    aliases: dict[str, dict[str, Word]] = field(default_factory=dict)
