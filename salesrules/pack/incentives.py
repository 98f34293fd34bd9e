"""incentives.yaml: what is paid for what, and when figures are closed."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.label import Label
from salesrules.pack.values import Duration, Percent, PeriodLength, Quantity
from salesrules.pack.word import Word


@dataclass(frozen=True, slots=True)
class Tier:
    """One line of a pay table: what is paid from some attainment on.

    Keys:
      at_least: where the line begins; it ends where the next begins
      rate: the share that is paid, of the kpi or, beside `rate` of the incentive, of that rate
      amount: the fixed sum that is paid
    """

    span: Span
    at_least: Quantity
    rate: Percent | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """When the pay is paid out; the parts total 100 %.

    Keys:
      now: the part that is paid at once
      year_end: the part that is kept until the end of the year
      when: the condition for the kept part
    """

    span: Span
    now: Percent
    year_end: Percent
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Overdue:
    """Less pay for money that came late.

    Keys:
      after: how late
      factor: the share of the pay that is left
    """

    span: Span
    after: Duration
    factor: Percent


@dataclass(frozen=True, slots=True)
class Clawback:
    """Pay that is taken back.

    Keys:
      when: the fact
      take: the share that is taken back
      within: for how long after the pay
    """

    when: Expression
    take: Percent
    within: Duration


@dataclass(frozen=True, slots=True)
class Incentive:
    """What is paid to people in a role.

    Keys:
      label: what people call it
      for: the role
      kind: what it is
      period: over which time it is reckoned
      basis: the figure that the pay table is read with
      tiers: marginal pays each part at its own rate, cliff pays all at the rate reached
      pay: the pay table
      on_kpi: the kpi that a rate is a share of
      rate: the rate that the rates of the pay table are factors of; a value table
      credit: the credit that says whose results count
      each: the entity whose records are paid by the piece
      when: which records, or which people, it is for
      pay_each: the sum for each record
      top: for a contest, how many win
      cap: the most that is paid in a period
      falling: `meant` where a later rate is lower than an earlier one on purpose
      release: when it is paid out
      overdue: less pay for money that came late
      clawback: pay that is taken back
    """

    id: str
    span: Span
    for_: Word
    label: Label
    kind: Literal["commission", "bonus", "allowance", "deduction", "contest", "recognition", "promotion"] = "commission"
    period: PeriodLength | None = None
    basis: Expression | None = None
    tiers: Literal["marginal", "cliff"] | None = None
    pay: tuple[Tier, ...] = ()
    on_kpi: Word | None = None
    rate: Expression | None = None
    credit: Word | None = None
    each: Word | None = None
    when: Expression | None = None
    pay_each: Decimal | None = None
    top: int | None = None
    cap: Decimal | None = None
    falling: Literal["meant"] | None = None
    release: Release | None = None
    overdue: tuple[Overdue, ...] = ()
    clawback: Clawback | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """When figures stop moving.

    Keys:
      every: which periods are closed
      what: which figures
      due: how long after the end of the period
      by: the role that closes
      late: where facts go that come later
    """

    id: str
    span: Span
    every: PeriodLength
    what: tuple[Literal["kpi", "attainment", "pay"], ...]
    due: Duration
    by: Word
    late: Literal["next_period", "reopen"] = "next_period"


@dataclass(frozen=True, slots=True)
class IncentivesFile:
    """What is paid.

    Keys:
      incentives: by id
      closing: when figures stop moving, by id
    """

    incentives: dict[str, Incentive] = field(default_factory=dict)
    closing: dict[str, Closing] = field(default_factory=dict)
