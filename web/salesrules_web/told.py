"""What became of something that was done to a word on the page that follows."""

from __future__ import annotations

from dataclasses import dataclass

from flask import session

from salesrules.issue import SalesrulesError
from salesrules.reasons import Sentence
from salesrules_web.asking import lang, the_sessions


@dataclass(frozen=True, slots=True)
class Word:
    """What became of something that was done: noted, or everything that stands in the way."""

    refused: bool
    sentences: tuple[Sentence, ...]


def refusal_word(error: SalesrulesError) -> Word:
    """That something was refused, and why."""
    return Word(True, tuple(Sentence(0, issue.text(lang())) for issue in error.issues))


def tell(*words: Word) -> None:
    """Keep words for the next page of the session."""
    for word in words:
        the_sessions().tell(session.get("session"), word)
