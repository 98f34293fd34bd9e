"""The one fact about fairness that needs meanings: what a record counts for is an exact number."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.expr.kinds import EXACT, INTEGER
from salesrules.issue import Issue
from salesrules.meaning import Meanings
from salesrules.pack.pack import Pack


def records_count_for_a_number(pack: Pack, meanings: Meanings) -> Iterator[Issue]:
    """Amounts, percents, decimals and whole numbers can be summed up exactly; a quotient cannot."""
    for assignment in pack.assignments.values():
        value = assignment.fairness.value if assignment.fairness is not None else None
        tree = meanings.conditions.get(value) if value is not None else None
        if value is not None and tree is not None and tree.kind.name not in EXACT | {INTEGER.name}:
            yield Issue("assignment.not_a_number", value.span, {"found": tree.kind.term})
