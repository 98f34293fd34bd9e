"""assignment.yaml: who gets the work, from pools, by rules, and when people leave or clash."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.label import Label
from salesrules.pack.pick import Pick
from salesrules.pack.pools import Pool
from salesrules.pack.values import NOTHING, Duration, Percent
from salesrules.pack.word import Word

_OWNER = Word("owner")


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Less work for people who are new.

    Keys:
      since: the day on which a person began
      first: for how long from that day on a person is new
      at: which share of the limits, and of the weight in a round robin, counts in that time
    """

    span: Span
    since: Expression
    first: Duration
    at: Percent


@dataclass(frozen=True, slots=True)
class Limits:
    """How much work a person can get.

    Keys:
      open: how many records at a time
      per_day: how many new ones a day
      newcomers: what counts of both for people who are new
    """

    open: Expression | None = None
    per_day: Expression | None = None
    newcomers: Newcomers | None = None


@dataclass(frozen=True, slots=True)
class Fairness:
    """How unequal the outcome may be.

    Keys:
      measure: the busiest over the idlest, or the Gini coefficient
      of: what is compared
      value: what each record counts for; without it each counts one
      by: the class of a record; how each class is spread is told by itself
      at_most: the limit
      window: over which past time
      stops: what an outcome beyond the limit stops: the run itself, or only the draft, as a dry run tells of it
    """

    span: Span
    measure: Literal["max_to_min", "gini"]
    of: Literal["load", "assigned"]
    at_most: Decimal
    window: Duration
    stops: Literal["draft", "run"] = "draft"
    value: Expression | None = None
    by: Expression | None = None


@dataclass(frozen=True, slots=True)
class AssignmentRule:
    """One line of an assignment; the first whose condition holds decides.

    Keys:
      when: for which records; without it for all
      candidates: who can get the record, beside what the assignment asks of everyone
      pick: how one of them is chosen
      turn: what counts as a turn: what this rule gave, any rule of the assignment to its team, any in the organisation
      from: the first day on which it holds; without it it always did
      to: the first day on which it holds no more; without it it always will
    """

    id: str
    span: Span
    pick: Pick
    when: Expression | None = None
    candidates: Expression | None = None
    turn: Literal["rule", "team", "organisation"] = "rule"
    from_: date | None = None
    to: date | None = None


@dataclass(frozen=True, slots=True)
class Otherwise:
    """Where records go that no rule takes.

    Keys:
      pool: the pool
    """

    pool: Word


@dataclass(frozen=True, slots=True)
class Assignment:
    """How records of an entity get their owner.

    Keys:
      label: what people call it
      entity: whose records are assigned
      when: which of them; without it all
      candidates: who can get any of them
      limits: how much one person can get
      fairness: how unequal the outcome may be
      sets: the field that says who has a record
      order_by: which records come first; the first expression decides, the next break ties
      rules: read in order, first match
      otherwise: where the rest goes
    """

    id: str
    span: Span
    entity: Word
    rules: tuple[AssignmentRule, ...]
    otherwise: Otherwise
    label: Label | None = None
    when: Expression | None = None
    candidates: Expression | None = None
    limits: Limits = Limits()
    fairness: Fairness | None = None
    sets: Word = _OWNER
    order_by: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptCredit:
    """How the credit for later results is shared after a record changed hands.

    Keys:
      old: the share of the former owner
      new: the share of the new owner
      for: for how long
    """

    span: Span
    old: Percent = NOTHING
    new: Percent = NOTHING
    for_: Duration | None = None


@dataclass(frozen=True, slots=True)
class HandoverRule:
    """What happens with some of the records that a person holds; the first that matches a record decides.

    Keys:
      of: the entity of the records
      when: which of them; without it all that are left
      do: give to a person, put back into a pool, or lend for a while
      to: who gets them, as a path from the record; for delegate, who stands in, as a path from who has the record
      by: the assignment that finds who gets them
      pool: for recycle, the pool
      for: for delegate, how long; `leave.days` until the person is back
      credit: how later results are shared
      confirm: who has to agree, as paths from the record
      audit: the role that checks it afterwards
    """

    span: Span
    of: Word
    do: Literal["assign", "recycle", "delegate"]
    when: Expression | None = None
    to: Expression | None = None
    by: Word | None = None
    pool: Word | None = None
    for_: Expression | None = None
    credit: KeptCredit | None = None
    confirm: tuple[Expression, ...] = ()
    audit: Word | None = None


@dataclass(frozen=True, slots=True)
class Handover:
    """What happens with all that a person holds.

    Keys:
      label: what people call it
      when: the condition on the person
      rules: read in order, first match for each record
      approvals: who gives approvals that wait for the person, as a path from the person; without it the manager
    """

    id: str
    span: Span
    when: Expression
    rules: tuple[HandoverRule, ...]
    label: Label | None = None
    approvals: Expression | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """When two people claim the same; the entry is named by the entity.

    Keys:
      same_when: what two records share when they are the same; any one is enough
      first: the date that decides who was first
      valid_for: for how long a claim stands
      judge: the role that decides in doubt
      rule_of: whether the rule in force on the day of the event decides, or that of today
    """

    id: str
    span: Span
    same_when: tuple[Expression, ...]
    first: Expression
    judge: Word
    valid_for: Duration | None = None
    rule_of: Literal["event_date", "today"] = "event_date"


@dataclass(frozen=True, slots=True)
class AssignmentFile:
    """Who gets the work.

    Keys:
      pools: work that waits, by id
      assignments: how records get their owner, by id
      handovers: what happens with what a person holds, by id
      conflicts: who wins when two claim the same, by entity
    """

    pools: dict[str, Pool] = field(default_factory=dict)
    assignments: dict[str, Assignment] = field(default_factory=dict)
    handovers: dict[str, Handover] = field(default_factory=dict)
    conflicts: dict[str, Conflict] = field(default_factory=dict)
