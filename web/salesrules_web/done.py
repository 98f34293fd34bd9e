"""What the person who is logged in does with a record, to the log, and to a word on the page that follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from salesrules import deeds
from salesrules.issue import AccessDenied, QuestionError
from salesrules.leaving import Leaving
from salesrules.pooling import OwnerChange, Pooling
from salesrules.reasons import Sentence
from salesrules.working import Event, Working
from salesrules_web.asking import lang, me, the_key, the_working, the_workspace
from salesrules_web.hands import change_words
from salesrules_web.refusals import is_missing
from salesrules_web.told import Word, refusal_word, tell
from salesrules_web.words import pack

done = Blueprint("done", __name__)
_Told = Callable[[Working, str, str], Sequence[Event]]


@done.post("/work/<entity>/task")
def task(entity: str) -> Response:
    """A task of the stage is done."""
    what = request.form.get("task", "")
    return _noted(entity, lambda working, entity, key: working.task_done(me(), entity, key, what))


@done.post("/work/<entity>/approve")
def approve(entity: str) -> Response:
    """Whatever the person can sign is signed."""
    return _noted(entity, lambda working, entity, key: working.approve(me(), entity, key))


@done.post("/work/<entity>/confirm")
def confirm(entity: str) -> Response:
    """The person agrees that the record is handed over."""
    return _noted(entity, lambda working, entity, key: Leaving(working).agree(me(), entity, key))


@done.post("/work/<entity>/follow-up")
def follow_up(entity: str) -> Response:
    """The person was in touch."""
    note = request.form.get("note", "").strip()
    return _noted(entity, lambda working, entity, key: working.follow_up(me(), entity, key, note))


@done.post("/work/<entity>/advance")
def advance(entity: str) -> Response:
    """The record goes to another stage, or everything is told that stands in the way."""
    to, process = request.form.get("to", ""), request.form.get("process") or None

    def moved(working: Working, entity: str, key: str) -> Word:
        (found,) = working.advance(me(), entity, [key], to, process)
        return Word(bool(found.unmet), tuple(deeds.passage_texts(pack(), found, lang())))

    return _done(entity, moved)


@done.post("/work/<entity>/return")
def give_back(entity: str) -> Response:
    """The record goes back into its pool, or everything is told that stands in the way."""
    return _handed(entity, lambda door, entity, key: door.give_back(me(), entity, [key]))


@done.post("/work/<entity>/transfer")
def transfer(entity: str) -> Response:
    """The record goes to somebody else, or everything is told that stands in the way."""
    to = request.form.get("to", "").strip()
    return _handed(entity, lambda door, entity, key: door.transfer(me(), entity, [key], to))


def _handed(entity: str, change: Callable[[Pooling, str, str], Sequence[OwnerChange]]) -> Response:
    def handed(working: Working, entity: str, key: str) -> Word:
        (word,) = change_words(change(Pooling(working), entity, key))
        return word

    return _done(entity, handed)


def _noted(entity: str, told: _Told) -> Response:
    def noted(working: Working, entity: str, key: str) -> Word:
        texts = (deeds.noted_text(pack(), event, lang()) for event in told(working, entity, key))
        return Word(False, tuple(Sentence(0, text) for text in texts))

    return _done(entity, noted)


def _done(entity: str, do: Callable[[Working, str, str], Word]) -> Response:
    """Do it, keep a word about it for the next page, and go where the form came from.

    A record that is not there, or not for the asker to know of, is refused as everywhere.
    """
    key, entity = the_key(), the_workspace().named("entity", entity)
    try:
        word = do(the_working(), entity, key)
    except (AccessDenied, QuestionError) as error:
        if is_missing(error):
            raise
        word = refusal_word(error)
    tell(word)
    if request.form.get("back") != "mine" and _known(entity, key):
        return redirect(url_for("at_work.of_record", entity=entity, key=key))
    return redirect(url_for("at_work.mine" if me().lent is None else "home.overview"))


def _known(entity: str, key: str) -> bool:
    """Whether the person may know the record still: whoever has passed it on may have lost it from view."""
    try:
        the_working().history(me(), entity, key)
    except AccessDenied:
        return False
    return True
