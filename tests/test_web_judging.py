"""The pages of violations and appeals: who sees which, who has which form, and what a form does."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from salesrules.store import Event
from salesrules.working import Working
from salesrules_web.live import live_in
from tests import test_appeals, working_pages
from tests.web_pages import entered, said, token
from tests.working_company import DEVIATIONS

THURSDAY = datetime(2026, 3, 19, 4)


def send(client: FlaskClient, path: str, **form: Any) -> Any:
    """Send a form of the pages, and read the page that follows."""
    return client.post(path, data={"csrf_token": token(client), **form}, follow_redirects=True)


def forms(page: Any) -> list[str]:
    """Where the forms of a page lead."""
    return re.findall(r'<form method="post" action="([^"]+)"', page.text)


def log_of(app: Flask) -> Working:
    found = live_in(app).log
    assert found is not None
    return found


def events(app: Flask, kind: str) -> list[Event]:
    return [event for event in log_of(app).store.events() if event.kind == kind]


@pytest.fixture(scope="module")
def of_violations(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Li and chen have fallen behind by both rules when the clocks run on Thursday."""
    root = working_pages.make(tmp_path_factory.mktemp("charged"))
    with (root / "rules/works/stages.yaml").open("a", encoding="utf-8") as file:
        file.write(DEVIATIONS.lstrip())
    app = working_pages.pages(root, THURSDAY)
    replace(log_of(app), now=lambda: working_pages.NOON).run_clocks()
    log_of(app).run_clocks()
    return app


def test_violations_are_listed_for_who_is_charged_and_for_those_above(of_violations: Flask) -> None:
    numbers = {(e.key, e.rule): e.seq for e in events(of_violations, "violated")}
    behind, grave = numbers["li", "behind"], numbers["li", "grave"]
    answers = [f"/violations/{id}/answer" for id in (grave, behind)]
    settles = [f"/violations/{id}/settle" for id in (grave, behind)]
    own = entered(of_violations, "li").get("/violations")
    assert forms(own) == answers
    assert f"{behind} 2026-03-19 李 Behind the plan 2026-03-17: 0 of 5 done" in said(own)
    assert "孙" not in said(own)
    assert "2 violations" in said(own)
    assert sorted(forms(entered(of_violations, "wang").get("/violations"))) == sorted(answers + settles)
    assert len(forms(entered(of_violations, "dai").get("/violations"))) == 8
    assert forms(entered(of_violations, "he").get("/violations")) == []
    assert "No violation is open" in said(entered(of_violations, "he").get("/violations"))
    assert 'href="/violations"' in entered(of_violations, "li").get("/work").text


def test_a_reason_is_said_and_a_violation_settled_from_the_page(of_violations: Flask) -> None:
    (id,) = (e.seq for e in events(of_violations, "violated") if (e.key, e.rule) == ("chen", "behind"))
    chen, sun, wang = (entered(of_violations, person) for person in ("chen", "sun", "wang"))
    page = said(send(chen, f"/violations/{id}/answer", because="<b>展会</b>"))
    assert "Salesperson chen: reason of a violation said" in page
    assert "陈 on 2026-03-19: &lt;b&gt;展会&lt;/b&gt;" in page
    for client, verb in ((chen, "settle"), (wang, "settle"), (wang, "answer")):
        refused = said(send(client, f"/violations/{id}/{verb}", note="x", because="x"))
        assert f"there is no open violation {id}, or it is not yours" in refused
    assert "say what was done about it" in said(send(sun, f"/violations/{id}/settle", note=" "))
    assert [e.actor for e in events(of_violations, "settled")] == []
    assert chen.post(f"/violations/{id}/answer", data={"because": "x"}).status_code == 400  # no token
    assert "violation settled" in said(send(sun, f"/violations/{id}/settle", note="每天一个电话"))
    assert [(e.actor, e.values["#note"]) for e in events(of_violations, "settled")] == [("sun", "每天一个电话")]
    assert f"/violations/{id}/settle" not in forms(sun.get("/violations"))


@pytest.fixture(scope="module")
def of_appeals(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The leads of the tests of appeals, given out; ju judges, zhao only looks."""
    root = test_appeals.company(tmp_path_factory.mktemp("contested"))
    posts = root / "data/post.csv"
    posts.write_text(posts.read_text(encoding="utf-8").replace("zhao,judge,,,\n", ""), encoding="utf-8")
    return working_pages.pages(root)


def test_a_decision_is_contested_judged_and_decided_in_the_pages(of_appeals: Flask) -> None:
    key = next(one.key for one in log_of(of_appeals).store.decisions("lead") if one.key and one.person != "li")
    li, ju, zhao = (entered(of_appeals, person) for person in ("li", "ju", "zhao"))
    assert forms(li.get(f"/assigned/lead?key={key}")) == ["/assigned/lead/appeal"]
    assert "say why" in said(send(li, "/assigned/lead/appeal", key=key, because=" "))
    page = send(li, "/assigned/lead/appeal", key=key, because="I had room")
    assert f"about {key} is noted" in said(page)
    assert "Your appeal about this is open." in said(page)
    assert forms(page) == []
    (appeal,) = events(of_appeals, "appealed")
    assert forms(zhao.get("/appeals")) == []  # who may look and not decide has no form
    for client, name in ((zhao, "李"), (ju, "li")):  # who reads no people is told an id
        shown = said(client.get("/appeals"))
        assert f"appeal {appeal.seq}, 2026-03-12 12:00: {name} about Lead {key}: I had room" in shown
        assert "recomputed: the same person would get it" in shown
        assert 'href="/appeals"' in client.get("/work").text
    assert forms(ju.get("/appeals")) == [f"/appeals/{appeal.seq}/close"]
    for outcome, because in (("upheld", " "), ("soon", "x")):
        assert "Not done" in said(send(ju, f"/appeals/{appeal.seq}/close", outcome=outcome, because=because))
    refused = send(zhao, f"/appeals/{appeal.seq}/close", outcome="upheld", because="x")
    assert "no grant lets you decide about appeals" in said(refused)
    assert events(of_appeals, "appeal_closed") == []
    decided = said(send(ju, f"/appeals/{appeal.seq}/close", outcome="upheld", because="<i>true</i>"))
    assert f"appeal {appeal.seq} is decided: upheld" in decided
    assert "No appeal is open" in decided
    assert [(e.actor, e.values["#outcome"]) for e in events(of_appeals, "appeal_closed")] == [("ju", "upheld")]


def test_appeals_are_for_those_who_audit_decisions(of_appeals: Flask) -> None:
    for person in ("wang", "he", "dai"):
        client = entered(of_appeals, person)
        assert client.get("/appeals").status_code == 403
        assert 'href="/appeals"' not in client.get("/work").text


def test_what_may_not_be_known_is_contested_like_what_is_not_there(of_appeals: Flask) -> None:
    chen = entered(of_appeals, "chen")
    answers = [send(chen, "/assigned/lead/appeal", key=key, because="x") for key in ("L-1", "L-999")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert said(answers[0]).replace("L-1", "L-999") == said(answers[1])
