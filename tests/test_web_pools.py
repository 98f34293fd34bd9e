"""The pages of pools and conflicts: what waits, what is taken, given, passed on and judged, and who is told what."""

from __future__ import annotations

import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from salesrules.workspace import Workspace
from salesrules_web import create_app
from salesrules_web.live import live_in
from tests import tiny_company
from tests.pool_pages import NOON, make, pages
from tests.web_pages import MANAGER, entered, said, token


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("pools") / "world")


@pytest.fixture(scope="module")
def read_only(world: Path) -> Flask:
    return pages(world)


@pytest.fixture
def app(world: Path, tmp_path: Path) -> Flask:
    """A copy that may be written to."""
    return pages(Path(shutil.copytree(world, tmp_path / "copy")))


def do(client: FlaskClient, path: str, **form: Any) -> Any:
    """Send a form of the pages, and read the page that follows."""
    return client.post(path, data={"csrf_token": token(client), **form}, follow_redirects=True)


def owners(app: Flask) -> dict[str, str | None]:
    log = live_in(app).log
    assert log is not None
    log.states.refresh()
    return dict(
        log.states.engine.rows('SELECT "#key", owner FROM work."state lead" WHERE owner IS NOT NULL ORDER BY 1')
    )


def row(answer: Any, key: str) -> str:
    """What a page says about one record."""
    rows = re.findall(r"<tr>.*?</tr>", answer.text, re.DOTALL)
    (found,) = [text for text in rows if f'value="{key}"' in text or f">{key}</a>" in text]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found)).strip()


# looking in


@pytest.mark.parametrize(
    ("person", "lang", "told"),
    [
        ("li", "en", "Lead pool 4 4"),
        ("he", "zh", "线索池 2 2"),
        ("ops", "en", "Lead pool 6 0"),
        ("zhao", "en", "No pool is open to you"),
        ("wang", "zh", "没有向你开放的线索池或公海"),
    ],
)
def test_the_pools_that_a_person_may_look_into(read_only: Flask, person: str, lang: str, told: str) -> None:
    assert told in said(entered(read_only, person, lang).get("/pools"))


def test_each_record_can_be_claimed_or_says_everything_against_it(read_only: Flask) -> None:
    page = entered(read_only, "li").get("/pools/lead_pool")
    assert "Lead pool: 4 wait, 4 of them you can claim now" in said(page)
    assert row(page, "L-1") == "L-1 nj 500.00 hidden east 2026-03-12 12:00 Claim : Lead L-1"
    assert "13700001111" not in page.text
    chen = entered(read_only, "chen", "zh").get("/pools/lead_pool")
    assert "参数表没有给出这里的 `hold_max` 上限" in row(chen, "L-4")
    assert 'type="checkbox"' not in chen.text
    assert "领取勾选的记录" not in chen.text


def test_what_is_too_new_says_until_when(world: Path) -> None:
    page = entered(pages(world, NOON), "li").get("/pools/lead_pool")
    assert "it is too new: not before 2026-03-12 14:00" in row(page, "L-1")


def test_a_pool_is_read_by_pages(read_only: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pools", "tables"):
        monkeypatch.setattr(sys.modules[f"salesrules_web.{name}"], "PAGE", 3)
    li = entered(read_only, "li")
    pair = [re.findall(r'name="only" value="([^"]+)"', li.get(f"/pools/lead_pool?page={n}").text) for n in (1, 2)]
    assert pair == [["L&#39;8", "L-1", "L-6"], ["L-7"]]
    assert "There are only 4 rows" in said(li.get("/pools/lead_pool?page=9"))


@pytest.mark.parametrize(("person", "pools", "conflicts"), [("li", True, True), ("wang", False, True)])
def test_the_navigation_names_what_is_there(read_only: Flask, person: str, pools: bool, conflicts: bool) -> None:
    page = entered(read_only, person).get("/").text
    assert ('href="/pools"' in page, 'href="/conflicts"' in page) == (pools, conflicts)


def test_a_company_without_pools_has_no_link_to_them(tmp_path: Path) -> None:
    page = entered(create_app(Workspace.open(tiny_company.make(tmp_path))), MANAGER).get("/").text
    assert "/pools" not in page
    assert "/conflicts" not in page


# taking


def test_several_are_claimed_at_once_as_far_as_the_limit_goes(app: Flask) -> None:
    li = entered(app, "li")
    answer = do(li, "/pools/lead_pool/claim", key=["L-1", "L-6", "L-7"])
    assert answer.request.path == "/pools/lead_pool"
    page = said(answer)
    assert "L-1: claimed from Lead pool L-6: claimed from Lead pool" in page
    assert "Not done L-7 cannot be claimed now, 2 in the way" in page
    assert "2 claimed today, the limit is 2" in page
    assert "li has 2 in hand, the holding limit is 2" in page
    assert {key for key, id in owners(app).items() if id == "li"} == {"L-1", "L-3", "L-6"}
    assert "claimed from" not in said(li.get("/pools/lead_pool"))  # told once
    assert "2 claimed today" in row(li.get("/pools/lead_pool"), "L-7")


def test_what_was_hidden_opens_once_the_pages_are_read_anew(app: Flask) -> None:
    li = entered(app, "li")
    do(li, "/pools/lead_pool/claim", only="L-1")
    assert "13700001111" not in li.get("/records/lead").text
    live_in(app).refresh()
    assert "13700001111" in li.get("/records/lead").text
    assert "Give back to Lead pool" in said(li.get("/work/lead?key=L-1"))


def test_of_two_who_claim_at_once_one_gets_it_and_one_is_told_why(app: Flask) -> None:
    both, ready = [entered(app, person) for person in ("li", "he")], Barrier(2)
    forms = [{"csrf_token": token(client), "only": "L'8"} for client in both]

    def claims(nth: int) -> str:
        ready.wait(timeout=30)
        return said(both[nth].post("/pools/lead_pool/claim", data=forms[nth], follow_redirects=True))

    with ThreadPoolExecutor(2) as threads:
        told = list(threads.map(claims, (0, 1)))
    got = ["L&#39;8: claimed from Lead pool" in page for page in told]
    assert sorted(got) == [False, True]
    assert "somebody has it already" in told[got.index(False)]
    assert owners(app)["L'8"] == ("li", "he")[got.index(True)]


def test_a_record_that_went_from_view_keeps_nobody_from_the_others(app: Flask) -> None:
    page = said(do(entered(app, "he"), "/pools/lead_pool/claim", key=["L-99", "L-1"]))
    assert "L-1: claimed from Lead pool" in page
    assert "Not done no such record, or not yours: lead L-99" in page
    assert owners(app)["L-1"] == "he"


def test_nothing_ticked_is_said(read_only: Flask) -> None:
    assert "没有勾选任何记录。" in said(do(entered(read_only, "li", "zh"), "/pools/lead_pool/claim"))


# giving


def test_a_manager_of_the_pool_gives_out_what_waits(app: Flask) -> None:
    eo = entered(app, "eo", "zh")
    page = eo.get("/pools/lead_pool")
    assert "交给（人员编号）" in said(page)
    assert row(page, "L-1").endswith("没有授权允许你领取这条记录")
    assert "L-1：已从线索池分配给 he" in said(do(eo, "/pools/lead_pool/assign", key="L-1", to="he"))
    refused = said(do(eo, "/pools/lead_pool/assign", key="L-6", to="nobody"))
    assert "没有完成" in refused
    assert "nobody" in refused
    assert owners(app) == {"L-1": "he", "L-2": "he", "L-3": "li"}


def test_one_who_is_no_manager_gives_nothing_out(app: Flask) -> None:
    li = entered(app, "li")
    assert "/assign" not in li.get("/pools/lead_pool").text
    refused = said(do(li, "/pools/lead_pool/assign", key="L-1", to="he"))
    assert "no grant lets you" in refused
    assert "L-1" not in owners(app)


def test_a_record_is_given_back_and_passed_on_from_its_page(app: Flask) -> None:
    li = entered(app, "li")
    assert "Give back to Lead pool" in said(li.get("/work/lead?key=L-3"))
    assert "Give back" not in said(li.get("/work/lead?key=L-2"))
    assert "Transfer" not in said(li.get("/work/lead?key=L-3"))
    wang = entered(app, "wang")
    page = wang.get("/work/lead?key=L-2")
    assert re.findall(r'<option value="(\w+)">', page.text) == sorted(live_in(app).now.snapshot.organisation.posts)
    answer = do(wang, "/work/lead/transfer", key="L-2", to="li")
    assert (answer.request.path, "L-2: transferred to li" in said(answer)) == ("/work/lead", True)
    assert "L-3: returned to Lead pool" in said(do(li, "/work/lead/return", key="L-3"))
    assert owners(app) == {"L-2": "li"}
    assert "L-3 cannot be returned now" in said(do(li, "/work/lead/return", key="L-3"))


# conflicts


def test_a_case_is_told_as_far_as_the_person_may_know_it(read_only: Flask) -> None:
    wang = said(entered(read_only, "wang").get("/conflicts"))
    assert "he: L-2, first on 2026-03-01 li: L-3, first on 2026-03-05 the rule favours he" in wang
    assert "Give all to he : conflict lead-1" in wang
    li = said(entered(read_only, "li", "zh").get("/conflicts"))
    assert "li：L-3，最早日期 2026-03-05 另有 1 方不便告知" in li
    assert "全部归" not in li
    assert "L-2" not in li
    assert "No conflict is open" in said(entered(read_only, "sun").get("/conflicts"))


def test_who_judges_a_case_ends_it(app: Flask) -> None:
    assert "`sun` is on no side" in said(do(entered(app, "wang"), "/conflicts/lead-1/judge", to="sun"))
    answer = do(entered(app, "wang", "zh"), "/conflicts/lead-1/judge", to="he", note="先到现场")
    assert answer.request.path == "/conflicts"
    assert "没有需要你裁决或与你有关的撞单" in said(answer)
    assert "先到现场" in said(entered(app, "li").get("/work/lead?key=L-3"))
    assert owners(app) == {"L-2": "he", "L-3": "he"}


# refusals


def alike(first: Any, second: Any, *names: str) -> bool:
    """Whether two answers are the same, but for what each was asked about."""
    one, other = ((answer.status_code, said(answer)) for answer in (first, second))
    for name in names:
        one, other = ((status, text.replace(name, "NAME")) for status, text in (one, other))
    return one == other


@pytest.mark.parametrize("person", ["zhao", "wang", "dai"])
def test_a_pool_of_others_is_refused_like_one_that_is_not_there(read_only: Flask, person: str) -> None:
    client = entered(read_only, person)
    for path in ("/pools/{}", "/pools/{}/claim", "/pools/{}/assign"):
        names = ("lead_pool", "lead_poll")
        ask = client.get if path == "/pools/{}" else lambda path: do(client, path, key="L-1", to="he")
        there, not_there = (ask(path.format(name)) for name in names)
        assert there.status_code == 404
        assert alike(there, not_there, *names)


def test_a_record_of_others_is_refused_like_one_that_is_not_there(read_only: Flask) -> None:
    """L-4 waits in the south, where li has no business; L-9 is nowhere."""
    li = entered(read_only, "li")
    for path in ("/pools/lead_pool/claim", "/pools/lead_pool/assign", "/work/lead/return", "/work/lead/transfer"):
        there, not_there = (do(li, path, key=key, to="he") for key in ("L-4", "L-9"))
        assert there.status_code == 404
        assert alike(there, not_there, "L-4", "L-9")


def test_a_case_of_others_is_refused_like_one_that_is_not_there(read_only: Flask) -> None:
    for person in ("li", "sun"):  # on a side of it, and with no business in it
        client = entered(read_only, person)
        for id in ("lead-1", "lead-7"):
            page = said(do(client, f"/conflicts/{id}/judge", to="li"))
            assert f"Not done there is no open conflict `{id}`, or it is not yours to judge Ownership" in page


@pytest.mark.parametrize(
    "path",
    ["/pools/lead_pool/claim", "/pools/lead_pool/assign", "/work/lead/return", "/conflicts/lead-1/judge"],
)
def test_a_form_that_is_not_ours_does_nothing(read_only: Flask, path: str) -> None:
    before = owners(read_only)
    for client in (entered(read_only, "li"), entered(read_only, "wang"), read_only.test_client()):
        assert client.post(path, data={"key": "L-1", "to": "li"}).status_code == 400
    assert entered(read_only, "li").get(path).status_code == 405
    assert owners(read_only) == before
