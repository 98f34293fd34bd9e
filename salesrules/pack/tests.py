"""tests/*_test.yaml beside the rules: a small organisation, a few records, and what each person is to see of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from salesrules.issue import Span
from salesrules.pack.dimensions import Member, MemberTable
from salesrules.pack.rest import REST
from salesrules.pack.word import Word

Row = dict[Word, Word | None]
Record = dict[Word, Word | tuple[Row, ...] | None]
"""Fields by name, one that is left out being empty; rows beside the record stand in a list under the name of `many`."""


@dataclass(frozen=True, slots=True)
class GivenPost:
    """A post of the test; other keys are its scope.

    Keys:
      person: who holds it
      role: the role
      from: first day; without it, always
      to: first day on which it is no longer held
    """

    span: Span
    person: Word
    role: Word
    from_: date | None = None
    to: date | None = None
    scope: dict[Word, Word] = field(default_factory=dict, metadata=REST)


@dataclass(frozen=True, slots=True)
class GivenLeave:
    """Days on which somebody of the test is away.

    Keys:
      person: who
      from: first day
      to: first day back; without it, nobody knows yet
    """

    span: Span
    person: Word
    from_: date
    to: date | None = None


@dataclass(frozen=True, slots=True)
class GivenOrg:
    """The people of the test and their posts; other keys are dimensions whose members the pack reads from a file.

    Keys:
      person: by id
      posts: who is what, where
      leave: who is away when
    """

    person: dict[Word, Record] = field(default_factory=dict)
    posts: tuple[GivenPost, ...] = ()
    leave: tuple[GivenLeave, ...] = ()
    members: dict[Word, tuple[Member, ...] | MemberTable] = field(default_factory=dict, metadata=REST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One expectation.

    Keys:
      as: the person who asks
      at: the day it is asked on, where that is not `now`
      note: why it must be so, for people
    """

    span: Span
    as_: Word
    at: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCase(Case):
    """What a list shows.

    Keys:
      read: the entity
      sees: the keys of exactly the records that are listed
      cells: by record and field, such as c1.phone, what is shown there; null for an empty cell
      hidden: cells, such as c1.phone, that are hidden in a record that is listed
      refused: whether the person may not ask at all
    """

    read: Word
    sees: tuple[Word, ...] | None = None
    cells: dict[Word, Word | None] = field(default_factory=dict)
    hidden: tuple[Word, ...] = ()
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CanCase(Case):
    """What may be done to a record; the one other key is its entity, the value its key, or several.

    Keys:
      can: read, export, update, assign or any other action, or several
      field: one field; without it, anything of the record
      is: whether it may be done
    """

    can: tuple[Word, ...]
    field_: Word | None = None
    is_: bool = True
    records: dict[Word, tuple[Word, ...]] = field(default_factory=dict, metadata=REST)


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiCase(Case):
    """What a figure is.

    Keys:
      kpi: the KPI
      by: what it is grouped by
      is: the figure, or with `by` that of each group; too_few where it is withheld, none where there is no figure
      total: the figure of all groups together
      refused: whether the question is refused
    """

    kpi: Word
    by: tuple[Word, ...] = ()
    is_: Word | dict[Word, Word] | None = None
    total: Word | None = None
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignCase:
    """Who gets a record that comes in beside those of the test.

    Keys:
      given: the record, by its entity
      assign: the assignment
      at: the day it is assigned on, where that is not `now`
      to: who gets it
      pool: where it waits, if nobody gets it
      because: the rule that decides
      note: why it must be so, for people
    """

    span: Span
    given: dict[Word, Record]
    assign: Word
    at: date | None = None
    to: Word | None = None
    pool: Word | None = None
    because: Word | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class PackTest:
    """Expectations beside the rules.

    Keys:
      now: the day on which all of it happens
      org: people, posts, and members of dimensions
      records: by entity and key
      tables: rows of the value tables, by table
      access: what each person is to see
      assignment: who is to get which record
    """

    span: Span
    now: date
    org: GivenOrg
    access: tuple[CanCase | KpiCase | ReadCase, ...] = ()
    assignment: tuple[AssignCase, ...] = ()
    records: dict[Word, dict[Word, Record]] = field(default_factory=dict)
    tables: dict[Word, tuple[Row, ...]] = field(default_factory=dict)
