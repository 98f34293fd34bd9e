"""The credits of kpis.yaml: who a result counts for, and in which shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.label import Label
from salesrules.pack.values import ALL, Percent
from salesrules.pack.word import Word


@dataclass(frozen=True, slots=True)
class CreditRule:
    """One line of a credit; the first that matches a row decides.

    Keys:
      split: the shares, as a path to a percent of rows beside the record
      when: for which rows; without it for all
      where: which of the rows beside the record count
      total: what the shares must total; `any` for credit on top of someone else's
    """

    span: Span
    split: Expression
    when: Expression | None = None
    where: Expression | None = None
    total: Literal["any"] | Percent = ALL


@dataclass(frozen=True, slots=True)
class AllTo:
    """One person gets it all.

    Keys:
      all: who, as a path from the row
    """

    all: Expression


@dataclass(frozen=True, slots=True)
class Credit:
    """Who a row counts for.

    Keys:
      label: what people call it
      of: the entity of the rows
      rules: read in order, first match
      otherwise: who gets what no rule takes; `none` for nobody
    """

    id: str
    span: Span
    of: Word
    otherwise: Literal["none"] | AllTo
    rules: tuple[CreditRule, ...] = ()
    label: Label | None = None
