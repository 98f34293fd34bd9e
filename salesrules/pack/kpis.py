"""kpis.yaml: what is measured."""

from __future__ import annotations

from dataclasses import dataclass

from salesrules.expr.syntax import Expression
from salesrules.issue import Span
from salesrules.pack.label import Label


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure over the rows of an entity; `note` is its definition in words."""

    id: str
    span: Span
    label: Label
    of: str
    formula: Expression
    unit: str
    note: Label | None = None
    date: Expression | None = None


@dataclass(frozen=True, slots=True)
class KpisFile:
    """The sections of kpis.yaml."""

    kpis: dict[str, Kpi]
