"""Records and a stage to what stands between them: every condition of the process asked of all records at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from salesrules.access.snapshot import Snapshot
from salesrules.expr.sql import literal, quoted
from salesrules.expr.syntax import Expression
from salesrules.pack.followed import OWNER
from salesrules.pack.stages import Approval, Process, Stage
from salesrules.run.knowable import KNOWING, shown_leaves
from salesrules.run.projected import state_table
from salesrules.run.query import Query
from salesrules.sources.org.stages import stage_meant
from salesrules.work.asker import Asker
from salesrules.work.kinds import APPROVAL, APPROVED, FIGURES, PROCESS, TASK, TASK_DONE
from salesrules.work.state import EVENTS, States, value_of
from salesrules.work.watched import Watched

PROPOSED_FOR = timedelta(days=1)
"""How long a proposal waits for the table to show it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a record stands in its process, and what each condition of it says; a condition is named by itself.

    `done` are the tasks done and `signed` the digests of what was signed by approval, since it came into the stage;
    `figures` are the digests of what each approval is about now. `waits` is the stage that was proposed and that the
    table does not show yet.
    """

    key: str
    stage: str | None
    owner: str | None
    known: bool
    rights: Mapping[str, bool]
    holds: Mapping[Expression, Any]
    figures: Mapping[str, str]
    waits: str | None = None
    done: frozenset[str] = frozenset()
    signed: Mapping[str, str] | None = None


def standings(asker: Asker, process: Process, keys: Sequence[str], rights: Sequence[str]) -> list[Standing]:
    """How these records stand, for somebody whose rights are in question, by key.

    One that is not there is left out.
    """
    watched = asker.states.watched[process.entity]
    query = asker.query(process.entity)
    conditions = list(conditions_of(process))
    trees = asker.snapshot.program.meanings.conditions
    columns = [
        query.column(()),
        *place_of(query, watched, process, asker.now),
        known_to(query, asker.snapshot, process.entity),
    ]
    columns += [query.allowed(right, (), process.entity, "*") for right in rights]
    columns += [query.expression(trees[condition]) for condition in conditions]
    approvals = [(stage, at) for stage in process.stages for at in range(len(stage.approvals))]
    columns += [_figures(query, asker.snapshot, stage.approvals[at]) for stage, at in approvals]
    named = ", ".join(f"{column} AS c{at}" for at, column in enumerate(columns))
    where = f"{query.column(())} IN (SELECT unnest($keys::VARCHAR[]))"
    sql = f"SELECT {named} FROM {query.source} WHERE {where} ORDER BY 1"
    facts = _facts(asker.states, watched, process, keys)
    found = []
    for key, stage, owner, waits, known, *cells in asker.states.engine.rows(sql, {**query.values, "keys": list(keys)}):
        may, cells = dict(zip(rights, cells, strict=False)), cells[len(rights) :]
        holds, figures = dict(zip(conditions, cells, strict=False)), cells[len(conditions) :]
        digests = {approval_id(s, at): _digest(figure) for (s, at), figure in zip(approvals, figures, strict=True)}
        done, signed = facts.get(key, (frozenset(), {}))
        found.append(Standing(key, stage, owner, known, may, holds, digests, waits, done, signed))
    return found


def conditions_of(process: Process) -> Iterator[Expression]:
    """Every condition of a process on its records, each once."""
    seen = dict.fromkeys([process.when])
    for stage in process.stages:
        seen |= dict.fromkeys([stage.enter_when, stage.exit_when, stage.skip_when])
        seen |= dict.fromkeys(task.when for task in stage.tasks)
        seen |= dict.fromkeys(approval.when for approval in stage.approvals)
    yield from (condition for condition in seen if condition is not None)


def place_of(query: Query, watched: Watched, process: Process, now: datetime) -> tuple[str, str, str]:
    """The stage and the owner of a record, from whichever is right about them, and the stage that is proposed."""
    field = watched.stages[process.id]
    stage, owner = stage_of(query, watched, process), right_about(query, watched, OWNER)
    if field not in watched.in_table:
        return stage, owner, "CAST(NULL AS VARCHAR)"
    return stage, owner, f"CASE WHEN {open_proposal(query, field, now)} THEN {query.state(f'{field} wanted')} END"


def open_proposal(query: Query, field: str, now: datetime) -> str:
    """Whether a field of which the table is right is to become something that the table does not show yet."""
    seen, wanted, at = (query.state(f"{field}{end}") for end in (" seq", " wanted seq", " wanted at"))
    return f"({wanted} > coalesce({seen}, 0) AND {at} > {literal(now - PROPOSED_FOR)})"


def right_about(query: Query, watched: Watched, name: str) -> str:
    if name not in watched.fields:
        return "CAST(NULL AS VARCHAR)"
    return f"CAST({query.column((name,))} AS VARCHAR)" if name in watched.in_table else query.state(name)


def stage_of(query: Query, watched: Watched, process: Process) -> str:
    """The stage of a record, from whichever is right about it; one that the pack has taken out counts as its alias."""
    field = watched.stages[process.id]
    text = right_about(query, watched, field)
    return text if field in watched.in_table else stage_meant(process.id, text)


def known_to(query: Query, snapshot: Snapshot, entity: str) -> str:
    """Whether the asker may know that the record is there."""
    categories = sorted({field.category for field in snapshot.program.pack.entities[entity].fields.values()})
    return " OR ".join(query.allowed(action, (), entity, each) for action in KNOWING for each in categories)


def approval_id(stage: Stage, at: int) -> str:
    """The name of an approval of a stage in the log: its role, and where there are several their place among these."""
    role = stage.approvals[at].role
    before = sum(one.role == role for one in stage.approvals[:at])
    return str(role) if not before else f"{role} {before + 1}"


def _figures(query: Query, snapshot: Snapshot, approval: Approval) -> str:
    """What an approval is about, as one text: the values that its condition reads."""
    if approval.when is None:
        return "''"
    leaves = shown_leaves(snapshot.program.meanings.conditions[approval.when])
    texts = [f"coalesce(CAST({query.column(leaf.path)} AS VARCHAR), '')" for leaf in leaves]
    return f"concat_ws(chr(31), {', '.join(texts)})" if texts else "''"


def _digest(text: str) -> str:
    """What tells figures apart without telling them: everybody who reads the history of a record sees it."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _facts(
    states: States, watched: Watched, process: Process, keys: Sequence[str]
) -> dict[str, tuple[frozenset[str], dict[str, str]]]:
    """For each record the tasks that were done, and what was signed, since it came into its stage."""
    field, state = watched.stages[process.id], state_table(process.entity)
    sql = (
        f"SELECT e.key, e.kind, {value_of(TASK)}, {value_of(APPROVAL)}, {value_of(FIGURES)} FROM {EVENTS} AS e"
        f' JOIN {state} AS s ON s."#key" = e.key WHERE e.entity = {literal(process.entity)}'
        f" AND e.kind IN ('{TASK_DONE}', '{APPROVED}') AND {value_of(PROCESS)} = {literal(process.id)}"
        f" AND e.seq > coalesce(s.{quoted(field + ' seq')}, 0)"
        " AND e.key IN (SELECT unnest($keys::VARCHAR[])) ORDER BY e.seq"
    )
    found: dict[str, tuple[frozenset[str], dict[str, str]]] = {}
    for key, kind, task, approval, figures in states.engine.rows(sql, {"keys": list(keys)}):
        done, signed = found.get(key, (frozenset(), {}))
        found[key] = (done | {task}, signed) if kind == TASK_DONE else (done, {**signed, approval: figures or ""})
    return found
