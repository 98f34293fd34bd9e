"""changes/*.yaml: a reorganisation as one dated file: its steps, and what happens with what people hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.assignment import KeptCredit
from salesrules.pack.label import Label
from salesrules.pack.rest import REST
from salesrules.pack.table import Table
from salesrules.pack.values import Duration
from salesrules.pack.word import Word


@dataclass(frozen=True, slots=True)
class SplitMember:
    """One member becomes several; the one other key names the dimension, its value the member.

    Keys:
      into: the new members, each with those that move below it
    """

    span: Span
    into: dict[str, tuple[Word, ...]]
    members: dict[Word, Word] = field(default_factory=dict, metadata=REST)


@dataclass(frozen=True, slots=True)
class MergeMembers:
    """Several members become one; the one other key names the dimension, its value the members.

    Keys:
      into: the new member, or one of the old
    """

    span: Span
    into: str
    members: dict[Word, tuple[Word, ...]] = field(default_factory=dict, metadata=REST)


@dataclass(frozen=True, slots=True)
class PostEnds:
    """The post that ends as another begins; other keys are its scope.

    Keys:
      role: its role
    """

    role: Word
    scope: dict[Word, Word] = field(default_factory=dict, metadata=REST)


@dataclass(frozen=True, slots=True)
class PostChange:
    """A post that begins on the day of the change; other keys are its scope.

    Keys:
      person: the key of the person
      role: the role
      ends: the post that ends instead
    """

    span: Span
    person: str
    role: Word
    ends: PostEnds | None = None
    scope: dict[Word, Word] = field(default_factory=dict, metadata=REST)


@dataclass(frozen=True, slots=True)
class SplitStep:
    """A member is split.

    Keys:
      split: which, into what
    """

    split: SplitMember


@dataclass(frozen=True, slots=True)
class MergeStep:
    """Members are merged.

    Keys:
      merge: which, into what
    """

    merge: MergeMembers


@dataclass(frozen=True, slots=True)
class PostStep:
    """A person gets a post.

    Keys:
      post: who, and which
    """

    post: PostChange


@dataclass(frozen=True, slots=True)
class MoveStep:
    """Many people move at once.

    Keys:
      move: the table of person, to_region and to_manager
    """

    move: Table


Step = SplitStep | MergeStep | PostStep | MoveStep


@dataclass(frozen=True, slots=True)
class CarryRecords:
    """What happens with the records of an entity.

    Keys:
      go_with: the field that they follow, such as owner or region
      while: which of them; without it all
      except: which of them stay
      for: for how long
      credit: how later results are shared
    """

    go_with: Word
    while_: Expression | None = None
    except_: Expression | None = None
    for_: Duration | None = None
    credit: KeptCredit | None = None


@dataclass(frozen=True, slots=True)
class CarryTargets:
    """What happens with targets.

    Keys:
      by: `days` splits each target at the day of the change
      keep_sum: whether the total stays what it was
    """

    by: Literal["days"]
    keep_sum: bool = True


@dataclass(frozen=True, slots=True)
class Carry:
    """What moves along; nothing moves that is not named. Other keys are entities.

    Keys:
      target: what happens with targets
      tables: the value tables that must get rows for the new members
    """

    target: CarryTargets | None = None
    tables: tuple[Word, ...] = ()
    records: dict[Word, CarryRecords] = field(default_factory=dict, metadata=REST)


@dataclass(frozen=True, slots=True)
class Change:
    """A reorganisation that is planned, approved, dated and undone as one.

    Keys:
      change: its name
      label: what people call it
      effective: the first day on which it holds
      reason: why, for people
      steps: what happens, in order
      carry: what moves along
    """

    span: Span
    change: str
    label: Label
    effective: date
    reason: str
    steps: tuple[Step, ...]
    carry: Carry = Carry()
