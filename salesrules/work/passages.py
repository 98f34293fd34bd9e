"""Records as they stand and the stage that they are to come to: to Passages, each with all that stands in the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from salesrules.expr.syntax import Expression
from salesrules.pack.stages import Process, Stage
from salesrules.work.gates import Standing, approval_id
from salesrules.work.passage import Passage, Unmet

ADVANCE = "advance"


def passage(process: Process, at: Standing, to: str, proposed: bool) -> Passage:
    """Whether a record may go to a stage of its process, without the terms of what is not so.

    Args: proposed: whether it is the table that will say so.
    """
    unmet = tuple(_unmet(process, at, to))
    return Passage(process.entity, at.key, process.id, at.stage, to, unmet, proposed=proposed)


def _unmet(process: Process, at: Standing, to: str) -> Iterator[Unmet]:
    stages = {stage.id: stage for stage in process.stages}
    if not at.rights[ADVANCE]:  # whether conditions hold is for those who may
        yield Unmet("right", ADVANCE)
        return
    if not _holds(at, process.when):
        yield Unmet("elsewhere", process.id)
    if at.waits is not None:
        yield Unmet("waits", at.waits)
    if at.stage == to:
        yield Unmet("here", to)
        return
    if at.stage is not None and to not in reachable(process, at.stage, at.holds):
        yield Unmet("no_way", to)
    if at.stage is None and to != process.stages[0].id:  # a record that is nowhere begins at the beginning
        yield Unmet("no_way", to)
    if at.stage is not None and not stages[to].gives_up:
        yield from _before_leaving(stages[at.stage], at)
    if _skipped(stages[to], at.holds):
        yield Unmet("skip", to)
    if not _holds(at, stages[to].enter_when):
        yield Unmet("enter", to)


def _before_leaving(stage: Stage, at: Standing) -> Iterator[Unmet]:
    """The condition to leave, the tasks and the signatures of the stage that a record is in."""
    if not _holds(at, stage.exit_when):
        yield Unmet("exit", stage.id)
    for task in stage.tasks:
        # a condition that cannot be told for want of a value asks for the task, as for a signature below
        wanted = task.when is None or at.holds[task.when] is not False
        if task.required and wanted and task.id not in at.done:
            yield Unmet("task", task.id)
    yield from missing_approvals(stage, at)


def missing_approvals(stage: Stage, at: Standing) -> Iterator[Unmet]:
    """The signatures that a record still needs; one for other figures than it has now counts for nothing."""
    signed = at.signed or {}
    for nth, approval in enumerate(stage.approvals):
        id = approval_id(stage, nth)
        if approval.when is not None and at.holds[approval.when] is False:
            continue
        if id not in signed:
            yield Unmet("approval", id)
        elif signed[id] != at.figures[id]:
            yield Unmet("changed", id)


def reachable(process: Process, start: str, holds: Mapping[Expression, object]) -> set[str]:
    """The stages that may follow one: those that it leads to, and where such a one is passed over those behind it."""
    stages = {stage.id: stage for stage in process.stages}
    found: set[str] = set()
    ahead = [*(stages[start].next or ())]
    while ahead:
        stage = stages[ahead.pop()]
        if stage.id not in found:
            found.add(stage.id)
            if _skipped(stage, holds):
                ahead += stage.next or ()
    return found


def _skipped(stage: Stage, holds: Mapping[Expression, object]) -> bool:
    return stage.skip_when is not None and holds[stage.skip_when] is True


def _holds(at: Standing, condition: Expression | None) -> bool:
    """Whether a condition is true; where none is asked for it is, and null is not."""
    return condition is None or at.holds[condition] is True
