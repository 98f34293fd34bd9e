"""Asking the pages: who is who in the tiny company, how to log in, and what a page says."""

import re

REP, MANAGER, AUDITOR, FORMER = "P-1", "P-2", "P-3", "P-4"


def token(client):
    return re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]


def entered(app, person, lang="en"):
    """A client that has logged in as a person, in a language."""
    client = app.test_client()
    answer = client.post(f"/login?lang={lang}", data={"person": person, "csrf_token": token(client)})
    assert answer.status_code == 302
    return client


def said(answer):
    """The words of a page without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))
