"""Violations of the rules of conduct to sentences in a language."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.conducting import Charges, Violation
from salesrules.issue import say
from salesrules.pack.pack import Pack
from salesrules.phrases import Called
from salesrules.reasons import Sentence
from salesrules.work.clock.times import Times
from salesrules.work.notices.spoken import rule_text


def charge_texts(pack: Pack, found: Charges, times: Times, lang: str) -> Iterator[Sentence]:
    """Each violation, below it whether it lasts and who settled it, and how many more there are."""
    for one in found.told:
        yield from violation_texts(pack, one, times, lang)
    if found.hidden:
        yield Sentence(0, say("conduct.hidden", lang, count=f"{found.hidden:,}"))


def violation_texts(pack: Pack, one: Violation, times: Times, lang: str, called: Called = str) -> Iterator[Sentence]:
    """A violation, below it its days, whether it is still so, what was said of it and who settled it."""
    rule = pack.charge(one.rule)
    words = {"id": str(one.id), "day": str(times.day(one.at)), "person": called(one.person), "key": one.key}
    words |= {"rule": rule_text(rule, lang), "entity": pack.entities[one.entity].label.in_(lang)}
    yield Sentence(0, say("conduct.deviation" if one.days else "conduct.violation", lang, **words))
    for each in one.days:
        figures = {"day": str(each.day), "planned": str(each.planned), "done": str(each.done)}
        yield Sentence(1, say("conduct.day", lang, **figures))
    if one.days:
        yield Sentence(1, say("conduct.place", lang, place=str(rule.span)))
    if one.lasts is not None:
        yield Sentence(1, say("conduct.lasts" if one.lasts else "conduct.mended", lang))
    for reason in one.reasons:
        said = {"person": called(reason.person), "day": str(times.day(reason.at)), "text": reason.text}
        yield Sentence(1, say("conduct.reason", lang, **said))
    if one.settled_by is not None and one.settled_at is not None:
        by = {"person": called(one.settled_by), "day": str(times.day(one.settled_at)), "note": one.note}
        yield Sentence(1, say("conduct.settled", lang, **by))
