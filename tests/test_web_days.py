"""No page lets anybody choose the day: whoever asks through a browser asks about today."""

from __future__ import annotations

import pytest

from tests.test_web_sideways import PATHS
from tests.web_pages import AUDITOR, FORMER, MANAGER, entered, said, token

THEN = "2001-06-01"  # a day on which FORMER held a post
NAMES = ("at", "day", "date", "on", "when", "--at")


@pytest.mark.parametrize("path", PATHS)
def test_a_day_in_the_address_changes_nothing(app, path):
    with_day = path + ("&" if "?" in path else "?") + "&".join(f"{name}={THEN}" for name in NAMES)
    for person in (MANAGER, AUDITOR):
        client = entered(app, person)
        plain, dated = client.get(path), client.get(with_day)
        assert plain.status == dated.status
        assert said(plain) == said(dated)


def test_nobody_logs_in_on_another_day(app):
    client = app.test_client()
    form = {"person": FORMER, "csrf_token": token(client), **dict.fromkeys(NAMES, THEN)}
    assert client.post(f"/login?at={THEN}", data=form).status_code == 403
    assert FORMER not in client.get(f"/login?at={THEN}").text
