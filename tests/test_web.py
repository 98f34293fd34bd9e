"""The pages over a company of four people: who is logged in, what every answer carries, refusals, languages."""

import re
from dataclasses import replace

import pytest

from salesrules.workspace import Workspace
from salesrules_web import create_app, sessions
from tests import tiny_company
from tests.web_pages import AUDITOR, FORMER, MANAGER, REP, entered, said, token

# who is logged in


def test_everyone_with_a_post_today_can_be_chosen_with_role_and_scope(app):
    page = said(app.test_client().get("/login?lang=zh"))
    assert "李娜 P-1 销售代表（上海）" in page
    assert "王伟 P-2 销售经理（华东）" in page
    assert "赵敏 P-3 审计" in page
    assert "孙莉" not in page  # her post has ended


@pytest.mark.parametrize("path", ["/", "/records/customer", "/why/customer?key=C-1", "/kpis/sales", "/nothing"])
def test_before_the_log_in_every_page_leads_there(app, path):
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.location) == (302, "/login")
    assert "远山" not in answer.text


@pytest.mark.parametrize("form", [{"person": REP}, {"person": REP, "csrf_token": "made-up"}])
def test_a_form_from_elsewhere_logs_nobody_in(app, form):
    client = app.test_client()
    answer = client.post("/login?lang=en", data=form)
    assert answer.status_code == 400
    assert "did not come from here" in said(answer)
    assert client.get("/").location == "/login"


@pytest.mark.parametrize("person", [FORMER, "P-9", ""])
def test_nobody_without_a_post_logs_in(app, person):
    client = app.test_client()
    assert client.post("/login", data={"person": person, "csrf_token": token(client)}).status_code == 403
    assert client.get("/").location == "/login"


def test_logging_out_needs_the_form_and_ends_the_session(as_):
    client = as_(REP)
    assert client.post("/logout").status_code == 400
    assert client.get("/").status_code == 200
    client.post("/logout", data={"csrf_token": token(client)})
    assert client.get("/").location == "/login"


def test_a_changed_cookie_is_nobody(app, as_):
    client = as_(REP)
    signed = client.get_cookie("salesrules").value
    client.set_cookie("salesrules", signed[:-1] + ("A" if signed[-1] != "A" else "B") + "x")
    assert client.get("/").location == "/login"


def test_logging_out_ends_every_copy_of_the_cookie(app):
    client = entered(app, REP)
    copied, thief = client.get_cookie("salesrules").value, app.test_client()
    thief.set_cookie("salesrules", copied)
    assert thief.get("/").status_code == 200
    client.post("/logout", data={"csrf_token": token(client)})
    assert client.get("/").location == "/login"
    thief.set_cookie("salesrules", copied)
    assert thief.get("/").location == "/login"


def test_logging_in_anew_ends_the_session_before(app):
    client = entered(app, REP)
    before, other = client.get_cookie("salesrules").value, app.test_client()
    client.post("/login", data={"person": AUDITOR, "csrf_token": token(client)})
    other.set_cookie("salesrules", before)
    assert other.get("/").location == "/login"


def test_sessions_end_with_their_time_and_the_oldest_with_too_many(monkeypatch):
    now = [0.0]
    known = sessions.Sessions(clock=lambda: now[0])
    first = known.begin("P-1")
    now[0] = sessions.LIFETIME
    assert known.person(first) == "P-1"
    now[0] += 1
    assert [known.person(name) for name in (first, None, "", "P-1")] == [None] * 4
    monkeypatch.setattr(sessions, "MOST", 3)
    names = [known.begin(f"P-{n}") for n in range(5)]
    assert [known.person(name) for name in names] == [None, None, "P-2", "P-3", "P-4"]


def test_a_session_ends_with_the_process_even_under_a_secret_of_ones_own(monkeypatch, tiny):
    monkeypatch.setenv("SALESRULES_SECRET", "a secret for this test")
    cookie = entered(create_app(tiny), REP).get_cookie("salesrules").value
    client = create_app(tiny).test_client()
    client.set_cookie("salesrules", cookie)
    assert client.get("/").location == "/login"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(app):
    client = app.test_client()
    cookie = client.post("/login", data={"person": REP, "csrf_token": token(client)}).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


# what every answer carries


@pytest.mark.parametrize("path", ["/login", "/", "/records/customer", "/nothing", "/static/pages.css"])
def test_the_browser_is_told_to_keep_everything_else_out(as_, path):
    headers = as_(REP).get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy.pop("default-src") == "'none'"
    assert set(policy.values()) == {"'self'", "'none'"}
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert ("no-store" in headers.get("Cache-Control", "")) == (not path.startswith("/static"))


@pytest.mark.parametrize(
    "path",
    [
        "/login",
        "/",
        "/records/customer?where=id is null or x",
        "/why/customer?key=C-1",
        "/kpis/sales?by=customer",
        "/pack/entities",
        "/matrix",
    ],
)
def test_no_page_needs_what_the_policy_forbids(as_, path):
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://", as_(MANAGER).get(path).text)


def test_a_foreign_host_name_is_refused(as_):
    answer = as_(REP).get("/", headers={"Host": "elsewhere.example"})
    assert (answer.status_code, answer.text) == (400, "foreign host\n")


# why


def test_why_names_the_decision_and_each_grant(as_):
    page = said(as_(REP).get("/why/customer?key=C-2&field=phone"))
    assert "may not read Phone of Customer C-2 (contact details)" in page
    assert "Sales representative is allowed to read it in slice mine: false here (policies/tiny/grants.csv:2" in page


def test_why_takes_a_key_of_several_parts(as_):
    links = re.findall(r'href="(/why/order\?key=[^"]+)"', as_(REP).get("/records/order").text)
    assert "may read deals of Order S-1/2" in said(as_(REP).get(links[1]))


# refusals


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/records/customr", 404, "there is no entity `customr`"),
        ("/records/customer/download?as=doc", 404, "There is no such page."),
        ("/records/customr/download?as=csv", 404, "there is no entity `customr`"),
        ("/records/customr?where=x", 404, "there is no entity `customr`; did you mean `customer`?"),
        ("/why/customer?key=C-1&field=fone", 404, "there is no field `fone`; did you mean `phone`?"),
        ("/why/customer?key=C-4", 404, "no such record, or not yours: customer C-4"),
        ("/why/customer?key=C-9", 404, "no such record, or not yours: customer C-9"),
        ("/kpis/sale", 404, "there is no kpi `sale`; did you mean `sales`?"),
        ("/kpis/sales?by=customer.phone", 403, "reads the category `contact` of `customer`, which no grant opens"),
        ("/kpis/sales?by=amuont", 400, "did you mean `amount`?"),
        ("/nothing", 404, "There is no such page."),
    ],
)
def test_a_refusal_says_what_is_wrong(as_, path, status, text):
    answer = as_(AUDITOR).get(path)
    assert answer.status_code == status
    assert text in said(answer).replace("&#39;", "'")


@pytest.mark.parametrize(
    ("path", "status", "texts"),
    [
        ("/nothing", 404, ("Check how it is spelt", "请核对写法")),
        ("/kpis/sales?by=amuont", 400, ("mend what was asked", "改好问题再试")),
        ("/matrix", 403, ("can open it with a grant", "请负责规则的人授权")),
    ],
)
def test_a_refusal_says_what_next_in_both_languages(as_, path, status, texts):
    for lang, text in zip(("en", "zh"), texts, strict=True):
        answer = as_(REP, lang).get(path)
        assert (answer.status_code, text in said(answer)) == (status, True)


def test_what_nobody_foresaw_is_told_without_details(tmp_path):
    workspace = Workspace.open(tiny_company.make(tmp_path))
    client = entered(create_app(replace(workspace, engine=None)), REP)
    answer = client.get("/records/customer")
    assert answer.status_code == 500
    assert "Something failed" in said(answer)
    assert "tell whoever runs this server" in said(answer)
    assert "Traceback" not in answer.text
    assert "NoneType" not in answer.text


def test_a_database_that_does_not_answer_is_told_without_details(tmp_path):
    workspace = Workspace.open(tiny_company.make(tmp_path))
    client = entered(create_app(workspace), REP)
    workspace.engine.close()
    answer = client.get("/records/customer")
    assert answer.status_code == 503
    assert "tell whoever runs the workspace" in said(answer)
    assert "duckdb" not in answer.text.lower()
    assert "onnection" not in answer.text


# languages


def test_the_switch_keeps_the_page_and_is_remembered(as_):
    client = as_(REP)
    page = client.get("/kpis/sales?by=customer").text
    assert '<html lang="en">' in page
    switch = re.search(r'href="(\?[^"]+)" lang="zh-CN"', page)[1].replace("&amp;", "&")
    page = client.get("/kpis/sales" + switch)
    assert '<html lang="zh-CN">' in page.text
    assert "销售额，按客户分组" in said(page)
    assert '<html lang="zh-CN">' in client.get("/records/customer").text


def test_without_one_of_the_browser_it_is_the_one_that_the_server_was_started_in(tiny):
    client = create_app(tiny, lang="zh").test_client()
    assert '<html lang="zh' in client.get("/login").text
    assert '<html lang="en">' in client.get("/login", headers={"Accept-Language": "en"}).text


def test_the_first_language_is_the_one_of_the_browser(app):
    assert '<html lang="zh-CN">' in app.test_client().get("/login", headers={"Accept-Language": "zh-CN,en;q=0.5"}).text
