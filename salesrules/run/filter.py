"""A filter that somebody typed to what it may not ask: it may read the records themselves and what they refer to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from salesrules.expr.kinds import INTEGER
from salesrules.expr.typed import Apply, Constant, Leaf, Lookup, Related, Typed, fold, nodes
from salesrules.issue import Issue, Span, Term, catalogue
from salesrules.meaning.reads import leads_to_records
from salesrules.pack.pack import Pack

_ANSWERED = ("row", "user", "today", "many")
_NOWHERE = {"lft": 2**62, "rgt": -1, "depth": 0}  # an interval that no place lies in


def beyond_a_filter(pack: Pack, tree: Typed, span: Span) -> list[Issue]:
    """One issue for each thing whose cells a filter could not keep closed, or that no filter can answer."""
    missing = [
        Issue("run.not_yet", span, {"what": what, "where": Term("run.in_filter")}) for what in _missing(pack, tree)
    ]
    about_user = any(isinstance(node, Leaf) and node.root == "user" and node.path for node in nodes(tree))
    return [*missing, Issue("ask.user_alone", span)] if about_user else missing


def _missing(pack: Pack, tree: Typed) -> Iterator[Term]:
    for node in nodes(tree):
        if isinstance(node, Leaf):
            if node.kind.name == "list":
                yield Term("run.what_list")
            elif node.root not in _ANSWERED and not node.root.startswith("member:"):
                yield _term(node.root)
        elif isinstance(node, Lookup):
            yield Term("run.what_table") if node.table in pack.tables else _term(node.table)
        elif isinstance(node, Related):
            if node.rows.root != "row":
                yield Term("run.what_beside_asker")
            elif leads_to_records(pack, node):
                yield Term("run.what_beside_records")


def _term(what: str) -> Term:
    code = f"run.what_{what}"
    return Term(code if code in catalogue() else "run.what_other")


def with_nobody_below(pack: Pack, tree: Typed, value_of: Callable[[Leaf], Any]) -> Typed:
    """The same filter, in which nothing lies below a record that does not exist.

    It would be null, while it is false below one that exists and is not seen: the two must not differ.
    """

    def placed(node: Typed, found: Sequence[Typed]) -> Typed:
        if isinstance(node, Leaf) and node.root.removeprefix("member:") in pack.entities and node.part in _NOWHERE:
            return node if value_of(node) is not None else Constant(INTEGER, _NOWHERE[node.part])
        return replace(node, arguments=tuple(found)) if isinstance(node, Apply) else node

    return fold(tree, placed)
