"""Calls about what happened to people and records to meaning: leave, working hours, past owners, handovers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from salesrules.expr.kinds import BOOLEAN, DATE, Kind
from salesrules.expr.names import PERSON
from salesrules.expr.reading import Reading
from salesrules.expr.syntax import Call
from salesrules.expr.typed import Lookup, Typed
from salesrules.issue import Term

_PERSON = Kind("ref", PERSON)
_RECORD = Kind("ref")


@dataclass(frozen=True, slots=True)
class Happening:
    """A table that the product keeps, as a function: what it takes, what it gives, and which root it needs.

    A reference without an entity is one to any record. `place` is the word for where that root is.
    """

    table: str
    takes: tuple[Kind, ...]
    gives: Kind
    root: str = ""
    place: str = ""


HAPPENINGS: Mapping[str, Happening] = {
    "on_leave": Happening("leave", (_PERSON, DATE), BOOLEAN),
    "working_now": Happening("working now", (_PERSON,), BOOLEAN, "candidate", "place.candidate"),
    "owner_at": Happening("owner at", (_RECORD, DATE), _PERSON, "handover", "place.credit"),
    "handover": Happening("handover", (_RECORD,), BOOLEAN, "handover", "place.credit"),
}


def happening(reading: Reading, node: Call) -> Typed:
    """`on_leave(candidate, today())` and its kin.

    Raises: Wrong where the place does not know the answer, and for operands of other kinds.
    """
    row = HAPPENINGS[node.function]
    if row.root and row.root not in reading.scope.roots:
        raise reading.fail("expr.function_elsewhere", node, name=node.function, place=Term(row.place))
    reading.takes(node, len(row.takes))
    args = reading.trees(node.arguments)
    for operand, tree, kind in zip(node.arguments, args, row.takes, strict=True):
        if tree.kind != kind and (kind.of or tree.kind.name != kind.name):
            wanted = kind.term if kind != _RECORD else Term("place.record")
            words = {"name": node.function, "wanted": wanted, "found": tree.kind.term}
            raise reading.fail("expr.wrong_argument", operand, **words)
    return Lookup(row.gives, row.table, tuple(args))
