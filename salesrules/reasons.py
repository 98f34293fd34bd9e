"""Decisions and their explanations to sentences in a language: the words of why on the command line and the pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from salesrules.access.why import Reason
from salesrules.issue import say
from salesrules.meaning.computed import Staged
from salesrules.pack.pack import Pack
from salesrules.pack.policies import ROW_ACTIONS, Grant
from salesrules.phrases import cell_text, member_text
from salesrules.run.answer import Mark
from salesrules.run.explanation import Explanation, Holds, LineHere, TermHere
from salesrules.run.origin import Origin


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of an explanation, and how deep it stands below the decision."""

    depth: int
    text: str


def reason_texts(pack: Pack, found: Reason, lang: str) -> list[str]:
    """A decision with full rights: the sentence first, then each line with what its slice says here."""
    texts = [_decision(pack, found, lang)]
    texts += [_grant(pack, line.grant, holds, lang) for line, holds in found.lines]
    return texts if found.lines else [*texts, say("why.no_line", lang)]


def explanation_texts(pack: Pack, found: Explanation, lang: str, field: str | None = None) -> list[Sentence]:
    """An explanation: the decision, each line with its slice term by term, and for auditors what else there is.

    Args: field: the one field that was asked for, to be named in the decision.
    """
    texts = [Sentence(0, _decision(pack, found, lang, field, found.person))]
    if found.action in ROW_ACTIONS or found.action in ("create", "update"):
        rule = "row" if found.action in ROW_ACTIONS else found.action
        texts.append(Sentence(1, say(f"why.rule_{rule}", lang)))
    for line in found.lines:
        texts += _line(pack, line, lang)
    if not found.lines:
        texts.append(Sentence(1, say("why.no_line", lang)))
    elif found.action == "export" and not any(line.grant.action == "export" for line in found.lines):
        texts.append(Sentence(1, say("why.no_export", lang)))
    return [*texts, *_beyond(pack, found, lang)]


def _decision(
    pack: Pack, found: Reason | Explanation, lang: str, field: str | None = None, person: str | None = None
) -> str:
    words = {"action": say(f"action.{found.action}", lang), "entity": pack.entities[found.entity].label.in_(lang)}
    words |= {"key": found.key, "what": ""}
    shape = "row"
    if found.category != "*":
        words["what"], shape = pack.categories[found.category].label.in_(lang), "category"
    if field is not None and shape == "category":
        label = pack.label_of(pack.entities[found.entity].fields[field])
        words |= {"field": label.in_(lang) if label is not None else field}
        shape = "field"
    sentence = say(f"why.{'may' if found.allowed else 'may_not'}_{shape}", lang, **words)
    return say("why.of_person", lang, person=person, sentence=sentence) if person is not None else sentence


def _grant(pack: Pack, grant: Grant, holds: Holds, lang: str) -> str:
    words = {"role": pack.roles[grant.role].label.in_(lang), "slice": pack.slices[grant.slice].label.in_(lang)}
    words |= {"action": say(f"action.{grant.action}", lang), "place": str(grant.span)}
    return say(f"why.{grant.effect}", lang, state=_state(holds, lang), **words)


def _state(holds: Holds, lang: str) -> str:
    return say(
        "why.hidden" if isinstance(holds, Mark) else {True: "why.true", False: "why.false", None: "why.null"}[holds],
        lang,
    )


def _line(pack: Pack, line: LineHere, lang: str) -> Iterator[Sentence]:
    yield Sentence(1, _grant(pack, line.grant, line.holds, lang))
    words = {"slice": pack.slices[line.grant.slice].label.in_(lang), "entity": pack.entities[line.of].label.in_(lang)}
    place = str(line.written.span)
    yield Sentence(2, say("why.condition", lang, text=line.written.text, place=place, **words))
    if len(line.terms) > 1 or line.terms[0].values:
        for term in line.terms:
            yield Sentence(3, term_text(term, lang))


def term_text(term: TermHere, lang: str) -> str:
    """A term of a condition on a record: what it says there, and from which values."""
    values = [say("why.value", lang, name=name, value=_value(value, lang)) for name, value in term.values]
    code = "why.term_of" if values else "why.term"
    values_text = say("list.and", lang).join(values)
    return say(code, lang, text=term.written.text, state=_state(term.holds, lang), values=values_text)


def _value(value: object, lang: str) -> str:
    return say("why.empty", lang) if value is None else cell_text(value, lang)


def _beyond(pack: Pack, found: Explanation, lang: str) -> Iterator[Sentence]:
    """What an auditor is told besides: the nearest line of the person's own, and who else is allowed it."""
    if found.nearest is not None:
        near = found.nearest
        wrong = [term.written.text for term in near.terms if term.holds is not True]
        words = {"place": str(near.grant.span), "slice": pack.slices[near.grant.slice].label.in_(lang)}
        terms = say("list.and", lang).join(f"`{text}`" for text in wrong)
        yield Sentence(1, say("why.nearest", lang, state=_state(near.holds, lang), terms=terms, **words))
    if found.others is not None:
        action = say(f"action.{found.action}", lang)
        yield Sentence(1, say("why.others" if found.others else "why.no_others", lang, action=action))
        for grant in found.others:
            role, slice_ = pack.roles[grant.role].label.in_(lang), pack.slices[grant.slice].label.in_(lang)
            yield Sentence(2, say("why.other", lang, role=role, slice=slice_, place=str(grant.span)))


def origin_texts(pack: Pack, found: Origin, lang: str) -> list[str]:
    """The sentences of where a computed cell comes from: the member first, then the lines and what they read."""
    each = found.computation
    member = member_text(pack, str(each.field.dimension), found.member, lang) if found.member is not None else ""
    texts = [say("why.computed" if found.member is not None else "why.computed_none", lang, member=member)]
    if isinstance(each, Staged):
        code = "why.own_stage" if each.way.reference is None else "why.stage_of"
        entity = pack.entities[each.through].label.in_(lang)
        return [*texts, say(code, lang, stage=each.way.stage, entity=entity, reference=each.way.reference or "")]
    for at in found.lines:
        rule = each.lines[at][1]
        words = {"line": str(at + 1), "place": str(rule.span), "condition": rule.when.text if rule.when else ""}
        texts.append(say("why.line" if rule.when else "why.last_line", lang, **words))
    return texts + [say("why.cell", lang, path=path, value=_said(value, lang)) for path, value in found.cells]


def _said(value: Any, lang: str) -> str:
    return cell_text(value, lang) if value is not None else say("page.empty", lang)
