"""What was done to records, or stands in the way of it, to sentences in a language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from salesrules.issue import say
from salesrules.meaning import PERSON
from salesrules.pack.entities import Field
from salesrules.pack.followed import POOL
from salesrules.pack.pack import Pack
from salesrules.pack.stages import Process
from salesrules.pack.values import Duration
from salesrules.phrases import Called, cell_text, credit_text, field_text, moment_text, role_text
from salesrules.reasons import Sentence, term_text
from salesrules.store import Event
from salesrules.work.clock.clocks import Clock
from salesrules.work.clock.due import Due
from salesrules.work.clock.times import Times
from salesrules.work.conflict.case import Case
from salesrules.work.daily import Day
from salesrules.work.history import Told
from salesrules.work.kinds import (
    APPROVAL,
    APPROVED,
    CREDIT_NEW,
    CREDIT_OLD,
    CREDIT_UNTIL,
    FIGURES,
    FOR,
    FROM,
    LEFT_BY,
    OUTCOME,
    PROCESS,
    SINCE,
    TASK,
    TASK_DONE,
)
from salesrules.work.kinds import PERSON as TO
from salesrules.work.notices.spoken import stage_of, task_of, task_text
from salesrules.work.outlook import Outlook
from salesrules.work.passage import Passage, Unmet
from salesrules.work.pool.change import Against, OwnerChange
from salesrules.work.pool.events import KINDS
from salesrules.work.reconcile import Proposal
from salesrules.work.signing import Signature
from salesrules.work.unmet import condition_of

_OUTCOMES = ("done", "not_done", "besides")


def passage_texts(pack: Pack, found: Passage, lang: str) -> list[Sentence]:
    """Whether a record went or may go, and below it each thing that stands in the way."""
    process = pack.processes[found.process]
    way = "moved" if found.done else "may_move" if not found.unmet else "may_not_move"
    start = stage_text(process, found.start, lang) if found.start is not None else say("work.nowhere", lang)
    words = {"key": found.key, "from": start, "to": stage_text(process, found.to, lang), "count": len(found.unmet)}
    texts = [Sentence(0, say(f"work.{way}", lang, **words))]
    if found.proposed and not found.unmet:
        texts.append(Sentence(1, say("work.proposed", lang)))
    for unmet in found.unmet:
        texts += _unmet(pack, process, found, unmet, lang)
    return texts


def _unmet(pack: Pack, process: Process, found: Passage, unmet: Unmet, lang: str) -> Iterator[Sentence]:
    words = {"stage": stage_text(process, found.to, lang), "process": process.label.in_(lang)}
    if unmet.what in ("exit", "enter", "skip", "no_way", "here", "waits"):
        words["stage"] = stage_text(process, unmet.id, lang)
    if unmet.what == "no_way" and found.start is not None:
        ways = [stage_text(process, stage, lang) for stage in stage_of(process, found.start).next or ()]
        words["ways"] = say("list.and", lang).join(ways) or say("work.no_ways", lang)
    elif unmet.what == "no_way":
        words["ways"] = stage_text(process, process.stages[0].id, lang)
    if unmet.what == "task" and found.start is not None:
        words["task"] = task_of(stage_of(process, found.start), unmet.id).label.in_(lang)
    if unmet.what in ("approval", "changed"):
        words["role"] = role_text(pack, unmet.id, lang)
    yield Sentence(1, say(f"unmet.{unmet.what}", lang, **words))
    condition = condition_of(process, unmet)
    if condition is not None:
        yield Sentence(2, say("unmet.condition", lang, text=condition.text, place=str(condition.span)))
        yield from (Sentence(3, term_text(term, lang)) for term in unmet.terms)


def playbook_texts(pack: Pack, found: Outlook, lang: str) -> Iterator[str]:
    """What a record's stage is for, and its playbook as Markdown."""
    process = pack.processes[found.process]
    words = {"process": process.label.in_(lang)}
    if found.stage is None:
        yield say("playbook.nowhere", lang, **words)
        return
    stage, words = stage_of(process, found.stage), {**words, "stage": stage_text(process, found.stage, lang)}
    text = pack.playbook(stage, lang)
    yield say("playbook.stage" if text is not None else "playbook.none", lang, **words)
    if stage.goal is not None:
        yield stage.goal.in_(lang)
    if text is not None:
        yield "\n" + text.strip()


def change_texts(pack: Pack, found: OwnerChange, zone: ZoneInfo, lang: str) -> list[Sentence]:
    """Whether a record changed hands or may, and below it each thing that is against it."""
    done = KINDS[found.do] if found.done else f"may_{found.do}" if not found.against else f"may_not_{found.do}"
    words = {"key": found.key, "person": found.to or "", "count": str(len(found.against))}
    words["pool"] = pack.pools[found.pool].label.in_(lang) if found.pool is not None else ""
    texts = [Sentence(0, say(f"hand.{done}", lang, **words))]
    if found.proposed and not found.against:
        texts.append(Sentence(1, say("work.proposed", lang)))
    person = found.to or ""
    return [*texts, *(Sentence(1, against_text(pack, each, person, zone, lang)) for each in found.against)]


def against_text(pack: Pack, found: Against, person: str, zone: ZoneInfo, lang: str) -> str:
    """One thing that keeps a record from a person."""
    words = {"person": person, "limit": str(found.limit), "value": str(found.value), "id": found.id}
    if found.what == "right":
        words["action"] = say(f"action.{found.id}", lang)
    if found.what == "not_manager":
        words["role"] = pack.roles[found.id].label.in_(lang)
    if found.what in ("cooldown", "delay"):
        at = found.until
        words["until"] = moment_text(at, zone) if at is not None else say("against.no_day", lang)
    return say(f"against.{found.what}", lang, **words)


def case_texts(pack: Pack, found: Case, lang: str) -> list[Sentence]:
    """A conflict, its sides, and whom the rule favours, for those who may know every side."""
    words = {"id": found.id, "entity": pack.entities[found.entity].label.in_(lang), "same": found.same}
    texts = [Sentence(0, say("conflict.case", lang, **words))]
    for party in found.parties:
        code = "no_day" if party.first is None else "first" if party.stands else "lapsed"
        first = say(f"conflict.{code}", lang, day=str(party.first))
        texts.append(Sentence(1, say("conflict.party", lang, person=party.person, key=party.key, first=first)))
    if found.hidden:
        return [*texts, Sentence(1, say("conflict.hidden", lang, count=str(found.hidden)))]
    code = "conflict.favours" if found.favoured is not None else "conflict.favours_nobody"
    return [*texts, Sentence(1, say(code, lang, person=found.favoured or ""))]


def proposal_text(pack: Pack, found: Proposal, zone: ZoneInfo, lang: str) -> str:
    """What was proposed, and what became of it."""
    field, empty = pack.entities[found.entity].fields[found.field], say("why.empty", lang)
    value, now = (field_text(pack, field, each, lang) or empty for each in (found.value, found.found))
    words = {"at": moment_text(found.at, zone), "key": found.key, "value": value}
    words |= {"entity": pack.entities[found.entity].label.in_(lang), "actor": found.actor}
    words["field"] = _name_of(pack, field, found.field, lang)
    words["outcome"] = say(f"outcome.{found.outcome}", lang, found=now)
    return say("reconcile.line", lang, **words)


def told_text(pack: Pack, told: Told, zone: ZoneInfo, lang: str, called: Called = str) -> str:
    """One event of the history of a record; `called` says what people are called."""
    event = told.event
    at = event.at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    parts = [*_fields(pack, told, lang, called), *_others(pack, told, lang, called)]
    words = {"at": at, "actor": called(event.actor), "what": say(f"fact.{event.kind}", lang)}
    code = "history.line" if parts else "history.bare"
    return say(code, lang, parts=say("list.and", lang).join(parts), **words)


def _fields(pack: Pack, told: Told, lang: str, called: Called) -> Iterator[str]:
    """What fields became."""
    fields = pack.entities[told.event.entity].fields
    for name, value in told.fields.items():
        field = fields.get(name)
        if value is None:
            shown = say("why.empty", lang)
        elif name == POOL and value in pack.pools:
            shown = pack.pools[str(value)].label.in_(lang)
        elif field is not None and field.to == PERSON and isinstance(value, str):
            shown = called(value)
        elif field is not None:
            shown = field_text(pack, field, value, lang)
        else:
            shown = cell_text(value, lang)
        yield say("why.value", lang, name=_name_of(pack, field, name, lang), value=shown)


def _name_of(pack: Pack, field: Field | None, name: str, lang: str) -> str:
    """What people call a field; the pool and the stage have names of their own where the pack gives them none."""
    label = pack.label_of(field) if field is not None else None
    if label is not None:
        return label.in_(lang)
    if name == POOL:
        return say("field.pool", lang)
    return say("field.stage", lang) if field is not None and field.type == "stage" else name


def _others(pack: Pack, told: Told, lang: str, called: Called) -> Iterator[str]:
    """What else an event says: where the record came from, the task, who signed in which role, a note."""
    said = {name: value for name, value in sorted(told.others.items(), key=_last) if value}
    process = pack.processes.get(said.get(PROCESS, ""))
    for name, value in said.items():
        if name == FROM and process is not None:
            yield say("history.from", lang, stage=stage_text(process, value, lang))
        elif name == TASK:
            tasks = (task for each in pack.processes.values() for stage in each.stages for task in stage.tasks)
            found = next((task for task in tasks if task.id == value), None)
            yield found.label.in_(lang) if found is not None else value
        elif name == APPROVAL:
            yield role_text(pack, value, lang)
        elif name == TO:
            yield called(value)
        elif name == CREDIT_OLD:
            yield credit_text(value, said[CREDIT_NEW], said.get(CREDIT_UNTIL), lang)
        elif name in (FOR, LEFT_BY):
            yield say("history.for" if name == FOR else "history.left_by", lang, person=called(value))
        elif name == OUTCOME:
            yield say(f"outcome.{value}", lang)
        elif name not in (PROCESS, SINCE, FIGURES, CREDIT_NEW, CREDIT_UNTIL):
            yield value


def _last(each: tuple[str, str | None]) -> int:
    """Whose place it is comes behind what it is."""
    return (FOR, LEFT_BY).index(each[0]) + 1 if each[0] in (FOR, LEFT_BY) else 0


def noted_text(pack: Pack, event: Event, lang: str) -> str:
    """What was just noted of a record."""
    words = {"entity": pack.entities[event.entity].label.in_(lang), "key": event.key}
    what = list(_others(pack, Told(event, {}, event.values), lang, str)) if event.kind in (TASK_DONE, APPROVED) else []
    fact = say(f"fact.{event.kind}", lang)
    return say("noted.of" if what else "noted.bare", lang, fact=fact, what=say("list.and", lang).join(what), **words)


def day_texts(pack: Pack, found: Day, clocks: Mapping[str, Clock], times: Times, lang: str) -> list[Sentence]:
    """What was planned for a person's day and done of it, and below it each task."""
    counts = {outcome: len([task for task in found.tasks if task.outcome == outcome]) for outcome in _OUTCOMES}
    planned = counts["done"] + counts["not_done"]
    texts = [Sentence(0, say("day.counts", lang, day=str(found.day), person=found.person, planned=planned, **counts))]
    for each in found.tasks:
        clock = clocks[each.clock]
        assert clock.stage is not None
        assert clock.task is not None
        words = {"task": task_text(task_of(clock.stage, clock.task), lang), "key": each.key}
        words |= {"entity": pack.entities[each.entity].label.in_(lang), "outcome": say(f"day.{each.outcome}", lang)}
        words["until"] = str(times.day(each.until)) if each.until is not None else "-"
        texts.append(Sentence(1, say("day.task", lang, **words)))
    return texts


def doing_text(pack: Pack, found: Due, lang: str) -> str:
    """What a person is to do about something that is due."""
    pool = pack.pools[found.pool].label.in_(lang) if found.pool is not None else ""
    if found.task is not None and found.stage is not None and found.process is not None:
        return task_text(task_of(stage_of(pack.processes[found.process], found.stage), found.task), lang)
    code = "goes_back" if found.do == "remind" and found.pool is not None else found.do
    return say(f"doing.{code}", lang, pool=pool)


def signature_texts(pack: Pack, found: Signature, lang: str) -> tuple[str, str]:
    """What a person is to sign, and why."""
    words = {"role": role_text(pack, found.approval, lang)}
    words["stage"] = stage_text(pack.processes[found.process], found.stage, lang)
    why = "clock.sign_again" if found.again else "clock.sign"
    return say("doing.sign", lang, **words), say(why, lang, **words)


def clock_text(pack: Pack, clock: Clock, lang: str) -> str:
    """Why something is due: how long since which fact, in which stage."""
    words = {"after": duration_text(clock.after, lang)} if clock.after is not None else {}
    if clock.before is not None:
        words["before"] = duration_text(clock.before, lang)
    if clock.stage is not None:
        words["stage"] = clock.stage.label.in_(lang)
    if clock.do == "task":
        return say("clock.task", lang, **words)
    code = "day" if clock.on is not None else "allowed" if clock.idle is not None else clock.since
    why = say(f"clock.{code}", lang, **words)
    if clock.before is not None:
        return say("clock.ahead", lang, why=why, **words)
    return say("clock.in_stage", lang, why=why, **words) if clock.stage is not None else why


def duration_text(found: Duration, lang: str) -> str:
    """A length of time."""
    return say(f"duration.{found.unit}", lang, count=found.count)


def stage_text(process: Process, id: str, lang: str) -> str:
    """What people call a stage."""
    return next((stage.label.in_(lang) for stage in process.stages if stage.id == id), id)
