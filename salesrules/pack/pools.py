"""The pools of assignment.yaml: work that waits, who may claim it, and when it comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.label import Label
from salesrules.pack.values import Duration
from salesrules.pack.word import Word


@dataclass(frozen=True, slots=True)
class BeforeClaim:
    """What is kept from people until they claim a record, whatever their grants say.

    Keys:
      hide: the categories of fields
      except: the roles that are not kept from it, such as who runs the pool or who serves the customer
    """

    hide: tuple[Word, ...]
    except_: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """How much a person may take out of the pool.

    Keys:
      per_day: how many a day; a number, or a value table
      hold_max: how many at a time
      cooldown: how long before a former owner may claim the same record again
      not_counted: which records do not count against hold_max
    """

    per_day: Expression | None = None
    hold_max: Expression | None = None
    cooldown: Duration | None = None
    not_counted: Expression | None = None


@dataclass(frozen=True, slots=True)
class Recycle:
    """When an owned record comes back into the pool by itself.

    Keys:
      when: which records; without it all
      idle: after how long without follow-up; a duration, or a value table
      on: the day on which it comes back
      remind: how long before that the owner is told
      escalate: how long before that the owner's manager is told
      to: the pool it comes back to, if not this one
    """

    span: Span
    when: Expression | None = None
    idle: Expression | None = None
    on: Expression | None = None
    remind: Duration | None = None
    escalate: Duration | None = None
    to: Word | None = None


@dataclass(frozen=True, slots=True)
class Protect:
    """How long a record stays with its owner whatever the recycling rules say.

    Keys:
      for: how long
      since: from which fact on
    """

    for_: Duration
    since: Literal["claim", "assign"] = "claim"


@dataclass(frozen=True, slots=True)
class Pool:
    """Records without an owner.

    Keys:
      label: what people call it
      entity: whose records wait in it
      per: the dimension and level that split it, as region/province; without it there is one for all
      members: who may look in and claim
      manager: the role that runs it
      before_claim: what is kept from people until they claim
      view_max: how many records a person may look at in a day
      delay: how long a new record waits before it can be claimed
      claim: how much a person may take
      recycle: when records come back by themselves
      protect: how long a record stays with its owner whatever happens
    """

    id: str
    span: Span
    label: Label
    entity: Word
    per: Word | None = None
    members: Expression | None = None
    manager: Word | None = None
    before_claim: BeforeClaim | None = None
    view_max: Expression | None = None
    delay: Duration | None = None
    claim: Claim = Claim()
    recycle: tuple[Recycle, ...] = ()
    protect: Protect | None = None
