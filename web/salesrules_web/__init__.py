"""A Workspace to a Flask application: a page for each question, asked as the person who is logged in."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta

from flask import Flask

from salesrules.issue import LANGUAGES
from salesrules.workspace import Workspace
from salesrules_web import asking, hats, refusals, security, words
from salesrules_web.assigned import assigned
from salesrules_web.at_work import at_work
from salesrules_web.charged import charged
from salesrules_web.conflicts import conflicts
from salesrules_web.contested import contested
from salesrules_web.daily import daily
from salesrules_web.done import done
from salesrules_web.home import home
from salesrules_web.kpis import kpis
from salesrules_web.login import login
from salesrules_web.matrix import matrix
from salesrules_web.pools import pools
from salesrules_web.reasons import reasons
from salesrules_web.records import records
from salesrules_web.sections import sections
from salesrules_web.sessions import LIFETIME
from salesrules_web.staged import staged

BLUEPRINTS = (
    login,
    home,
    at_work,
    daily,
    done,
    pools,
    conflicts,
    charged,
    contested,
    records,
    reasons,
    assigned,
    kpis,
    staged,
    matrix,
    sections,
    hats.hats,
)
LOCAL_HOSTS = ("localhost", "127.0.0.1")


def create_app(workspace: Workspace, hosts: tuple[str, ...] = LOCAL_HOSTS, lang: str = LANGUAGES[0]) -> Flask:
    """The pages over one open workspace; requests that name a host other than `hosts` are refused.

    `lang` is spoken to those who have chosen none and whose browser asks for none that we know.

    Sessions end with the log-out, after twelve hours, and with the process. SALESRULES_SECRET signs the cookies; with
    one, the language that was chosen and forms that are open outlive the process.
    """
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=os.environ.get("SALESRULES_SECRET") or secrets.token_hex(32),
        SESSION_COOKIE_NAME="salesrules",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=LIFETIME),  # how old a signed session may be, permanent or not
        MAX_CONTENT_LENGTH=64 * 1024,
        SALESRULES_LANG=lang,
        TRUSTED_HOSTS=list(hosts),  # else a foreign page could reach this server under a name of its own
    )
    for part in (security, asking, hats, words, refusals):
        part.register(app, workspace)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
