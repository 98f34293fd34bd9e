"""A pack's own tests to how much they notice: each grant left out, given on all rows, or turned round."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from salesrules.access.snapshot import Snapshot
from salesrules.compile import Program
from salesrules.expr.kinds import Kind
from salesrules.expr.typed import Constant
from salesrules.pack.policies import Grant
from salesrules.pack.tests import CanCase, KpiCase, ReadCase
from salesrules.packtest.cases import failures
from salesrules.packtest.decisions import touched
from salesrules.packtest.outcome import AccessCase, Change, Mutant, OpenTest
from salesrules.workspace import Workspace

_EVERYTHING = Constant(Kind("boolean"), True)


def mutants(
    opened: Sequence[OpenTest], grants: Sequence[Grant], tell: Callable[[int, int], None]
) -> tuple[Mutant, ...]:
    """Every change to every grant, with whether some expectation fails under it; the rows stay as they were read.

    Args: tell: is told how many grants of how many are done.
    """
    found = []
    for number, grant in enumerate(grants):
        tell(number, len(grants))
        found += [Mutant(grant, change, _noticed(opened, grant, change)) for change in _changes(opened, grant)]
    tell(len(grants), len(grants))
    return tuple(found)


def _changes(opened: Sequence[OpenTest], grant: Grant) -> Iterator[Change]:
    """The changes that make another grant; one that is given on all rows already cannot be widened."""
    yield "dropped"
    if any(
        test.workspace.snapshot.program.meanings.slices[grant.slice, grant.object] != _EVERYTHING for test in opened
    ):
        yield "widened"
    yield "flipped"


def _noticed(opened: Sequence[OpenTest], grant: Grant, change: Change) -> bool:
    for test in opened:
        cases = [case for case in test.test.access if _concerns(test, case, grant)]
        if not cases:
            continue
        snapshot = test.workspace.snapshot
        changed = Snapshot(_changed(snapshot.program, grant, change), snapshot.organisation)
        mutant = replace(test, workspace=Workspace(changed, test.workspace.engine))
        if any(failures(mutant, case) for case in cases):
            return True
    return False


def _concerns(opened: OpenTest, case: AccessCase, grant: Grant) -> bool:
    """Whether a grant can play a part in an expectation: the person has its role, the question is about its object."""
    program = opened.workspace.snapshot.program
    posts = opened.workspace.snapshot.organisation.posts.get(case.as_, ())
    if not any(grant.role in program.roles[post.role] for post in posts):
        return False
    match case:
        case ReadCase():
            return grant.object == case.read
        case CanCase():
            return grant.object in case.records
        case KpiCase():
            return any(grant.object == read.entity for any_of in touched(opened, case)[1] for read in any_of)


def _changed(program: Program, grant: Grant, change: Change) -> Program:
    """The program with one line changed, and every other line as it was."""
    slices = program.meanings.slices
    new: tuple[Grant, ...] = ()
    match change:
        case "dropped":
            pass
        case "flipped":
            new = (replace(grant, effect="deny" if grant.effect == "allow" else "allow"),)
        case "widened":
            wide = f"{grant.slice} on all rows"  # the name of no slice: names are words
            new = (replace(grant, slice=wide),)
            slices = {**slices, (wide, grant.object): _EVERYTHING}
    lines = tuple(line for old in program.pack.grants for line in (new if old == grant else (old,)))
    return replace(program, pack=replace(program.pack, grants=lines), meanings=replace(program.meanings, slices=slices))
