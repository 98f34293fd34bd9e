"""The hat of somebody else on the pages: put on, said on every page, looked up at each request, and taken off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from salesrules.deputing import Deputing
from salesrules.working import Working
from salesrules_web.live import live_in
from tests import working_company, working_pages
from tests.test_stand_ins import PLAIN
from tests.test_web_work import do
from tests.web_pages import entered, said
from tests.working_pages import pages
from tests.workspace_files import SCHEMA

BAR = "in the place of wang: read, advance, approve"
WIDE = PLAIN.replace("[read, approve]", "[read, advance, approve]")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = working_company.make(tmp_path_factory.mktemp("works"))
    text = SCHEMA.format("separation") + "delegation:\n" + WIDE
    (folder / "policies/works/separation.yaml").write_text(text, encoding="utf-8")
    with (folder / "policies/works/grants.csv").open("a", encoding="utf-8") as file:
        file.write("allow,manager,advance,deal,*,patch,,,\n")
        file.write("allow,manager,audit,pack.grants,*,all,,,\nallow,manager,audit,pack.assignment,*,all,,,\n")
    app = pages(folder, assigned=False)
    live_in(app).log = replace(log_of(app), now=lambda: datetime.now(UTC).replace(tzinfo=None))  # as the pages have it
    return app


def log_of(app: Flask) -> Working:
    log = live_in(app).log
    assert log is not None
    return log


def lend(app: Flask, days: int = 2) -> None:
    log = log_of(app)
    wang, today = log.workspace.person("wang"), log.workspace.today()
    lent = ["read", "advance", "approve"]
    Deputing(log).delegate(wang, "wang", "chen", today, today + timedelta(days), lent)


def token_of(client: FlaskClient) -> str:
    return client.get("/login").text.split('name="csrf_token" value="')[1].split('"')[0]


def test_a_hat_is_put_on_said_and_taken_off(app: Flask) -> None:
    lend(app)
    chen = entered(app, "chen", "en")
    assert "D-4" not in said(chen.get("/records/deal"))
    assert "Act in the place of wang" in said(chen.get("/work"))
    assert BAR in said(do(chen, "/hat", person="wang"))
    listed = said(chen.get("/records/deal"))
    assert BAR in listed
    assert "D-4" in listed
    assert "D-6" not in listed  # chen's own, in the south
    assert "D-4" not in said(entered(app, "chen", "en").get("/records/deal"))  # another session wears none
    assert "My work" not in said(chen.get("/"))
    assert chen.get("/work").status_code == 403  # the list of another is that one's own
    assert BAR in said(chen.get("/work"))
    assert BAR not in said(do(chen, "/hat/off"))
    assert "D-4" not in said(chen.get("/records/deal"))


def test_what_is_done_under_a_hat_says_so(app: Flask) -> None:
    lend(app)
    chen = entered(app, "chen", "en")
    do(chen, "/hat", person="wang")
    assert "approved: Manager, in place of wang" in said(do(chen, "/work/deal/approve", key="D-4"))
    assert "Lost" in said(do(chen, "/work/deal/advance", key="D-4", to="lost"))
    last = [*log_of(app).store.events(entity="deal", key="D-4")][-1]
    assert (last.kind, last.actor, last.values["#for"]) == ("advanced", "chen", "wang")


def test_nobody_wears_the_hat_of_one_who_lends_nothing(app: Flask) -> None:
    lend(app)
    chen = entered(app, "chen", "en")
    answers = {said(do(chen, "/hat", person=giver)).replace(giver, "X") for giver in ("dai", "ghost")}
    assert len(answers) == 1
    assert "in the place of" not in said(chen.get("/"))


def test_a_hat_falls_off_when_it_ends_and_what_was_meant_for_another_is_not_done(app: Flask) -> None:
    lend(app)
    chen = entered(app, "chen", "en")
    do(chen, "/hat", person="wang")
    form = {"csrf_token": token_of(chen), "key": "D-5"}
    before = log_of(app).store.last()
    lend(app, days=0)
    page = said(chen.post("/work/deal/approve", data=form, follow_redirects=True))
    assert "You stand in for nobody any more" in page
    assert BAR not in page
    assert log_of(app).store.last() == before + 1  # that it was taken back, and nothing else
    assert "You stand in for nobody" not in said(chen.get("/"))


def test_a_form_of_before_is_too_old_after_a_hat_is_put_on(app: Flask) -> None:
    """Else what was meant as oneself would be done in the place of another."""
    lend(app)
    chen = entered(app, "chen", "en")
    form = {"csrf_token": token_of(chen), "key": "D-5"}
    do(chen, "/hat", person="wang")
    answer = chen.post("/work/deal/approve", data=form)
    assert answer.status_code == 400
    assert "The form is too old" in said(answer)


def test_who_logs_out_wears_nothing(app: Flask) -> None:
    lend(app)
    chen = entered(app, "chen", "zh")
    do(chen, "/hat", person="wang")
    assert "代管 wang：查看、推进、审批" in said(chen.get("/"))
    do(chen, "/logout")
    assert chen.get("/").status_code == 302
    assert "代管 wang" not in said(do(chen, "/login", person="chen"))


def test_what_is_no_record_is_not_lent(app: Flask) -> None:
    """Pages about the pack, what is decided and how work is spread are for who audits them, under no hat."""
    lend(app)
    wang, chen = entered(app, "wang", "en"), entered(app, "chen", "en")
    do(chen, "/hat", person="wang")
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    paths = {rule.rule for rule in rules} | {"/pack/grants", "/pack/assignment", "/records/deal", "/records/lead"}
    paths -= {"/hat", "/logout"}
    mine = {path for path in paths if wang.get(path).status_code == 200}
    under = {path for path in mine if chen.get(path).status_code == 200}
    assert mine >= {"/pack", "/pack/grants", "/pack/assignment", "/matrix"}
    assert under.isdisjoint({"/pack", "/pack/grants", "/pack/assignment", "/matrix"})
    assert "/records/deal" in under


def test_a_refusal_under_a_hat_names_whose_it_is(tmp_path: Path) -> None:
    """By name for who reads it; and the overview says who one is, not whose hat it is."""
    root = working_pages.make(tmp_path)
    text = SCHEMA.format("separation") + "delegation:\n" + WIDE
    (root / "policies/works/separation.yaml").write_text(text, encoding="utf-8")
    app = pages(root, assigned=False)
    live_in(app).log = replace(log_of(app), now=lambda: datetime.now(UTC).replace(tzinfo=None))
    lend(app)
    chen = entered(app, "chen", "en")
    do(chen, "/hat", person="wang")
    assert "nobody does this in the place of 王: ask as yourself" in said(chen.get("/work"))
    home = said(chen.get("/"))
    assert "You are 陈" in home
    assert "You are 王" not in home
