"""A refusal to a page that says why and what next, and nothing about what lies behind it."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask, render_template
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from salesrules.issue import AccessDenied, EngineError, Issue, QuestionError, SalesrulesError
from salesrules.workspace import Workspace
from salesrules_web.asking import lang, oneself, the_workspace
from salesrules_web.words import t

Refusal = tuple[str, int]
_MISSING = (
    "access.no_record",
    "ask.unknown_entity",
    "ask.unknown_field",
    "ask.unknown_kpi",
    "ask.unknown_role",
    "ask.unknown_section",
    "pool.unknown",
)
_TEXTS = {404: "page.no_such_page", 405: "page.wrong_method", 500: "page.failed"}
_NEXT = {400: "page.next_400", 403: "page.next_403", 404: "page.next_404", 500: "page.next_500"}


def register(app: Flask, _: Workspace) -> None:
    """Answer every exception that may reach a handler; what nobody foresaw is logged and told without details."""
    app.register_error_handler(AccessDenied, lambda error: _refused(error, 403))
    app.register_error_handler(QuestionError, lambda error: _refused(error, 400))
    app.register_error_handler(EngineError, lambda error: _refused(error, 503))
    app.register_error_handler(CSRFError, lambda _: _page(400, [t("page.stale_form")]))
    app.register_error_handler(HTTPException, _http)


def is_missing(error: SalesrulesError) -> bool:
    """Whether what was asked about is not there, or not for the asker to know of."""
    return any(issue.code in _MISSING for issue in error.issues)


def _refused(error: SalesrulesError, status: int) -> Refusal:
    return _page(404 if is_missing(error) else status, [_named(issue).text(lang()) for issue in error.issues])


def _named(issue: Issue) -> Issue:
    """Who acts in the place of somebody reads that one's name in the refusal, as on every page."""
    if issue.code != "delegation.own_alone":
        return issue
    giver = str(issue.words["giver"])
    return replace(issue, words={**issue.words, "giver": the_workspace().names(oneself(), [giver]).get(giver, giver)})


def _http(error: HTTPException) -> Refusal:
    status = error.code or 500
    return _page(status, [t(_TEXTS.get(status, "page.bad_request"))])


def _page(status: int, texts: list[str]) -> Refusal:
    title = {
        403: "page.not_open",
        404: "page.not_found",
        500: "page.something_failed",
        503: "page.something_failed",
    }.get(status, "page.no_answer")
    return render_template("refusal.html", title=t(title), texts=texts, next=t(_NEXT.get(status, _NEXT[400]))), status
