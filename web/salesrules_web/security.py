"""Every answer to one that a browser keeps to itself: no foreign code, framing, forged forms or stored copies."""

from __future__ import annotations

from flask import Flask, abort, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import SecurityError
from werkzeug.wrappers import Response

from salesrules.workspace import Workspace

CONTENT = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def register(app: Flask, _: Workspace) -> None:
    """Protect every form and every answer of the application."""
    app.before_request(_refuse_foreign_hosts)
    CSRFProtect(app)
    app.after_request(_with_headers)


def _refuse_foreign_hosts() -> None:
    """Refuse before anything else is done, with the shortest answer: no address can be built for such a request."""
    if isinstance(request.routing_exception, SecurityError):
        abort(Response("foreign host\n", 400))


def _with_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"  # an answer belongs to one person
    return response
