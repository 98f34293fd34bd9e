"""The pages of work: what waits for whom, what is done from them, what stands in the way, and who is told nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from salesrules.issue import AccessDenied, QuestionError
from salesrules.workspace import Workspace
from salesrules_web import create_app
from salesrules_web.live import live_in
from tests import tiny_company
from tests.test_web_sideways import whole
from tests.web_pages import MANAGER, entered, said
from tests.working_company import change
from tests.working_pages import WEDNESDAY, make, pages


@pytest.fixture(scope="module")
def read_only(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """On Wednesday, after a day off: nothing was done since Thursday."""
    return pages(make(tmp_path_factory.mktemp("read")), WEDNESDAY)


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return pages(make(tmp_path))


def do(client: FlaskClient, path: str, **form: str) -> Any:
    """Send a form of the pages, and read the page that follows."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert token is not None
    return client.post(path, data={"csrf_token": token[1], **form}, follow_redirects=True)


# what waits


@pytest.mark.parametrize(
    ("person", "lang", "told"),
    [
        ("li", "en", "10 due, 0 tasks ahead, 0 to sign."),
        ("li", "en", "Go: Deal D-2 until 2026-03-16, 2 days late · since 2026-03-12 · Talk asks for it within 4 days"),
        (
            "li",
            "en",
            "follow up: Deal D-1 due 2026-03-18 · since 2026-03-12 · 3 working days without a follow-up (Talk)",
        ),
        (
            "li",
            "zh",
            "打电话（高优先级）: 商机 D-1 2026-03-17 到期 , 已超期 1 天 · 2026-03-12 起 · 沟通阶段要求 2 个工作日",
        ),
        ("wang", "en", "Gift: Deal D-1 until 2026-03-21 · since 2026-03-12 · Talk asks for it within 9 days"),
        ("wang", "en", "sign as Manager: Deal D-4 since 2026-03-12 · Offer asks for it"),
        ("zhao", "en", "Nothing waits for you. Clocks count from when the log first saw a record"),
    ],
)
def test_what_waits_is_told_with_why_since_and_until_when(read_only: Flask, person: str, lang: str, told: str) -> None:
    assert told.replace(" ", "") in said(entered(read_only, person, lang).get("/work")).replace(" ", "")


def test_what_is_overdue_comes_first_and_of_it_what_is_urgent(read_only: Flask) -> None:
    page = said(entered(read_only, "li").get("/work"))
    days = re.findall(r"(?:(high priority)\): Deal \S+ )?(?:until|due) \d{4}-\d\d-(\d\d)", page)
    urgent, overdue, today = [("high priority", "17")] * 3, [("", "12")] * 2 + [("", "16")] * 2, [("", "18")] * 3
    assert days == urgent + overdue + today


def test_what_waits_for_a_signature_is_what_the_person_can_sign(tmp_path: Path) -> None:
    """The list of a person and the refusals of each record agree."""
    working = live_in(pages(make(tmp_path), assigned=False)).log
    assert working is not None
    for id in ("dai", "wang", "sun", "li", "he", "chen"):
        person = working.workspace.person(id)
        waits = {(one.key, one.approval) for one in working.agenda(person).signatures}
        given = set()
        for key in [f"D-{number}" for number in range(1, 9)]:
            try:
                given |= {(key, event.values["#approval"]) for event in working.approve(person, "deal", key)}
            except (AccessDenied, QuestionError):
                continue
        assert (id, waits) == (id, given)
    assert not any(working.agenda(working.workspace.person(id)).signatures for id in ("dai", "wang", "sun"))


def test_whose_a_task_is_is_told_to_those_who_read_it(read_only: Flask) -> None:
    """He may advance the deal and reads its owner, and nothing of people: neither names nor who is whose manager."""
    page = said(entered(read_only, "he").get("/work/deal?key=D-1"))
    assert "Call (high priority) li 2026-03-17 open, required" in page
    assert "Gift – 2026-03-21 open" in page


def test_a_hidden_stage_is_told_by_no_page(tmp_path: Path) -> None:
    """She knows that the deal is there by its amount, and may neither advance it nor sign it."""
    root = make(tmp_path)
    change(
        root,
        "allow,rep,update,deal,basics,mine,,,",
        "allow,auditor,read,deal,money,all,,,",
        "policies/works/grants.csv",
    )
    page = entered(pages(root, assigned=False), "zhao").get("/work/deal?key=D-1")
    assert page.status_code == 200
    assert "Talk" not in said(page)
    assert "stage is hidden" in said(page)


def test_the_day_is_set_against_its_plan(tmp_path: Path) -> None:
    app = pages(make(tmp_path), WEDNESDAY, assigned=False)
    do(entered(app, "li"), "/work/deal/task", key="D-1", task="call")
    page = said(entered(app, "li").get("/day"))
    assert "Plan and work of 2026-03-18" in page
    assert "not done: Go: Deal D-2, until 2026-03-16" in page
    assert "done: Call (high priority): Deal D-1, until 2026-03-17" in page
    assert "report to you" not in page
    team = said(entered(app, "wang").get("/day?day=2026-03-18"))
    assert "李 5 1 4 0" in team
    assert said(entered(app, "wang").get("/day?day=2031-01-01")) == said(entered(app, "wang").get("/day?day=x"))
    assert "陈" not in team


def test_a_key_may_be_typed_in_any_form(tmp_path: Path) -> None:
    root = make(tmp_path)
    change(root, "D-1,li,east", "D-\u00e9,li,east")
    client = entered(pages(root, assigned=False), "li")
    assert client.get("/work/deal", query_string={"key": "D-e\u0301"}).status_code == 200
    assert "task done: Call" in said(do(client, "/work/deal/task", key="D-e\u0301", task="call"))


# what is done


def test_a_deal_goes_its_way_from_the_pages(app: Flask) -> None:
    li = entered(app, "li")
    page = said(li.get("/work/deal?key=D-1"))
    assert "Trial a required task is not done: Call Lost" in page
    assert "Call (high priority) 李 2026-03-17 open, required Done" in page
    answer = do(li, "/work/deal/task", key="D-1", task="call", back="mine")
    assert answer.request.path == "/work"
    assert "Deal D-1: task done: Call" in said(answer)
    assert "task done" not in said(li.get("/work"))  # told once
    answer = do(li, "/work/deal/advance", key="D-1", to="trial", process="sales")
    assert (answer.request.path, answer.request.args["key"]) == ("/work/deal", "D-1")
    assert "D-1: Talk → Trial a proposal: it counts once the table shows it" in said(answer)
    assert "Trial is proposed; the table does not show it yet." in said(answer)
    answer = do(li, "/work/deal/follow-up", key="D-1", note="<b>sample</b>")
    assert "followed up: &lt;b&gt;sample&lt;/b&gt;" in said(answer)
    wang = entered(app, "wang", "zh")
    assert "商机 D-5：审批通过：经理" in said(do(wang, "/work/deal/approve", key="D-5"))
    assert "经理 已通过 总监 待审批" in said(wang.get("/work/deal?key=D-5"))


@pytest.mark.parametrize(
    ("person", "deed", "form", "told"),
    [
        ("li", "advance", {"key": "D-2", "to": "trial"}, "not possible yet, 3 in the way"),
        ("li", "advance", {"key": "D-2", "to": "nowhere"}, "no process of `deal` has a stage `nowhere`"),
        ("wang", "advance", {"key": "D-4", "to": "won"}, "no grant lets you advance this record"),
        ("li", "task", {"key": "D-1", "task": "dance"}, "has no task `dance`; it has: call, visit, gift"),
        ("wang", "task", {"key": "D-1", "task": "call"}, "the task is not yours"),
        ("dai", "approve", {"key": "D-4"}, "D-4 needs the approval of: manager"),
        ("li", "approve", {"key": "D-1"}, "D-1 needs no approval in its stage"),
        ("he", "follow-up", {"key": "D-1"}, "no grant lets you update anything of D-1"),
    ],
)
def test_what_stands_in_the_way_is_told_and_nothing_is_noted(
    app: Flask, person: str, deed: str, form: dict[str, str], told: str
) -> None:
    log = live_in(app).log
    assert log is not None
    before = [event for event in log.store.events() if event.kind != "observed"]
    answer = do(entered(app, person), f"/work/deal/{deed}", **form)
    assert (answer.status_code, "Not done" in said(answer), told in said(answer)) == (200, True, True)
    assert [event for event in log.store.events() if event.kind != "observed"] == before


@pytest.mark.parametrize("deed", ["task", "approve", "follow-up", "advance"])
def test_a_record_of_others_is_refused_like_one_that_is_not_there(app: Flask, deed: str) -> None:
    """Chen's deal and none: the same words for each way of asking, and none for a form that is not ours."""
    li = entered(app, "li")

    def words(key: str) -> tuple[int, str]:
        answer = do(li, f"/work/deal/{deed}", key=key, task="call", to="trial")
        return answer.status_code, said(answer).replace(key, "KEY")

    assert words("D-6") == words("D-99")
    assert words("D-6")[0] == 404
    assert li.post(f"/work/deal/{deed}", data={"key": "D-1", "task": "call", "to": "trial"}).status_code == 400
    assert li.get(f"/work/deal/{deed}").status_code == 405
    assert app.test_client().post(f"/work/deal/{deed}", data={"key": "D-1"}).status_code == 400


def test_pages_of_records_refuse_alike_whether_one_is_there(read_only: Flask) -> None:
    li = entered(read_only, "li")
    for path in ("/work/deal?key=", "/assigned/lead?key="):
        there, not_there = (li.get(path + key) for key in ("D-6" if "deal" in path else "L-3", "X-1"))
        assert there.status_code == not_there.status_code == 404
        assert said(there).replace("D-6", "X-1").replace("L-3", "X-1") == said(not_there)
    assert li.get("/work/dael?key=D-1").status_code == li.get("/assigned/dael?key=D-1").status_code == 404


# who got it, and how evenly


def test_why_a_lead_went_to_somebody_else(read_only: Flask) -> None:
    """Chen had one lead in hand and Li two, so Chen got the one that waited."""
    page = said(entered(read_only, "li").get("/assigned/lead?key=L-4"))
    assert "Lead L-4 went to 陈 by rule `rest`" in page
    assert "considered 7 without `post.role = &#39;rep&#39;` −5 left 2" in page
    assert "陈 had least in hand: 1" in page
    assert "Why not me?" in page
    assert "李 could have got it, and 陈 came first" in said(
        entered(read_only, "li").get("/assigned/lead?key=L-4&person=li")
    )
    assert "wang does not meet" in said(entered(read_only, "zhao").get("/assigned/lead?key=L-4&person=wang")).replace(
        "王", "wang"
    )
    refused = entered(read_only, "li").get("/assigned/lead?key=L-4&person=wang")
    assert (refused.status_code, "no grant lets you ask what others may do" in said(refused)) == (403, True)
    assert "has not" not in said(entered(read_only, "li").get("/assigned/lead?key=L-1"))
    assert "No assignment has decided" in said(entered(read_only, "li").get("/assigned/lead?key=L-1"))


def test_how_evenly_work_is_given_out_is_for_those_who_audit_it(read_only: Flask) -> None:
    zhao = entered(read_only, "zhao")
    assert 'href="/fairness/new_leads"' in zhao.get("/").text
    page = said(zhao.get("/fairness/new_leads"))
    assert "the busiest of 2 people, 李, has 2 in hand, 2.0 times what the idlest, 陈, has (1)" in page
    assert "孙 1 陈 1 陈 1 1 0.00 1.00" in page
    li = entered(read_only, "li")
    assert "/fairness" not in li.get("/").text
    assert li.get("/fairness/new_leads").status_code == li.get("/fairness/no").status_code == 403
    assert zhao.get("/fairness/no").status_code == 400


# who is told nothing

_TOKEN = re.compile(rb'name="csrf_token" value="[^"]+"')
PATHS = (
    "/work",
    *(f"/work/deal?key=D-{number}" for number in (1, 3, 4, 5, 6, 7, 99)),
    "/work/lead?key=L-4",
    "/assigned/lead?key=L-4",
    "/assigned/lead?key=L-4&person=he",
    "/fairness/new_leads",
    "/stages/sales",
)


def seen(root: Path, person: str) -> dict[str, Any]:
    """Every page, but for the token of its forms."""
    client = entered(pages(root, WEDNESDAY), person, "zh")
    found = {path: whole(client, path) for path in PATHS}
    return {path: (status, _TOKEN.sub(b"", page)) for path, (status, page, _) in found.items()}


@pytest.mark.parametrize(
    ("person", "sees", "file", "old", "new"),
    [
        (
            "wang",
            "sun",
            "deal.csv",
            "D-6,chen,south,talk,true,false,5000,0.00",
            "D-6,chen,south,offer,true,false,7,0.9",
        ),
        ("zhao", "li", "deal.csv", "D-1,li,east,talk,true,false,5000,0.00", "D-1,li,east,offer,true,false,9,0.9"),
        ("dan", "wang", "deal.csv", "D-4,li,east,offer,true,false,5000,0.20", "D-4,li,east,offer,true,false,9,0.00"),
        ("dan", "li", "deal.csv", "D-3,li,east,talk,true,true,2000000,0.00", "D-3,li,east,talk,true,true,7,0.00"),
        ("li", "chen", "deal.csv", "D-6,chen,south,talk,true,false,5000,0.00", "D-6,chen,south,offer,true,false,7,0.9"),
    ],
)
def test_what_a_person_does_not_see_changes_no_page_of_work_by_a_byte(
    tmp_path: Path, person: str, sees: str, file: str, old: str, new: str
) -> None:
    """Dan reads the basics of deals and may neither move nor sign them; whoever sees the cell sees it change."""
    roots = [make(tmp_path / name) for name in ("one", "two")]
    for root in roots:
        with (root / "policies/works/grants.csv").open("a", encoding="utf-8") as grants:
            grants.write("allow,clerk,read,deal,basics,all,,,\nallow,helper,read,person,basics,all,,,\n")
        with (root / "data/post.csv").open("a", encoding="utf-8") as posts:
            posts.write("dan,clerk,,,\n")
        change(root, "dai,,戴", "dai,,戴\ndan,,丹", "data/person.csv")
        change(root, "posts:", "  clerk: {label: {en: Clerk, zh: 文员}}\nposts:", "rules/works/roles.yaml")
    change(roots[1], old, new, f"data/{file}")
    assert seen(roots[0], person) == seen(roots[1], person)
    assert seen(roots[0], sees) != seen(roots[1], sees)


# without a log


def test_a_company_without_processes_has_no_pages_of_work(tmp_path: Path) -> None:
    client = entered(create_app(Workspace.open(tiny_company.make(tmp_path))), MANAGER)
    assert "/work" not in client.get("/").text
    assert client.get("/work/customer?key=C-1").status_code == 400
    assert client.get("/assigned/customer?key=C-1").status_code == 200


def test_a_log_that_cannot_be_used_is_told_on_its_pages_only(tmp_path: Path) -> None:
    root = make(tmp_path)
    (root / ".salesrules" / "store.sqlite").mkdir(parents=True)
    client = entered(create_app(Workspace.open(root)), "li")
    for path in ("/work", "/work/deal?key=D-1", "/assigned/lead?key=L-1"):
        answer = client.get(path)
        assert (answer.status_code, "the log of what was done cannot be used now" in said(answer)) == (503, True)
        assert "store.sqlite" not in answer.text
    assert client.get("/").status_code == client.get("/records/deal").status_code == 200


def test_the_log_is_opened_when_it_is_asked_for_and_anew_with_the_sources(tmp_path: Path) -> None:
    root = make(tmp_path)
    app = create_app(Workspace.open(root))
    client = entered(app, "li")
    client.get("/records/deal")
    assert live_in(app).log is None
    assert client.get("/work").status_code == 200
    first = live_in(app).log
    assert first is not None
    change(root, "D-1,li,east,talk", "D-1,li,east,trial")
    live_in(app).refresh()
    assert "in Trial" in said(client.get("/work/deal?key=D-1"))
    assert live_in(app).log is not first
