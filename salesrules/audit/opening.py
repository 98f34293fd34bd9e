"""The grants of a role to what they open of one category: all of it, the rows of some slices, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from salesrules.compile import Program
from salesrules.expr.typed import Constant
from salesrules.pack.policies import Grant

How = Literal["none", "partly", "full"]
_RANK: tuple[How, ...] = ("none", "partly", "full")


@dataclass(frozen=True, slots=True)
class Opening:
    """How much is open, through which slices, and which slices are taken out again."""

    how: How
    slices: tuple[str, ...] = ()
    but_not: tuple[str, ...] = ()


def opening(program: Program, role: str, day: date, entity: str, action: str, category: str) -> Opening:
    """What a role opens on a day; reading gives aggregating, and what is exported is read.

    `full` is said of slices that are true whatever the row; that several slices together take all rows is not proved.
    """
    own = _own(program, role, day, entity, action, category)
    if action not in ("aggregate", "export"):
        return own
    read = _own(program, role, day, entity, "read", category)
    least, most = sorted((own, read), key=lambda found: _RANK.index(found.how))
    if action == "export":
        return least if least.how != "partly" or most.how == "full" else _both(own, read)
    return most if least.how == "none" else _either(own, read, most.how)


def _own(program: Program, role: str, day: date, entity: str, action: str, category: str) -> Opening:
    lines = list(_lines(program, role, day, entity, action, category))
    allows, denies = ([line for line in lines if line.effect == effect] for effect in ("allow", "deny"))
    slices, but_not = (tuple(dict.fromkeys(line.slice for line in said)) for said in (allows, denies))
    if not allows:
        return Opening("none")
    always = any(_always(program, line) for line in allows)
    return Opening("full" if always and not denies else "partly", slices, but_not)


def _lines(program: Program, role: str, day: date, entity: str, action: str, category: str) -> Iterator[Grant]:
    for grant in program.grants:
        about = (grant.object, grant.action) == (entity, action) and grant.category in ("*", category)
        if about and grant.role in program.roles[role] and grant.on(day):
            yield grant


def _always(program: Program, line: Grant) -> bool:
    condition = program.meanings.slices[line.slice, line.object]
    return isinstance(condition, Constant) and condition.value is True


def _both(own: Opening, read: Opening) -> Opening:
    """What two openings of some rows have in common: the slices of the one within the other, else those of its own."""
    within = read.slices if {*read.slices} < {*own.slices} else own.slices
    return Opening("partly", within, tuple(dict.fromkeys((*own.but_not, *read.but_not))))


def _either(one: Opening, other: Opening, how: How) -> Opening:
    slices, but_not = ((*one.slices, *other.slices), (*one.but_not, *other.but_not))
    return Opening(how, tuple(dict.fromkeys(slices)), tuple(dict.fromkeys(but_not)))
