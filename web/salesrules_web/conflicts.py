"""The ownership conflicts that the person judges or is on a side of, and the verdict on one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from salesrules import deeds
from salesrules.issue import AccessDenied, QuestionError
from salesrules.pooling import Case, Pooling
from salesrules.reasons import Sentence
from salesrules_web.asking import lang, me, the_working
from salesrules_web.hands import Person
from salesrules_web.people import called
from salesrules_web.told import Word, refusal_word, tell
from salesrules_web.words import pack

conflicts = Blueprint("conflicts", __name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """A case as the person knows it: what it is about, its sides and whom the rule favours.

    `sides` are the people it may be given to, of whoever may judge it; others have none.
    """

    id: str
    head: str
    texts: list[str]
    sides: list[Person]


@conflicts.get("/conflicts")
def open_cases() -> str:
    """Every open case, in full for who judges it, and otherwise the person's own side."""
    found = Pooling(the_working()).conflicts(me())
    return render_template("conflicts.html", cases=[_shown(case) for case in found])


@conflicts.post("/conflicts/<case>/judge")
def judge(case: str) -> Response:
    """Every record of the case goes to one side; a case that is not there is refused like one of others."""
    to, note = request.form.get("to", ""), request.form.get("note", "").strip()
    try:
        events = Pooling(the_working()).judge(me(), case, to, note)
        tell(Word(False, tuple(Sentence(0, deeds.noted_text(pack(), event, lang())) for event in events)))
    except (AccessDenied, QuestionError) as error:
        tell(refusal_word(error))
    return redirect(url_for("conflicts.open_cases"))


def _shown(case: Case) -> Shown:
    people = sorted({party.person for party in case.parties})
    name = called(people)
    named = replace(case, parties=tuple(replace(party, person=name(party.person)) for party in case.parties))
    head, *texts = (sentence.text for sentence in deeds.case_texts(pack(), named, lang()))
    sides = [Person(id, name(id)) for id in people] if not case.hidden else []  # who judges a case knows all of it
    return Shown(case.id, head, texts, sides)
