"""What a person reports of a record, a task done or a follow-up, to the event of it, if it is theirs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from salesrules.issue import AccessDenied, Issue, QuestionError, Several, Span, nearest
from salesrules.pack.stages import Process, Stage, Task
from salesrules.run.decided import Asked, categories_of, decide
from salesrules.run.query import Query
from salesrules.store import Event
from salesrules.work.asker import Asker
from salesrules.work.gates import Standing, standings
from salesrules.work.kinds import FOLLOWED_UP, NOTE, PROCESS, TASK, TASK_DONE
from salesrules.work.processes import process_of
from salesrules.work.state import States


def may(asker: Asker, action: str, entity: str, key: str) -> bool:
    """Whether the grants let a person do this to a record, or to any category of it.

    Raises: QuestionError for an entity that is not followed; AccessDenied for a record that is not there or may not be
        known.
    """
    if entity not in asker.states.watched:
        known = list(asker.states.watched)
        raise QuestionError([Issue("work.not_followed", Span(entity), {"entity": entity}, near=nearest(entity, known))])
    asked = Asked(
        asker.principal, asker.principal, action, entity, key, categories_of(asker.snapshot, entity, action, None)
    )
    return any(found.allowed for found in decide(asker.states.engine, asker.snapshot, asked))


def followed_up(asker: Asker, entity: str, key: str, note: str, release: str) -> list[Event]:
    """That somebody was in touch about a record: for those who may update any of it.

    Raises: as `may`, and AccessDenied for somebody who may not.
    """
    if not may(asker, "update", entity, key):
        raise refused("work.no_follow_up", entity, key)
    return [Event(asker.now, entity, key, FOLLOWED_UP, asker.principal.id, {NOTE: note} if note else {}, "", release)]


def task_done(asker: Asker, entity: str, key: str, task: str, release: str) -> list[Event]:
    """That a task of the stage is done: for those who may advance the record, and for the one whose task it is.

    Raises: as `may`; QuestionError if the stage has no such task, or it is done; AccessDenied for anybody else.
    """
    advances = may(asker, "advance", entity, key)
    known: list[str] = []
    for process, stage, at in stages_of(asker, entity, key):
        known += [each.id for each in stage.tasks]
        found = next((each for each in stage.tasks if task in (each.id, each.label.en, each.label.zh)), None)
        if found is None:
            continue
        if not advances and not _is_theirs(asker, found, entity, key):
            raise refused("work.not_your_task", entity, key)
        if found.id in at.done:
            raise QuestionError([Issue("work.done_already", Span(task), {"task": found.id, "key": key})])
        values = {PROCESS: process.id, TASK: found.id}
        rule = f"{process.id}.{stage.id}.{found.id}"
        return [Event(asker.now, entity, key, TASK_DONE, asker.principal.id, values, rule, release)]
    words = {"task": task, "key": key, "known": Several.of(known) if known else "-"}
    raise QuestionError([Issue("work.unknown_task", Span(task), words, near=nearest(task, known))])


def refused(code: str, entity: str, key: str, **words: str) -> AccessDenied:
    return AccessDenied([Issue(code, Span(entity), {"key": key, **words})])


def stages_of(asker: Asker, entity: str, key: str) -> Iterator[tuple[Process, Stage, Standing]]:
    """The stage that a record is in, in each process that it goes through."""
    for process in process_of(asker.snapshot.program.pack, entity):
        for at in standings(asker, process, [key], []):
            for stage in process.stages:
                if stage.id == at.stage:
                    yield process, stage, at


def _is_theirs(asker: Asker, task: Task, entity: str, key: str) -> bool:
    """Whether a task is a person's own."""
    query = asker.query(entity)
    whose = told(asker.states, query, query.expression(asker.snapshot.program.meanings.conditions[task.by]), key)
    return whose is not None and whose == asker.principal.oneself


def told(states: States, query: Query, sql: str, key: str) -> Any:
    """What an expression is on a record."""
    sql = f"SELECT {sql} FROM {query.source} WHERE {query.column(())} = $key"
    found: Sequence[Any] = states.engine.rows(sql, {**query.values, "key": key})
    return found[0][0]
