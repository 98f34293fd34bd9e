"""Rows beside records that were left out, where something opens without them, to Issues."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from salesrules.compile import Program
from salesrules.engines.engine import Engine
from salesrules.expr.sql import literal, quoted
from salesrules.expr.typed import Apply, Related, Typed, nodes, parts
from salesrules.issue import Issue, Span, Term
from salesrules.sources.notes.reads import REJECTED
from salesrules.sources.raw.cell_places import cell_places

_KEPT = ("reject.dangling", "reject.emptied")  # what is noted of rows that are there all the same


def rows_that_close(program: Program, engine: Engine, root: Path) -> Iterator[Issue]:
    """Each row that cannot be read of a table of which a missing row opens something, with its place.

    A row that is missing makes `some` false and `count` smaller: under a deny, a `not` or a comparison that opens.
    Which record it was about is often the very thing that cannot be read, so none could be closed instead.
    Args: root: the folder that the places of files start from.
    """
    for table, place in leaning(program).items():
        wrong = f"entity = {literal(table)} AND reason NOT IN ({', '.join(map(literal, _KEPT))})"
        noted = engine.rows(f"SELECT place, field, reason FROM {quoted(REJECTED)} WHERE {wrong} ORDER BY 1, 2, 3")
        spans = cell_places(engine, table, [(at, field) for at, field, _ in noted], root)
        for (_, field, reason), span in zip(noted, spans, strict=True):
            cause = Term(f"cause.{reason.partition('.')[2]}")
            yield Issue(
                "source.row_that_closes", span, {"table": table, "field": field, "cause": cause, "place": str(place)}
            )


def leaning(program: Program) -> dict[str, Span]:
    """The tables of which a missing row would open something, each with a place that says so."""
    found: dict[str, Span] = {}
    for grant in program.pack.grants:
        tree = program.meanings.slices.get((grant.slice, grant.object))
        for table in _opened(tree, grant.effect == "deny") if tree is not None else ():
            found.setdefault(table, grant.span)
    for entity, tree in program.meanings.active.items():
        for table in _opened(tree, False):
            found.setdefault(table, program.pack.entities[entity].span)
    for each in program.meanings.computed:
        for tree in each.conditions:  # an earlier line that does not match leaves a record to a later one
            for table in (node.entity for node in nodes(tree) if isinstance(node, Related)):
                found.setdefault(table, each.field.span)
    return found


def _opened(tree: Typed, closes: bool) -> Iterator[str]:
    """The tables of which a missing row could make a condition true, or with `closes` no longer true."""
    ahead = [(tree, closes)]
    while ahead:
        node, less = ahead.pop()
        if isinstance(node, Related) and node.function == "some":
            inner = [part for part in nodes(node.where) if isinstance(part, Related)]
            yield from (node.entity,) if less else ()
            yield from (part.entity for part in inner)
        elif isinstance(node, Apply) and node.operator in ("and", "or", "not"):
            ahead.extend((part, less is not (node.operator == "not")) for part in parts(node))
        else:
            yield from (part.entity for part in nodes(node) if isinstance(part, Related))
