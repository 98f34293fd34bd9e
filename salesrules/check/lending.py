"""The facts about handovers that need meanings: what is lent goes to one person, for a time in days."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.expr.typed import Constant, Leaf, Typed
from salesrules.issue import Issue
from salesrules.meaning import Meanings
from salesrules.meaning.assignments import held_by
from salesrules.pack.pack import Pack

_DAYS = ("d", "wd", "mo")


def handovers_lend_to_one_person(pack: Pack, meanings: Meanings) -> Iterator[Issue]:
    """Whoever stands in follows from who has the records and not from each record, and for how long from the day."""
    holds = held_by(pack)
    for rule in (rule for handover in pack.handovers.values() for rule in handover.rules if rule.do == "delegate"):
        sets = holds.get(str(rule.of), "owner")
        if rule.to is not None and not _leads_on(meanings.conditions.get(rule.to), sets):
            yield Issue("handover.lends_to_one", rule.to.span, {"to": rule.to.text, "sets": sets})
        if rule.for_ is not None and not _is_time(meanings.conditions.get(rule.for_)):
            yield Issue("handover.lends_for_days", rule.for_.span, {"time": rule.for_.text})


def _leads_on(tree: Typed | None, sets: str) -> bool:
    """Whether an expression is a path that goes on from who has the record; one without a meaning is told elsewhere."""
    if tree is None:
        return True
    return (
        isinstance(tree, Leaf)
        and (tree.root, tree.part, tree.path[:1]) == ("row", "value", (sets,))
        and len(tree.path) > 1
    )


def _is_time(tree: Typed | None) -> bool:
    match tree:
        case None:
            return True
        case Constant(kind=kind):
            return kind.of in _DAYS
        case Leaf(root="leave", path=("days",)):
            return True
    return False
