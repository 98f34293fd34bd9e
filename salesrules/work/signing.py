"""Posts to the approvals that they may give: of one record as a condition, of all that wait as Signatures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from salesrules.expr.kinds import BOOLEAN
from salesrules.expr.reading import Scope
from salesrules.expr.resolve import resolve
from salesrules.expr.sql import literal, quoted
from salesrules.expr.syntax import Expression
from salesrules.pack.stages import Approval, Process, Stage
from salesrules.run.projected import state_table
from salesrules.run.query import Query
from salesrules.work.asker import Asker
from salesrules.work.gates import approval_id, stage_of, standings
from salesrules.work.kinds import APPROVAL, FOR, PASSED, PERSON, PROCESS
from salesrules.work.passages import missing_approvals
from salesrules.work.state import EVENTS, value_of

APPROVE = "approve"
_POST = frozenset({"post"})


@dataclass(frozen=True, slots=True)
class Signature:
    """An approval that a record waits for, and since when it is in the stage that asks for it: UTC, None if unknown.

    `again` says that one was given for other figures than the record has now.
    """

    entity: str
    key: str
    process: str
    stage: str
    approval: str
    since: datetime | None
    again: bool


def signing(asker: Asker, query: Query, approval: Approval, entity: str) -> str:
    """Whether one of a person's posts gives the role that signs, where a record lies, as SQL; null counts as not."""
    held = [hat for hat in asker.principal.hats if approval.role in hat.roles]
    if approval.within is None or not held:
        return "true" if held else "false"
    meanings = asker.snapshot.program.meanings
    dimension = meanings.conditions[approval.within].kind.of
    written = Expression(f"within({approval.within.text}, post.{dimension})", approval.within.span)
    tree, _ = resolve(written, Scope(meanings.vocabulary, entity, _POST), BOOLEAN)
    assert tree is not None  # the member has a meaning, and posts are bound to members of its dimension
    return "(" + " OR ".join(f"({query.expression(tree, hat=hat)}) IS TRUE" for hat in held) + ")"


def passed_from(asker: Asker, query: Query, process: Process, stage: Stage, nth: int) -> str:
    """Who left an approval to a person since the record came into its stage, as SQL; null where nobody did."""
    field, id = asker.states.watched[process.entity].stages[process.id], approval_id(stage, nth)
    last = (
        f"SELECT e.key, arg_max({value_of(PERSON)}, e.seq) AS person, arg_max({value_of(FOR)}, e.seq) AS giver"
        f' FROM {EVENTS} AS e JOIN {state_table(process.entity)} AS s ON s."#key" = e.key'
        f" WHERE e.entity = {literal(process.entity)} AND e.kind = '{PASSED}'"
        f" AND {value_of(PROCESS)} = {literal(process.id)} AND {value_of(APPROVAL)} = {literal(id)}"
        f" AND e.seq > coalesce(s.{quoted(field + ' seq')}, 0) GROUP BY e.key"
    )
    mine = f"passed.key = {query.column(())} AND passed.person = {literal(asker.principal.id)}"
    return f"(SELECT passed.giver FROM ({last}) AS passed WHERE {mine})"


def can_sign(asker: Asker, query: Query, process: Process, stage: Stage) -> list[str]:
    """For each approval of a stage whether a person can give it, by a post or because it was left to them, as SQL."""
    found = [signing(asker, query, approval, process.entity) for approval in stage.approvals]
    if not _left_anything(asker):
        return found
    left = [passed_from(asker, query, process, stage, nth) for nth in range(len(found))]
    return [f"({own} OR {giver} IS NOT NULL)" for own, giver in zip(found, left, strict=True)]


def _left_anything(asker: Asker) -> bool:
    """Whether any approval was ever left to a person."""
    sql = f"SELECT 1 FROM {EVENTS} WHERE kind = '{PASSED}' AND {value_of(PERSON)} = $person LIMIT 1"
    return bool(asker.states.engine.rows(sql, {"person": asker.principal.id}))


def signatures(asker: Asker, of: tuple[str, str] | None = None) -> list[Signature]:
    """Every approval that waits for a person and that the person can give, the longest waiting first.

    Args: of: the entity and the key of the only record that it is asked about.
    """
    found, left = [], _left_anything(asker)
    for process in asker.snapshot.program.pack.processes.values():
        for stage in process.stages:
            mine = any(one.role in asker.principal.roles for one in stage.approvals)
            meant = process.entity in asker.states.watched and (of is None or of[0] == process.entity)
            if meant and stage.approvals and (mine or left):
                key = of[1] if of is not None else None
                found += list(_in_stage(asker, process, stage, key))
    unknown = datetime.max  # those of which nobody knows since when come last
    return sorted(found, key=lambda one: (one.since or unknown, one.entity, one.key, one.approval))


def _in_stage(asker: Asker, process: Process, stage: Stage, key: str | None) -> Iterator[Signature]:
    watched = asker.states.watched[process.entity]
    field = watched.stages[process.id]
    query = asker.query(process.entity)
    mine = can_sign(asker, query, process, stage)
    columns = ", ".join([query.column(()), query.state(f"{field} at"), *mine])
    where = f"{stage_of(query, watched, process)} = {literal(stage.id)} AND ({' OR '.join(mine)})"
    where += f" AND {query.allowed(APPROVE, (), process.entity, '*')}"
    where += f" AND {query.column(())} = {literal(key)}" if key is not None else ""
    rows = asker.states.engine.rows(f"SELECT {columns} FROM {query.source} WHERE {where}", query.values)
    asked = {at: (since, signs) for at, since, *signs in rows}
    for at in standings(asker, process, list(asked), []):
        since, signs = asked[at.key]
        missing = {unmet.id: unmet.what for unmet in missing_approvals(stage, at)}
        for nth, can in enumerate(signs):
            id = approval_id(stage, nth)
            if at.known and can and id in missing:
                again = missing[id] == "changed"
                yield Signature(process.entity, at.key, process.id, stage.id, id, since, again)
