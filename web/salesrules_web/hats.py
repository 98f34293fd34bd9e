"""Whose hat a session wears to who asks: somebody in whose place the person acts, looked up anew at each request."""

from __future__ import annotations

from flask import Blueprint, Flask, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from salesrules.deputing import Deputing
from salesrules.issue import SalesrulesError
from salesrules.phrases import in_place_text, stand_in_text
from salesrules.reasons import Sentence
from salesrules.workspace import Workspace
from salesrules_web.asking import lang, me, oneself, the_sessions, the_working, the_workspace
from salesrules_web.people import called
from salesrules_web.told import Word, tell
from salesrules_web.words import pack, t

hats = Blueprint("hats", __name__)


def register(app: Flask, _: Workspace) -> None:
    """Let the person be in the place of whom the session names, as long as that one lends anything."""
    app.before_request(_put_on)
    app.jinja_env.globals.update(hat_text=hat_text, oneself=oneself)


@hats.post("/hat")
def put_on() -> Response:
    """Act in the place of somebody from now on."""
    giver = request.form.get("person", "")
    _wear(Deputing(the_working()).in_place_of(oneself(), giver).id)
    return redirect(url_for("home.overview"))


@hats.post("/hat/off")
def take_off() -> Response:
    """Act as oneself again."""
    _wear(None)
    return redirect(url_for("at_work.mine"))


def hat_text() -> str:
    """In whose place the page is shown, and what is lent; nothing where the person is nobody but themselves."""
    if "me" not in g or me().lent is None:
        return ""
    names = the_workspace().names(oneself(), [me().id])
    return in_place_text(pack(), me(), lang(), lambda id: names.get(id, id))


def to_wear() -> list[tuple[str, str, str]]:
    """Who lends the person more than to sign, which needs no hat: the id, the name, and what is lent."""
    found = [one for one in Deputing(the_working()).in_force(me()) if set(one.actions) != {"approve"}]
    name = called(id for one in found for id in (one.giver, one.taker))
    return [(one.giver, name(one.giver), stand_in_text(pack(), one, lang(), name)) for one in found]


def _put_on() -> Response | None:
    giver = the_sessions().worn(session.get("session"))
    if giver is None or "me" not in g or request.endpoint == "static":
        return None
    try:
        g.me = Deputing(the_working()).in_place_of(oneself(), giver)
    except SalesrulesError:  # it has ended, or nobody can tell whether it has
        _wear(None)
        tell(Word(True, (Sentence(0, t("page.hat_fell_off")),)))
        if request.method == "POST":  # what was meant in the place of another is not done as oneself
            return redirect(url_for("home.overview"))
    return None


def _wear(giver: str | None) -> None:
    """Put a hat on or off; forms on pages of before are too old then, so that none is sent under the wrong one."""
    the_sessions().wear(session.get("session"), giver)
    session.pop("csrf_token", None)
