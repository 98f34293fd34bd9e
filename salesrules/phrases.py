"""Answers to sentences and cells in a language: the words that the command line and the pages share."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from salesrules.access.snapshot import Principal
from salesrules.audit.opening import Opening
from salesrules.deputing import APPROVE, StandIn
from salesrules.issue import catalogue, say
from salesrules.pack.entities import Field
from salesrules.pack.pack import Pack
from salesrules.pack.policies import LENDABLE
from salesrules.run.answer import Answer, Mark
from salesrules.sources.org.members import EVERYTHING
from salesrules.sources.org.posts import Post
from salesrules.sources.rows.faults import Reject

Called = Callable[[str], str]
"""The id of a person to what those who ask call this person."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # a terminal would obey them


def cell_text(value: Any, lang: str) -> str:
    """One value for people: grouped money, marks in words, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, Mark):
        return say(f"cell.{value.value}", lang)
    if isinstance(value, bool):
        return say("cell.yes" if value else "cell.no", lang)
    if isinstance(value, Decimal):
        return f"{value:,}"
    return _CONTROL.sub(" ", str(value))


def figure_text(pack: Pack, kpi: str, value: Any, lang: str) -> str:
    """A figure in the unit of its KPI: percents with one decimal, quotients with two, all grouped."""
    if pack.kpis[kpi].unit == "percent" and isinstance(value, int | float | Decimal):
        return f"{value:.1%}"
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else cell_text(value, lang)


def answer_texts(pack: Pack, answer: Answer, lang: str) -> list[list[str]]:
    """Every cell of an answer as people read it, row by row: groups of a figure by their labels.

    In a list choices stand as they are written in a filter.
    """
    of_groups = any(name in pack.kpis for name in answer.columns)

    def text(name: str, value: Any) -> str:
        if name in pack.kpis:
            return figure_text(pack, name, value, lang)
        return value_text(pack, answer, name, value, lang) if of_groups else cell_text(value, lang)

    return [[text(*pair) for pair in zip(answer.columns, row, strict=True)] for row in answer.rows]


def column_text(pack: Pack, answer: Answer, name: str, lang: str) -> str:
    """The heading of a column of an answer."""
    if name in pack.kpis:
        return pack.kpis[name].label.in_(lang)
    if "." in name:
        return say("column.step", lang).join(_step_text(pack, *step, lang) for step in _steps(pack, answer, name))
    return _step_text(pack, answer.entity, name, lang)


def _steps(pack: Pack, answer: Answer, name: str) -> Iterator[tuple[str, str]]:
    """The fields along a column such as `customer.region`, each with the entity that it belongs to."""
    at = answer.entity
    for step in name.split("."):
        yield at, step
        field = pack.entities[at].fields.get(step)
        at = field.to if field is not None and field.to else at


def _step_text(pack: Pack, entity: str, name: str, lang: str) -> str:
    field = pack.entities[entity].fields.get(name)
    label = pack.label_of(field) if field is not None else None
    if label is not None:
        return label.in_(lang)
    return say("column.rows", lang) if name == "rows" else name


def value_text(pack: Pack, answer: Answer, name: str, value: Any, lang: str) -> str:
    """One value of a column for people: a choice or a stage by its label, if the pack gives it one."""
    *_, (entity, last) = _steps(pack, answer, name)
    field = pack.entities[entity].fields.get(last)
    return field_text(pack, field, value, lang) if field is not None else cell_text(value, lang)


def field_text(pack: Pack, field: Field, value: Any, lang: str) -> str:
    """One value of a field for people."""
    if field.dimension and isinstance(value, str):
        return member_text(pack, field.dimension, value, lang)
    if field.process and isinstance(value, str):
        return stage_text(pack, field.process, value, lang)
    return cell_text(value, lang)


def stage_text(pack: Pack, process: str, id: str, lang: str) -> str:
    """A stage of a process by its label, or by its id if the pack does not know it."""
    found = next((stage for stage in pack.processes[process].stages if stage.id == id), None)
    return found.label.in_(lang) if found is not None else id


def member_text(pack: Pack, dimension: str, id: str, lang: str) -> str:
    """A choice of a dimension by its label, or by its id if the pack gives it no label."""
    members = pack.dimensions[dimension].members
    found = next((m for m in members if m.id == id), None) if isinstance(members, tuple) else None
    return found.label.in_(lang) if found is not None and found.label is not None else id


def measured_text(pack: Pack, kpi: str, value: Any, lang: str) -> str:
    """A figure with its unit; a percent has it already, and what is not shown has none."""
    text, unit = figure_text(pack, kpi, value, lang), pack.kpis[kpi].unit
    if unit == "percent" or not text or isinstance(value, Mark):
        return text
    code = f"unit.{unit}"
    return say(code, lang, count=text) if code in catalogue() else f"{text} {unit}"


def person_text(principal: Principal) -> str:
    """A person by name, or by id where the pack keeps no names."""
    return str(principal.row.get("name") or principal.id)


def day_text(day: date, today: date, lang: str) -> str | None:
    """What an answer about another day is about, and what of it is not; nothing to say about today."""
    return say("answer.of_day", lang, day=day.isoformat()) if day != today else None


def moment_text(at: datetime, zone: ZoneInfo) -> str:
    """A moment in UTC where the pack is."""
    return at.replace(tzinfo=UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def dated(day: date, today: date, lang: str) -> dict[str, str]:
    """The same for programs: the day and the sentence, nothing of today."""
    said = day_text(day, today, lang)
    return {"day": day.isoformat(), "note": said} if said is not None else {}


def stand_in_text(pack: Pack, one: StandIn, lang: str, called: Called = str) -> str:
    """Who stands in for whom, from when until when, and for what; or that it is over."""
    if one.until <= one.begins:
        return say("delegation.ended", lang, giver=called(one.giver), taker=called(one.taker))
    words = {"giver": called(one.giver), "taker": called(one.taker), "rule": one.rule}
    words |= {"begins": one.begins.isoformat(), "until": one.until.isoformat()}
    if one.actions == (APPROVE,):
        code = "delegation.line_of" if one.entities else "delegation.line"
    else:
        code = "delegation.acts_of" if one.entities else "delegation.acts"
    return say(code, lang, **_reach(pack, one.actions, one.entities, lang), **words)


def in_place_text(pack: Pack, lender: Principal, lang: str, called: Called = str) -> str:
    """In whose place an answer is given, and what is lent."""
    assert lender.lent is not None
    actions, entities = lender.lent.actions, lender.lent.entities
    code = "delegation.in_place_of" if entities else "delegation.in_place"
    return say(code, lang, giver=called(lender.id), **_reach(pack, actions, entities, lang))


def _reach(pack: Pack, actions: Collection[str], entities: Collection[str], lang: str) -> dict[str, str]:
    """The actions, and the entities of which a pack may have some no more."""
    labels = (pack.entities[each].label.in_(lang) if each in pack.entities else each for each in entities)
    said = (say(f"action.{each}", lang) for each in LENDABLE if each in actions)
    return {"actions": say("list.and", lang).join(said), "entities": say("list.and", lang).join(labels)}


def placed(principal: Principal) -> dict[str, str]:
    """What a file says beside its rows where it is made in the place of somebody else."""
    return {} if principal.lent is None else {"by": principal.lent.by, "in_place_of": principal.id}


def post_text(pack: Pack, post: Post, lang: str) -> str:
    """A post as its role, with what it is bound to."""
    role = pack.roles[post.role]
    scope = [
        member_text(pack, dimension, id, lang) if id != EVERYTHING else say("post.everywhere", lang)
        for dimension in role.scope
        if (id := post.scope.get(dimension)) is not None
    ]
    label = role.label.in_(lang)
    return say("post.bound", lang, role=label, scope=say("list.and", lang).join(scope)) if scope else label


def reason_line(pack: Pack, answer: Answer, lang: str) -> str:
    """How many records are shown, how much of them, and through which slices."""
    entity = pack.entities[answer.entity]
    label = entity.label.in_(lang)
    if answer.total == 0:
        return say("see.no_match" if answer.filtered else "see.nothing", lang, entity=label)
    everything = {field.category for field in entity.fields.values()}
    parts = []
    for shown, count in sorted(answer.visible.items(), key=lambda item: -len(item[0])):
        missing = [pack.categories[category].label.in_(lang) for category in sorted(everything - shown)]
        code = "see.without" if missing else "see.in_full"
        parts.append(say(code, lang, count=f"{count:,}", missing=say("list.and", lang).join(missing)))
    slices = say("list.and", lang).join(pack.slices[slice_].label.in_(lang) for slice_ in answer.slices)
    words = {"entity": label, "parts": say("list.and", lang).join(parts), "slices": slices}
    return say("see.matching" if answer.filtered else "see.reason", lang, total=f"{answer.total:,}", **words)


def uncompared_line(answer: Answer, lang: str) -> str:
    """How many of the records that are seen hide what the filter asks about."""
    return say("see.uncompared", lang, count=f"{answer.uncompared:,}")


def left_out_lines(answer: Answer, lang: str) -> list[str]:
    """What of the records that are seen may not leave in a file."""
    cells = sum(value is Mark.NOT_EXPORTED for row in answer.rows for value in row)
    counts = {"export.empty_cells": cells, "export.no_rows": answer.not_exported}
    return [say(code, lang, count=f"{count:,}") for code, count in counts.items() if count]


def opening_text(pack: Pack, found: Opening, lang: str) -> str:
    """How much a role opens: everything, nothing, or the rows of which slices, without those of others."""
    if found.how != "partly":
        return say(f"matrix.{found.how}", lang)
    slices, but_not = (
        say("list.and", lang).join(pack.slices[id].label.in_(lang) for id in said)
        for said in (found.slices, found.but_not)
    )
    return say("matrix.but_not" if but_not else "matrix.partly", lang, slices=slices, but_not=but_not)


def reject_text(pack: Pack, found: Reject, lang: str) -> str:
    """What was left out of the data, where, how often, with an example; and where a text that nobody knows belongs."""
    words = {"entity": found.entity, "field": found.field, "rows": f"{found.rows:,}", "example": found.example}
    said, entity = say(found.reason, lang, **words), pack.entities.get(found.entity)
    field = entity.fields.get(found.field) if entity is not None else None
    if field is None or found.reason not in ("reject.unknown_stage", "reject.unknown_member"):
        return said
    of = pack.processes[field.process] if field.process else pack.dimensions[str(field.dimension)]
    mend = "stages" if field.process else "members"
    return say(f"reject.mend_{mend}", lang, said=said, name=of.id, place=str(of.span))


def role_text(pack: Pack, approval: str, lang: str) -> str:
    """The role that an approval is named after."""
    role, _, number = approval.partition(" ")
    return f"{pack.roles[role].label.in_(lang)} {number}".strip()


def credit_text(old: str, new: str, until: str | None, lang: str) -> str:
    """How the credit for later results is shared after a record changed hands; the shares are texts such as 0.3."""
    shares = {"old": f"{Decimal(old):.0%}", "new": f"{Decimal(new):.0%}"}
    return say("handover.credit_until" if until else "handover.credit_shared", lang, until=until or "", **shares)
