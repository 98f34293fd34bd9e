"""What territories are worth: weighted factors of the members of a dimension."""

from __future__ import annotations

from dataclasses import dataclass

from salesrules.issue import Span
from salesrules.pack.label import Label
from salesrules.pack.values import Percent
from salesrules.pack.word import Word


@dataclass(frozen=True, slots=True)
class Factor:
    """An attribute of the members, under its name, and what it counts.

    Keys:
      label: what people call it
      weight: its share of the potential; the weights total 100%
      inverse: whether less of it is better, as of competitors
    """

    id: str
    span: Span
    label: Label
    weight: Percent
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class Potential:
    """How much of the market lies in each member, to be compared with the people who are there.

    Keys:
      of: the records that are counted beside it, such as customers
      factors: by the attribute of the members that each reads
      roles: the roles whose posts count; all that are scoped by the dimension if none are named
    """

    span: Span
    of: Word
    factors: dict[str, Factor]
    roles: tuple[Word, ...] = ()
