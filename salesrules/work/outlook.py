"""A record to where it stands and where it may go: its stage, what is to be done and signed there, and every way on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from salesrules.access.snapshot import Principal
from salesrules.expr.sql import literal
from salesrules.meaning.reads import reads_of
from salesrules.pack.stages import Process, Stage, Task
from salesrules.run.decided import Asked, decide
from salesrules.run.knowable import KNOWING, known_on
from salesrules.work.asker import Asker
from salesrules.work.clock.times import Times
from salesrules.work.gates import Standing, approval_id
from salesrules.work.moves import known_standings
from salesrules.work.passage import Passage
from salesrules.work.passages import ADVANCE, missing_approvals, passage, reachable
from salesrules.work.record import may
from salesrules.work.signing import APPROVE, can_sign
from salesrules.work.standing_in import lent_signatures
from salesrules.work.unmet import with_terms

Signed = Literal["given", "missing", "changed"]


@dataclass(frozen=True, slots=True)
class TaskHere:
    """A task of the stage that a record is in: whose it is, until when it is due in UTC, and whether it is done.

    `yours` says whether the asker may report it.
    """

    id: str
    person: str | None
    until: datetime | None
    done: bool
    required: bool
    yours: bool


@dataclass(frozen=True, slots=True)
class ApprovalHere:
    """An approval that a record needs in its stage, how it stands with it, and whether the asker can give it."""

    id: str
    signed: Signed
    yours: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where a record stands in one of its processes, since when in UTC, and each way on with all that is in the way.

    `waits` is the stage that was proposed and that the table does not show yet. Whether conditions hold is for those
    who may advance or sign: nobody else is told of tasks that are not their own, of approvals and of ways.
    """

    process: str
    stage: str | None
    since: datetime | None
    waits: str | None
    advances: bool
    tasks: tuple[TaskHere, ...]
    approvals: tuple[ApprovalHere, ...]
    ways: tuple[Passage, ...]


def outlook(asker: Asker, entity: str, key: str, times: Times) -> Iterator[Outlook]:
    """How a record stands in each process that it goes through, where the person may know its stage.

    Raises: QuestionError for an entity that is not followed; AccessDenied for a record that is not there or may not be
        known.
    """
    may(asker, "read", entity, key)
    for process in asker.snapshot.program.pack.processes.values():
        if process.entity != entity:
            continue
        (at,) = known_standings(asker, process, [key], [ADVANCE, APPROVE])
        lending = lent_signatures(asker, (entity, key))
        lent = frozenset(each.approval for _, each in lending if each.process == process.id)
        found = _outlook(asker, process, at, times, lent)
        if at.rights[ADVANCE] or found.tasks or lent or (at.stage is not None and _tells(asker, process, at)):
            yield found


def _tells(asker: Asker, process: Process, at: Standing) -> bool:
    """Whether somebody may know in which stage a record is: who signs has to, all others read it."""
    entity, field = process.entity, asker.states.watched[process.entity].stages[process.id]
    category = asker.snapshot.program.pack.entities[entity].fields[field].category
    asked = (Asked(asker.principal, asker.principal, action, entity, at.key, (category,)) for action in KNOWING)
    return at.rights[APPROVE] or any(
        one.allowed for each in asked for one in decide(asker.states.engine, asker.snapshot, each)
    )


def _outlook(asker: Asker, process: Process, at: Standing, times: Times, lent: frozenset[str]) -> Outlook:
    advances, watched = at.rights[ADVANCE], asker.states.watched[process.entity]
    stage = next((each for each in process.stages if each.id == at.stage), None)
    since, people, signs = _facts(asker, process, stage, at.key)
    proposed = watched.stages[process.id] in watched.in_table
    ways = (passage(process, at, to, proposed) for to in _ahead(process, at)) if advances else ()
    return Outlook(
        process.id,
        at.stage,
        since,
        at.waits,
        advances,
        tuple(_tasks(stage, at, people, since, times, asker.principal)) if stage is not None else (),
        tuple(_approvals(stage, at, signs, lent)) if stage is not None else (),
        tuple(with_terms(asker, process, each) for each in ways),
    )


def _facts(
    asker: Asker, process: Process, stage: Stage | None, key: str
) -> tuple[datetime | None, list[Any], list[bool]]:
    """Since when a record is in its stage, whose its tasks are, and which approvals the person's posts can give.

    Whose a task is stays untold where the person does not read all that it is worked out from, and it is not theirs.
    """
    field = asker.states.watched[process.entity].stages[process.id]
    query, trees = asker.query(process.entity), asker.snapshot.program.meanings
    tasks = stage.tasks if stage is not None else ()
    columns = [query.state(f"{field} at")]
    for tree in (trees.conditions[task.by] for task in tasks):
        of, reads = query.expression(tree), reads_of(asker.snapshot.program.pack, process.entity, tree)
        own = f"CAST({of} AS VARCHAR) = {literal(asker.principal.oneself)}"
        columns.append(f"CASE WHEN {known_on(query, reads)} OR {own} THEN {of} END")
    columns += can_sign(asker, query, process, stage) if stage is not None else []
    sql = f"SELECT {', '.join(columns)} FROM {query.source} WHERE {query.column(())} = $key"
    ((since, *rest),) = asker.states.engine.rows(sql, {**query.values, "key": key})
    return since, rest[: len(tasks)], rest[len(tasks) :]


def _ahead(process: Process, at: Standing) -> list[str]:
    """The stages that may follow, in the order of the process; a record that is nowhere begins at the beginning."""
    if at.stage is None:
        return [process.stages[0].id]
    found = reachable(process, at.stage, at.holds)
    return [stage.id for stage in process.stages if stage.id in found]


def _tasks(
    stage: Stage, at: Standing, people: list[Any], since: datetime | None, times: Times, principal: Principal
) -> Iterator[TaskHere]:
    for task, person in zip(stage.tasks, people, strict=True):
        own = person is not None and person == principal.oneself
        if (own or at.rights[ADVANCE]) and _wanted(task, at):
            until = times.later(since, task.due) if since is not None else None
            yield TaskHere(task.id, person, until, task.id in at.done, task.required, True)


def _wanted(task: Task, at: Standing) -> bool:
    """Whether a task is for this record; in doubt it is."""
    return task.when is None or at.holds[task.when] is not False


def _approvals(stage: Stage, at: Standing, signs: list[bool], lent: frozenset[str]) -> Iterator[ApprovalHere]:
    """The approvals of a stage; `lent` are those that the person can give in the place of somebody else."""
    missing = {unmet.id: unmet.what for unmet in missing_approvals(stage, at)}
    for nth, can in enumerate(signs):
        id = approval_id(stage, nth)
        yours = (can and at.rights[APPROVE]) or id in lent
        if not (at.rights[ADVANCE] or at.rights[APPROVE] or yours):
            continue
        if id in missing:
            yield ApprovalHere(id, "changed" if missing[id] == "changed" else "missing", yours)
        elif id in (at.signed or {}):
            yield ApprovalHere(id, "given", False)
