"""An expression with all that its place says about it."""

from __future__ import annotations

from dataclasses import dataclass

from salesrules.expr.kinds import Kind
from salesrules.expr.reading import Scope
from salesrules.expr.syntax import Expression


@dataclass(frozen=True, slots=True)
class Asked:
    """An expression, the names it may use, and the kind it must have; None where any will do."""

    expression: Expression
    scope: Scope
    kind: Kind | None
