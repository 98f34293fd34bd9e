"""Logging in as a person of the organisation, and out again."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from salesrules_web.asking import lang, the_sessions, the_workspace

login = Blueprint("login", __name__)


@login.get("/login")
def choose() -> str:
    """Everyone who can ask today."""
    return render_template("login.html", people=the_workspace().people())


@login.post("/login")
def enter() -> Response:
    """Become one of them, in a new session."""
    chosen = the_workspace().person(request.form.get("person", ""))
    _begin(session=the_sessions().begin(chosen.id))
    return redirect(url_for("home.overview"))


@login.post("/logout")
def leave() -> Response:
    """Become nobody, with every copy of the cookie."""
    _begin()
    return redirect(url_for("login.choose"))


def _begin(**known: str) -> None:
    language = lang()
    the_sessions().end(session.get("session"))
    session.clear()
    session.update(known, lang=language)
