"""A request to who asks, and in which language: no page but the log-in answers to nobody."""

from __future__ import annotations

import logging
from unicodedata import normalize

from flask import Flask, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from salesrules.issue import LANGUAGES, AccessDenied, EngineError, Issue, Span
from salesrules.working import Working
from salesrules.workspace import Principal, Workspace
from salesrules_web.live import Live, live_in
from salesrules_web.sessions import Sessions

OPEN_TO_ALL = ("login.choose", "login.enter", "static")


def register(app: Flask, workspace: Workspace) -> None:
    """Let every request ask this workspace, once it is known who asks."""
    app.extensions["salesrules"] = Live(workspace)
    app.extensions["salesrules sessions"] = Sessions()
    app.before_request(_remember_language)
    app.before_request(_find_person)


def the_workspace() -> Workspace:
    """The workspace that this application shows, one and the same throughout a request."""
    found: Workspace = g.setdefault("door", live_in(current_app).now)
    return found


def the_working() -> Working:
    """The log of that workspace.

    Raises: QuestionError where records are read in place, EngineError where the log cannot be used.
    """
    try:
        return live_in(current_app).working(the_workspace())
    except EngineError as error:  # where it lies, and what it said, is for those who run the server
        logging.getLogger(__name__).warning("the log cannot be used: %s", error)
        raise EngineError([Issue("page.no_log", Span("store"))]) from error


def the_sessions() -> Sessions:
    """Who is logged in to this application."""
    found: Sessions = current_app.extensions["salesrules sessions"]
    return found


def me() -> Principal:
    """Who asks; found anew at each request, so that a post that ends ends here too.

    It is the one in whose place the person acts, with what is lent, where the session wears a hat.
    """
    found: Principal = g.me
    return found


def oneself() -> Principal:
    """Who is logged in, in whose place they may be."""
    found: Principal = g.own
    return found


def the_key() -> str:
    """The key of the record that a request names, in the one form in which texts are kept."""
    return normalize("NFC", request.values.get("key", ""))


def someone() -> Principal | None:
    """Who asks, or None before the log-in."""
    found: Principal | None = g.get("me")
    return found


def lang() -> str:
    """The language of the request: the one that is asked for, was chosen last, or suits the browser best."""
    browser = (tag[:2] for tag, _ in request.accept_languages)
    asked = (request.args.get("lang"), session.get("lang"), *browser)
    return next((known for known in asked if known in LANGUAGES), current_app.config["SALESRULES_LANG"])


def _remember_language() -> None:
    if request.args.get("lang") in LANGUAGES and session.get("lang") != lang():
        session["lang"] = lang()


def _find_person() -> Response | None:
    person = the_sessions().person(session.get("session"))
    if person is not None:
        try:
            g.me = g.own = the_workspace().person(person)
        except AccessDenied:  # the last post has ended since the log-in
            the_sessions().end(session.pop("session"))
    return None if "me" in g or request.endpoint in OPEN_TO_ALL else redirect(url_for("login.choose"))
