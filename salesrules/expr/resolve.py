"""Syntax to meaning: every name is looked up, every operator gets kinds that fit, or an issue says where not."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from salesrules.expr.calls import call
from salesrules.expr.fit import common, literal_as
from salesrules.expr.kinds import NUMBERS, TIMESTAMP, Kind
from salesrules.expr.names import named
from salesrules.expr.operations import operation
from salesrules.expr.parse import parse
from salesrules.expr.reading import Reading, Scope, Wrong
from salesrules.expr.syntax import Call, Expression, Literal, Name, Node
from salesrules.expr.typed import Constant, Typed
from salesrules.issue import Issue

__all__ = ["Scope", "resolve"]


def resolve(expression: Expression, scope: Scope, wanted: Kind | None = None) -> tuple[Typed | None, list[Issue]]:
    """The meaning of an expression in a scope, or None and every reason why it has none; warnings come with a meaning.

    Args: wanted: the kind that the place asks for; any number does where a number is wanted.
    """
    node, issues = parse(expression)
    if node is None:
        return None, issues
    reading = Reading(expression, scope, _tree)
    try:
        tree = _tree(reading, node)
        if wanted is not None and wanted.name in NUMBERS:
            tree = literal_as(reading, node, tree, wanted)
        if wanted is not None and tree.kind.name != wanted.name and common(wanted, tree.kind) in (None, tree.kind):
            raise reading.fail("expr.wrong_result", node, wanted=wanted.term, found=tree.kind.term)
    except Wrong:
        return None, reading.issues
    wrong = any(issue.severity == "error" for issue in reading.issues)
    return (None if wrong else tree), reading.issues


def _tree(reading: Reading, node: Node) -> Typed:
    if isinstance(node, Literal):
        return _constant(reading, node)
    if isinstance(node, Name):
        return named(reading, node)
    return call(reading, node) if isinstance(node, Call) else operation(reading, node)


def _constant(reading: Reading, node: Literal) -> Constant:
    """The value of a literal; a time of day is meant in the pack's time zone and kept in UTC, as records are."""
    if node.kind == "timestamp" and isinstance(node.value, datetime):
        local = node.value.replace(tzinfo=ZoneInfo(reading.scope.vocabulary.timezone))
        return Constant(TIMESTAMP, local.astimezone(UTC).replace(tzinfo=None))
    return Constant(Kind(node.kind, node.of), node.value)
