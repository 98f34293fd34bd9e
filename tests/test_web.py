"""The pages over a company of four people: who sees what, what the headers promise, and one walk in a real browser."""

import re
import shutil
import threading
from functools import partial

import pytest

from salesrules.workspace import Workspace
from salesrules_web import create_app, sessions
from salesrules_web.server import listen
from tests import tiny_company

REP, MANAGER, AUDITOR, FORMER = "P-1", "P-2", "P-3", "P-4"
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return Workspace.open(tiny_company.make(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(scope="module")
def app(workspace):
    return create_app(workspace)


def token(client):
    return re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]


def entered(app, person, lang="en"):
    """A client that has logged in as a person, in a language."""
    client = app.test_client()
    answer = client.post(f"/login?lang={lang}", data={"person": person, "csrf_token": token(client)})
    assert answer.status_code == 302
    return client


@pytest.fixture
def as_(app):
    return partial(entered, app)


def said(answer):
    """The words of a page without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


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


def test_a_session_ends_with_the_process_even_under_a_secret_of_ones_own(monkeypatch, workspace):
    monkeypatch.setenv("SALESRULES_SECRET", "a secret for this test")
    cookie = entered(create_app(workspace), REP).get_cookie("salesrules").value
    client = create_app(workspace).test_client()
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
    ["/login", "/", "/records/customer?where=id is null or x", "/why/customer?key=C-1", "/kpis/sales?by=customer"],
)
def test_no_page_needs_what_the_policy_forbids(as_, path):
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://", as_(MANAGER).get(path).text)


def test_a_foreign_host_name_is_refused(as_):
    answer = as_(REP).get("/", headers={"Host": "elsewhere.example"})
    assert (answer.status_code, answer.text) == (400, "foreign host\n")


# what is seen


def test_a_hidden_cell_is_marked_and_is_not_in_the_page(as_):
    page = as_(REP).get("/records/customer")
    assert "Customer: 2 records (1 in full, 1 without contact details), through mine, my patch" in said(page)
    assert "13800000001" in page.text
    assert "13800000002" not in page.text
    assert 'class="hidden" href="/why/customer?key=C-2&amp;field=phone">hidden' in page.text


@pytest.mark.parametrize("path", ["/", "/records/customer", "/records/order", "/kpis/sales", "/kpis/sales?by=customer"])
def test_rows_of_others_are_not_in_the_page(as_, path):
    page = as_(REP).get(path).text
    for theirs in ("C-3", "白云", "C-4", "南海", "3,000.00", "40,000.00", "44,200.50", "544,200.50"):
        assert theirs not in page


@pytest.mark.parametrize(
    ("person", "records", "figure"),
    [
        (REP, "2 records (1 in full, 1 without contact details)", "1,200.50 CNY over 2 records"),
        (MANAGER, "3 records (3 in full)", "44,200.50 CNY over 4 records"),
        (AUDITOR, "0 records of Customer: no grant shows you any", "544,200.50 CNY over 5 records"),
    ],
)
def test_the_same_questions_have_other_answers_for_other_people(as_, person, records, figure):
    client = as_(person)
    assert records in said(client.get("/records/customer"))
    assert figure in said(client.get("/kpis/sales"))


def test_only_what_can_be_asked_is_offered(as_):
    assert re.findall(r'href="/(?:records|kpis)/(\w+)"', as_(AUDITOR).get("/login").text) == ["sales"]
    assert re.findall(r'href="/(?:records|kpis)/(\w+)"', as_(REP).get("/login").text) == ["customer", "order", "sales"]


def test_the_texts_of_records_are_texts(as_):
    page = as_(MANAGER).get("/records/customer").text
    assert "&lt;b&gt;白云&amp;电子&lt;/b&gt;" in page
    assert "<b>" not in page


def test_a_group_that_would_tell_on_few_rows_has_neither_figure_nor_bar(as_):
    page = as_(AUDITOR).get("/kpis/sales?by=customer.region")
    assert said(page).count("hidden too few to show") == 1  # the regions are hidden too, so they are one group
    assert "<rect" not in page.text
    assert "544,200.50 CNY" in said(page)


def test_bars_are_drawn_to_the_largest(as_):
    page = as_(MANAGER).get("/kpis/sales?by=customer").text
    assert re.findall(r"<title>(\d+%) of the largest</title><rect x=\"0.0%\" width=\"([\d.]+)%\"", page) == [
        ("3%", "3.00125"),
        ("8%", "7.5"),
        ("100%", "100.0"),
    ]


def test_a_kpi_carries_its_definition_and_its_formula(as_):
    page = said(as_(REP, "zh").get("/kpis/sales"))
    assert "统计口径 订单金额，含税" in page
    assert "sum(amount) rules/tiny/kpis.yaml:7:14" in page


@pytest.mark.parametrize("number", ["1", "0", "-3", "many", ""])
def test_nonsense_for_a_page_number_is_the_first_page(as_, number):
    assert "Records 1 to 2 of 2" in said(as_(REP).get(f"/records/customer?page={number}"))


@pytest.mark.parametrize("number", ["2", "99999999999999999999"])
def test_a_page_past_the_end_says_so(as_, number):
    assert "There are only 2 rows" in said(as_(REP).get(f"/records/customer?page={number}"))


@pytest.mark.parametrize(
    ("role", "refused"), [("rep", {"gross_margin"}), ("manager", set()), ("auditor", {"gross_margin"})]
)
def test_every_page_that_is_offered_to_a_role_answers(demo, role, refused):
    """In the larger company: each role follows every link and every grouping that its pages show."""
    opened, made = demo
    client = entered(create_app(opened), getattr(made, role))
    ahead, seen = ["/"], set()
    while ahead:
        page = client.get(path := ahead.pop())
        assert page.status_code == 200, path
        seen.add(path)
        links = re.findall(r'href="(/(?:records|kpis)/\w+)"', page.text)
        groups = [f"{path}?by={name}" for name in re.findall(r'<option value="([\w.]+)"', page.text)]
        ahead += {*links, *(groups if "?" not in path else [])} - seen - set(ahead)
    assert {f"/kpis/{kpi}" for kpi in opened.pack.kpis} - seen == {f"/kpis/{kpi}" for kpi in refused}


# filter, order, columns, files


def test_a_filter_shows_what_matches_and_counts_what_it_may_not_look_at(as_):
    page = as_(REP).get("/records/customer", query_string={"where": "phone like '13%' and name is not null"})
    assert "1 records match (1 in full), through mine, my patch" in said(page)
    assert "1 of your records hide a field that the filter asks about" in said(page)
    assert 'value="phone like &#39;13%&#39; and name is not null"' in page.text


def test_a_mistake_in_a_filter_is_marked_and_no_record_is_shown(as_):
    page = as_(REP).get("/records/customer", query_string={"where": "name = 'x' and fone is null"})
    assert page.status_code == 400
    assert "unknown field `fone` in `customer`; did you mean `phone`?" in said(page)
    assert "<code>name = &#39;x&#39; and <mark>fone</mark> is null</code>" in page.text
    assert "C-1" not in page.text


def test_a_filter_on_what_no_grant_opens_is_refused(as_):
    page = as_(AUDITOR).get("/records/customer", query_string={"where": "phone is null"})
    assert (page.status_code, "which no grant opens to you" in said(page)) == (403, True)


def test_heads_sort_and_say_how_the_list_is_sorted(as_):
    client = as_(MANAGER)
    page = client.get("/records/customer?where=owner = user").text
    href = re.search(r'<th scope="col"><a href="([^"]+)">Name</a>', page)[1].replace("&amp;", "&")
    page = client.get("/records/customer" + href).text
    assert re.findall(r'aria-sort="(\w+)"><a href="[^"]+">(\w+)<', page) == [("ascending", "Name")]
    assert re.findall(r">(C-\d)<", page) == ["C-3", "C-2"]
    href = re.search(r'aria-sort="ascending"><a href="([^"]+)"', page)[1].replace("&amp;", "&")
    page = client.get("/records/customer" + href).text
    assert re.findall(r">(C-\d)<", page) == ["C-2", "C-3"]


def test_a_column_that_no_grant_opens_cannot_be_sorted_by(tmp_path):
    root = tiny_company.make(tmp_path)
    grants = root / "policies/tiny/grants.csv"
    grants.write_text(grants.read_text(encoding="utf-8").replace("customer,*,mine", "customer,basics,mine"), "utf-8")
    page = entered(create_app(Workspace.open(root)), REP).get("/records/customer").text
    assert re.search(r'<th scope="col">Phone</th>', page)
    assert re.search(r'<th scope="col"><a href="[^"]+">Name</a></th>', page)


def test_chosen_columns_stay_on_every_link(as_):
    page = as_(REP).get("/records/customer?columns=id&columns=phone").text
    assert re.findall(r'<th scope="col"><a href="([^"]+)">(\w+)</a>', page) == [
        ("?columns=id&amp;columns=phone&amp;lang=en&amp;sort=id&amp;page=1", "Number"),
        ("?columns=id&amp;columns=phone&amp;lang=en&amp;sort=phone&amp;page=1", "Phone"),
    ]


@pytest.fixture(scope="module")
def exporting(tmp_path_factory):
    """The pages of a company where phones are masked and some of the customers may be exported."""
    root = tiny_company.make(tmp_path_factory.mktemp("exporting"))
    with (root / "policies/tiny/grants.csv").open("a", encoding="utf-8") as grants:
        grants.write("allow,rep,export,customer,basics,mine,,,\n")
    fields = root / "rules/tiny/entities.yaml"
    masked = fields.read_text(encoding="utf-8").replace(
        "category: contact,", "category: contact, mask: {keep_last: 4},"
    )
    fields.write_text(masked, encoding="utf-8")
    return create_app(Workspace.open(root))


def test_a_masked_cell_shows_its_end_and_says_that_it_is_masked(exporting):
    page = entered(exporting, REP).get("/records/customer").text
    assert "1380000000" not in page.replace("13800000001", "")
    assert 'field=phone">••••0002<span class="unseen"> (partly hidden) why?</span>' in page


def test_files_hold_what_may_be_exported(exporting):
    client = entered(exporting, REP)
    links = re.findall(r'href="(/records/customer/download[^"]+)"', client.get("/records/customer?sort=-id").text)
    assert [re.search(r"as=(\w+)", link)[1] for link in links] == ["csv", "json", "xlsx", "parquet"]
    file = client.get(links[0].replace("&amp;", "&"))
    assert file.headers["Content-Disposition"] == "attachment; filename=customer.csv"
    assert file.headers["Cache-Control"] == "no-store"
    assert file.text == "id,name,region,owner,phone,hidden\nC-1,远山机械,上海,P-1,,phone\n"


def test_without_the_right_there_is_no_link_and_no_file(as_):
    client = as_(REP)
    assert "download" not in client.get("/records/customer").text
    answer = client.get("/records/customer/download?as=csv")
    assert (answer.status_code, "no grant lets you export anything" in said(answer)) == (403, True)


# why


def test_why_names_the_decision_and_each_grant(as_):
    page = said(as_(REP).get("/why/customer?key=C-2&field=phone"))
    assert "may not read Phone of Customer C-2 (contact details)" in page
    assert "Sales representative is allowed to read it in slice mine: false here (policies/tiny/grants.csv:2" in page


def test_why_takes_a_key_of_several_parts(as_):
    links = re.findall(r'href="(/why/order\?key=[^"]+)"', as_(REP).get("/records/order").text)
    assert "may read deals of Order S-1/2" in said(as_(REP).get(links[1]))


# nothing leaks sideways


def whole(client, path):
    """Everything of an answer but the hour."""
    answer = client.get(path)
    return answer.status, answer.data, [header for header in answer.headers if header[0] != "Date"]


PATHS = (
    "/",
    "/records/customer",
    "/records/order",
    "/records/customer?page=2",
    "/records/customer?where=phone is null",
    "/records/customer?where=not (phone like '%3' or name = 'x')&sort=-phone",
    "/records/customer?where=customer is null",
    "/records/order?where=customer.phone is not null&sort=-customer.phone&columns=number,customer.name,customer.phone",
    "/records/customer/download?as=csv",
    "/kpis/sales",
    "/kpis/sales?by=customer",
    "/kpis/sales?by=customer.region",
    "/why/customer?key=C-2",
    "/why/customer?key=C-2&field=phone",
    "/why/customer?key=C-3",
    "/why/customer?key=C-4&field=phone",
    "/why/order?key=S-3/1",
)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    ("file", "line", "instead"),
    [
        ("customer.csv", "C-2,晨光化工,上海,P-2,13800000002\n", "C-2,晨光化工,上海,P-2,none\n"),
        ("customer.csv", "C-3,<b>白云&电子</b>,华东,P-2,13800000003\n", ""),
        ("customer.csv", "C-4,南海贸易,华南,,13800000004\n", "C-4,北海贸易,华东,P-2,\n"),
        ("order.csv", "S-3,1,C-3,40000.00\n", "S-3,1,C-3,7.00\n"),
        ("order.csv", "S-3,1,C-3,40000.00\n", ""),
    ],
)
def test_what_a_person_does_not_see_changes_no_page_by_a_byte(tmp_path, app, lang, file, line, instead):
    """A record that is not seen answers like one that does not exist; the manager, who sees it, sees it change."""
    table = tiny_company.make(tmp_path) / "data" / file
    before = table.read_text(encoding="utf-8")
    assert line in before
    table.write_text(before.replace(line, instead), encoding="utf-8")
    changed = create_app(Workspace.open(tmp_path))

    def pages(app, person):
        client = entered(app, person, lang)
        return {path: whole(client, path) for path in PATHS}

    assert pages(app, REP) == pages(changed, REP)
    assert pages(app, MANAGER) != pages(changed, MANAGER)


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


def test_the_first_language_is_the_one_of_the_browser(app):
    assert '<html lang="zh-CN">' in app.test_client().get("/login", headers={"Accept-Language": "zh-CN,en;q=0.5"}).text


# in a real browser


@pytest.fixture
def address(workspace):
    server = listen(workspace, port=0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@pytest.fixture
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no test in a browser")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium on the path: no test in a browser")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        yield browser
        browser.close()


def test_two_people_walk_through_the_pages(address, browser):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    page = browser.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))

    def reads(*texts):
        for text in texts:
            assert text in page.inner_text("main")
        assert axe.run(page).response["violations"] == []

    page.goto(f"{address}/login?lang=en")
    reads("Nobody is asked for a password here")
    page.get_by_role("button", name="Log in as 李娜").click()
    reads("You are 李娜", "Customer: 2 records")
    page.get_by_role("navigation").get_by_role("link", name="Customer").click()
    reads("1 in full, 1 without contact details", "13800000001")
    page.get_by_label("Filter").fill("owner = user and phon is not null")
    page.get_by_role("button", name="Show").click()
    reads("did you mean `phone`?")
    page.get_by_label("Filter").fill("phone is not null")
    page.get_by_role("button", name="Show").click()
    reads("1 records match (1 in full)", "1 of your records hide a field that the filter asks about")
    page.get_by_role("link", name="Show everything").click()
    page.get_by_role("columnheader", name="Name").get_by_role("link").click()
    reads("1 in full, 1 without contact details")
    assert page.get_by_role("columnheader", name="Name").get_attribute("aria-sort") == "ascending"
    page.locator("summary").click()
    page.get_by_role("checkbox", name="Number id").check()
    page.get_by_role("checkbox", name="Phone").check()
    page.get_by_role("button", name="Show").click()
    reads("Number\tPhone")
    page.get_by_role("link", name="hidden why?").click()
    reads("May not read contact details of Customer C-2")
    page.get_by_role("link", name="中文").click()
    reads("不能查看客户 C-2 的联系方式")
    page.get_by_role("link", name="销售额").click()
    page.get_by_label("按").select_option(label="客户")
    page.get_by_role("button", name="查看").click()
    reads("1,200.50 CNY，统计了你可汇总的全部 2 条订单。", "C-1")

    page.get_by_role("link", name="换个人看").click()
    page.get_by_role("button", name="登录 ，身份：王伟").click()
    page.get_by_role("link", name="销售额").first.click()
    reads("44,200.50 CNY，统计了你可汇总的全部 4 条订单。")
    # a browser notes that the mistaken filter was answered with 400
    assert [text for text in complaints if "400 (BAD REQUEST)" not in text] == []
