"""Answers to sentences and cells in a language: the words that the command line and the pages share."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from salesrules.access.why import Reason
from salesrules.issue import say
from salesrules.pack.pack import Pack
from salesrules.run.answer import Answer, Mark
from salesrules.sources.tables import Reject


def cell_text(value: Any, lang: str) -> str:
    """One value for people: grouped money, marks in words, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, Mark):
        return say(f"cell.{value.value}", lang)
    if isinstance(value, Decimal):
        return f"{value:,}"
    return str(value)


def figure_text(pack: Pack, kpi: str, value: Any, lang: str) -> str:
    """A figure in the unit of its KPI: percents with one decimal, money grouped."""
    if pack.kpis[kpi].unit == "percent" and isinstance(value, int | float | Decimal):
        return f"{value:.1%}"
    return f"{value:,}" if isinstance(value, int | float) else cell_text(value, lang)


def answer_texts(pack: Pack, answer: Answer, lang: str) -> list[list[str]]:
    """Every cell of an answer as people read it, row by row."""
    return [
        [
            figure_text(pack, name, value, lang) if name in pack.kpis else cell_text(value, lang)
            for name, value in zip(answer.columns, row, strict=True)
        ]
        for row in answer.rows
    ]


def column_text(pack: Pack, answer: Answer, name: str, lang: str) -> str:
    """The heading of a column of an answer."""
    if name in pack.kpis:
        return pack.kpis[name].label.in_(lang)
    field = pack.entities[answer.entity].fields.get(name)
    if field is not None and field.label is not None:
        return field.label.in_(lang)
    if field is not None and field.dimension:
        return pack.dimensions[field.dimension].label.in_(lang)
    return say("column.rows", lang) if name == "rows" else name


def reason_line(pack: Pack, answer: Answer, lang: str) -> str:
    """How many records are shown, how much of them, and through which slices."""
    entity = pack.entities[answer.entity]
    label = entity.label.in_(lang)
    if answer.total == 0:
        return say("see.nothing", lang, entity=label)
    everything = {field.category for field in entity.fields.values()}
    parts = []
    for shown, count in sorted(answer.visible.items(), key=lambda item: -len(item[0])):
        missing = [pack.categories[category].label.in_(lang) for category in sorted(everything - shown)]
        code = "see.without" if missing else "see.in_full"
        parts.append(say(code, lang, count=f"{count:,}", missing=say("list.and", lang).join(missing)))
    slices = say("list.and", lang).join(pack.slices[slice_].label.in_(lang) for slice_ in answer.slices)
    words = {"entity": label, "parts": say("list.and", lang).join(parts), "slices": slices}
    return say("see.reason", lang, total=f"{answer.total:,}", **words)


def reason_texts(pack: Pack, found: Reason, lang: str) -> list[str]:
    """The sentences of one reason: the decision first, then each line with what its slice says here."""
    category = (
        say("why.any_category", lang) if found.category == "*" else pack.categories[found.category].label.in_(lang)
    )
    words = {"action": say(f"action.{found.action}", lang), "category": category}
    entity = pack.entities[found.entity].label.in_(lang)
    texts = [say("why.yes" if found.allowed else "why.no", lang, entity=entity, key=found.key, **words)]
    for line, holds in found.lines:
        slice_, role = pack.slices[line.grant.slice], pack.roles[line.grant.role]
        state = say({True: "why.true", False: "why.false", None: "why.null"}[holds], lang)
        line_words = {"role": role.label.in_(lang), "slice": slice_.label.in_(lang), "place": str(line.grant.span)}
        texts.append(say(f"why.{line.grant.effect}", lang, state=state, **line_words))
    if not found.lines:
        texts.append(say("why.no_line", lang))
    return texts


def reject_text(found: Reject, lang: str) -> str:
    """What was left out of the data, where, how often, with an example."""
    words = {"entity": found.entity, "field": found.field, "rows": f"{found.rows:,}", "example": found.example}
    return say(found.reason, lang, **words)
