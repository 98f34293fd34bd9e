"""The open appeals that the person may look at, what is decided about one, and an appeal of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from salesrules.appealing import OUTCOMES, Appealing, Review
from salesrules.contested import review_texts
from salesrules.issue import AccessDenied, QuestionError
from salesrules.reasons import Sentence
from salesrules_web.asking import lang, me, the_key, the_working, the_workspace
from salesrules_web.people import called
from salesrules_web.refusals import is_missing
from salesrules_web.told import Word, refusal_word, tell
from salesrules_web.words import pack, t

contested = Blueprint("contested", __name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """An appeal in words, with the record that it is about."""

    id: int
    entity: str
    key: str
    head: str
    texts: list[str]


@contested.get("/appeals")
def listing() -> str:
    """Every open appeal about records that the person audits, each recomputed."""
    door = Appealing(the_working())
    reviews = [_shown(one) for one in door.reviews(me())]
    return render_template("contested.html", reviews=reviews, decides=door.decides(me()), outcomes=OUTCOMES)


@contested.post("/appeals/<int:id>/close")
def close(id: int) -> Response:
    """An appeal is decided."""
    outcome, because = request.form.get("outcome", ""), request.form.get("because", "")

    def closed(door: Appealing) -> str:
        door.close(me(), id, outcome, because)
        return t("appeal.closed", id=str(id), outcome=t(f"outcome.{outcome}"))

    _done(closed)
    return redirect(url_for("contested.listing"))


@contested.post("/assigned/<entity>/appeal")
def contest(entity: str) -> Response:
    """The person contests who got a record."""
    key, entity, because = the_key(), the_workspace().named("entity", entity), request.form.get("because", "")
    _done(lambda door: t("appeal.noted", id=str(door.appeal(me(), entity, key, because).id), key=key))
    return redirect(url_for("assigned.of_record", entity=entity, key=key))


def _done(do: Callable[[Appealing], str]) -> None:
    """Do it, and keep a word about it; a record that is not there, or not to be known of, is refused as everywhere."""
    try:
        tell(Word(False, (Sentence(0, do(Appealing(the_working()))),)))
    except (AccessDenied, QuestionError) as error:
        if is_missing(error):
            raise
        tell(refusal_word(error))


def _shown(one: Review) -> Shown:
    appeal, found = one.appeal, one.found
    name = called([appeal.person, one.now, found.decision.person, *(id for id, _ in found.choice.others)])
    head, *texts = review_texts(pack(), one, lang(), name)
    return Shown(appeal.id, appeal.entity, appeal.key, head, [text.strip() for text in texts])
