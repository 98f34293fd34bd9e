"""Rules of quality: what the records of an entity should meet, and how many of them at least."""

from __future__ import annotations

from dataclasses import dataclass

from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.label import Label
from salesrules.pack.values import Percent
from salesrules.pack.word import Word


@dataclass(frozen=True, slots=True)
class QualityRule:
    """What each record should meet; a record of which that is not known, because a value is missing, does not.

    Keys:
      label: what people call it
      category: the group of fields it is about, whose steward answers for it
      at_least: the share of the records that is wanted
      filled: the fields that should have a value
      expect: the condition that a record should meet, instead of `filled`
      when: the records that it is asked of, all of them without it
    """

    id: str
    span: Span
    label: Label
    category: Word
    at_least: Percent
    filled: tuple[Word, ...] = ()
    expect: Expression | None = None
    when: Expression | None = None
