"""Appeals with what recomputing gave, to sentences in a language."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from salesrules.appealing import Review
from salesrules.issue import say
from salesrules.pack.pack import Pack
from salesrules.phrases import Called, moment_text
from salesrules.whose import about_text, considered_text, decision_text, how_texts, stood_texts

_SHOWN = 10  # records that are told by key


def review_texts(pack: Pack, review: Review, lang: str, called: Called = str) -> Iterator[str]:
    """Who appealed and why, what was decided for which reasons, and what recomputing gives."""
    appeal = review.appeal
    words = {
        "id": str(appeal.id),
        "at": moment_text(appeal.at, ZoneInfo(pack.about.timezone)),
        "key": appeal.key,
        "because": appeal.because,
    }
    words["person"] = called(appeal.person)
    yield say("appeal.head", lang, entity=pack.entities[appeal.entity].label.in_(lang), **words)
    yield "  " + decision_text(pack, review.found, lang, called)
    if review.found.choice.considered:
        yield "    " + considered_text(review.found.choice, lang)
    yield from (f"    {text}" for text in how_texts(review.found, lang, called))
    yield "    " + about_text(review.found, lang, called)
    yield from (f"      {text}" for text in stood_texts(pack, review.found, lang, called))
    yield "  " + _again(review, lang, called)
    yield "  " + _alike(review, lang, called)


def _again(review: Review, lang: str, called: Called) -> str:
    if review.stands is None:
        return say("appeal.not_again", lang)
    if review.stands:
        return say("appeal.stands", lang)
    return (
        say("appeal.falls", lang, person=called(review.now))
        if review.now is not None
        else say("appeal.to_nobody", lang)
    )


def _alike(review: Review, lang: str, called: Called) -> str:
    keys, person = review.alike, called(review.appeal.person)
    if not keys:
        return say("appeal.alone", lang, person=person)
    told = [*keys[:_SHOWN]]
    if len(keys) > _SHOWN:
        told.append(say("appeal.and_more", lang, count=f"{len(keys) - _SHOWN:,}"))
    return say("appeal.alike", lang, count=f"{len(keys):,}", person=person, keys=say("list.and", lang).join(told))
