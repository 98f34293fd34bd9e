"""The violations that the person is charged with or that are below them, why it came to one, and what was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from salesrules import deeds
from salesrules.charges import violation_texts
from salesrules.conducting import Conducting, Violation
from salesrules.issue import AccessDenied, QuestionError
from salesrules.reasons import Sentence
from salesrules.working import Event
from salesrules_web.asking import lang, me, the_working
from salesrules_web.people import called
from salesrules_web.told import Word, refusal_word, tell
from salesrules_web.words import pack

charged = Blueprint("charged", __name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """A violation in words, and whether the person may settle it."""

    id: int
    head: str
    texts: list[str]
    settles: bool


@charged.get("/violations")
def listing() -> str:
    """Every open violation of the person and of all who report to them, the gravest first."""
    door = Conducting(the_working())
    found = door.violations(me(), team=True)
    return render_template("charged.html", charges=[_shown(door, one) for one in found.told], hidden=found.hidden)


@charged.post("/violations/<int:id>/answer")
def answer(id: int) -> Response:
    """Why it came to a violation."""
    return _done(lambda door: door.answer(me(), id, request.form.get("because", "")))


@charged.post("/violations/<int:id>/settle")
def settle(id: int) -> Response:
    """A violation is dealt with."""
    return _done(lambda door: door.settle(me(), id, request.form.get("note", "")))


def _done(do: Callable[[Conducting], Event]) -> Response:
    """Do it, and keep a word about it for the list; one that is not there is refused like one of others."""
    try:
        tell(Word(False, (Sentence(0, deeds.noted_text(pack(), do(Conducting(the_working())), lang())),)))
    except (AccessDenied, QuestionError) as error:
        tell(refusal_word(error))
    return redirect(url_for("charged.listing"))


def _shown(door: Conducting, one: Violation) -> Shown:
    name = called([one.person, *(reason.person for reason in one.reasons)])
    head, *texts = (text.text for text in violation_texts(pack(), one, door.working.times, lang(), name))
    return Shown(one.id, head, texts, door.settles(me(), one))
