"""What a condition says: and, or, not over facts that speak of one field each, and terms that stay opaque."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from salesrules.expr.kinds import Kind
from salesrules.expr.regions.space import Place


@dataclass(frozen=True, slots=True)
class Known:
    """True, false or null whatever the record."""

    value: bool | None


@dataclass(frozen=True, slots=True)
class Fact:
    """`place operator value`, with operator = < <= in like null.

    `part` is lft or rgt when the place in a tree is compared; `value` is then a pair of member and part.
    """

    place: Place
    kind: Kind
    operator: str
    value: object = None
    part: str = "value"


@dataclass(frozen=True, slots=True)
class Opaque:
    """A term that is taken for a yes, no or null of its own: `text` says it, equal terms are one.

    It is null if any fact in `needs` is true (that a field is null), and with `plain` only then.
    """

    text: str
    nullable: bool = True
    needs: tuple[Fact, ...] = ()
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """What is true where `part` is false."""

    part: Logic


@dataclass(frozen=True, slots=True)
class Join:
    """`and` or `or` of its parts."""

    operator: str
    parts: tuple[Logic, ...]


Logic = Known | Fact | Opaque | Not | Join


def facts(logic: Logic) -> Iterator[Fact | Opaque]:
    """Every fact and opaque term of the logic, repeats included."""
    if isinstance(logic, Fact | Opaque):
        yield logic
    elif isinstance(logic, Not):
        yield from facts(logic.part)
    elif isinstance(logic, Join):
        for part in logic.parts:
            yield from facts(part)
