"""Facts about the shares of credits, which need to know where an expression leads."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.expr.kinds import Kind
from salesrules.expr.typed import leaves
from salesrules.issue import Issue
from salesrules.meaning import PERSON, Meanings
from salesrules.pack.pack import Pack

_HANDOVER = "handover"  # it knows who it is between


def shares_have_a_person(pack: Pack, meanings: Meanings) -> Iterator[Issue]:
    """A split leads to rows beside the record that name a person each, or nobody would get the share."""
    for credit in pack.credits.values():
        for rule in credit.rules:
            tree = meanings.conditions.get(rule.split)
            for leaf in leaves(tree) if tree is not None else ():
                table = leaf.part.removeprefix("each ") if leaf.part.startswith("each ") else ""
                kinds = meanings.vocabulary.fields.get(table, {}).values()
                if leaf.root != _HANDOVER and Kind("ref", PERSON) not in kinds:
                    code = "credit.split_no_person" if table else "credit.split_no_rows"
                    words = {"name": credit.id, "rows": ".".join(leaf.path[:-1])}
                    yield Issue(code, rule.split.span, words)
