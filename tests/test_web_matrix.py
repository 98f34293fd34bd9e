"""The matrix page: for those who audit the grants only, one entity at a time, figures as the door counts them."""

import json
import re

import pytest

from salesrules.workspace import Workspace
from salesrules_web import create_app
from salesrules_web.live import live_in
from tests import tiny_company
from tests.web_pages import AUDITOR, MANAGER, REP, entered, said


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """The pages of a company whose auditor may audit the grants."""
    root = tiny_company.make(tmp_path_factory.mktemp("audited"))
    with (root / "policies/tiny/grants.csv").open("a", encoding="utf-8") as grants:
        grants.write("allow,auditor,audit,pack.grants,*,all,,,\n")
    return create_app(Workspace.open(root))


@pytest.mark.parametrize("path", ["/matrix", "/matrix?entity=customer", "/matrix/download?as=csv", "/matrix?entity=no"])
@pytest.mark.parametrize("person", [REP, MANAGER])
def test_without_the_right_there_is_no_matrix_and_no_link_to_it(audited, path, person):
    client = entered(audited, person)
    answer = client.get(path)
    assert (answer.status_code, "no grant lets you audit the section `grants`" in said(answer)) == (403, True)
    assert "/matrix" not in client.get("/").text


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("allow,auditor,audit,pack.grants,*,all,,,", 200),
        ("allow,auditor,audit,pack.grants,*,none,,,", 403),
        ("allow,auditor,audit,pack.grants,*,some,,,", 403),
        ("allow,auditor,audit,pack.entities,*,all,,,", 403),
        ("allow,auditor,publish,pack.grants,*,all,,,", 403),
        ("allow,auditor,audit,release,*,all,,,", 403),
        ("allow,auditor,audit,pack.grants,*,all,2001-01-01,2002-01-01,", 403),
        ("allow,rep,audit,pack.grants,*,all,,,", 403),
        ("allow,auditor,audit,pack.grants,*,all,,,\ndeny,auditor,audit,pack.grants,*,all,,,", 403),
        ("allow,auditor,audit,pack.grants,*,all,,,\ndeny,auditor,audit,pack.grants,*,none,,,", 200),
        ("allow,auditor,audit,pack.grants,*,all,,,\ndeny,auditor,audit,pack.grants,*,some,,,", 403),
    ],
)
def test_the_right_is_a_grant_whose_slice_is_plainly_true(tmp_path, line, status):
    root = tiny_company.make(tmp_path)
    with (root / "policies/tiny/grants.csv").open("a", encoding="utf-8") as grants:
        grants.write(f"{line}\n")
    with (root / "policies/tiny/slices.yaml").open("a", encoding="utf-8") as slices:
        slices.write('  none:\n    label: {en: none, zh: 无}\n    rows: {"*": "false"}\n')
        slices.write('  some:\n    label: {en: some, zh: 部分}\n    rows: {pack.grants: "1 = 1"}\n')
    assert entered(create_app(Workspace.open(root)), AUDITOR).get("/matrix").status_code == status


def test_roles_stand_over_actions_and_categories_with_least_median_and_most(audited):
    page = entered(audited, AUDITOR).get("/matrix?entity=customer")
    assert "What each role opens of Customer" in said(page)
    heads = re.findall(r'<th scope="col">([^<]+)</th>', page.text)
    assert heads == ["role", "action", "basic profile", "contact details"]
    rows = re.findall(r"<tr>(.*?)</tr>", page.text, flags=re.S)[1:]
    words = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in rows]
    assert words == [
        "Sales representative people: 1 read rows in mine, my patch 2 rows in mine 1",
        "aggregate rows in mine, my patch 2 rows in mine 1",
        "Sales manager people: 1 read rows in mine, my patch 3 rows in mine, my patch 3",
        "aggregate rows in mine, my patch 3 rows in mine, my patch 3",
        "Auditor people: 1 aggregate all rows 4 nothing",
    ]
    assert re.findall(r'<td class="(shade-\d)"', page.text)[-2:] == ["shade-4", "shade-0"]


def test_the_first_entity_is_shown_unless_another_or_one_role_is_asked_for(audited):
    client = entered(audited, AUDITOR, "zh")
    assert "各角色对销售人员的开放范围" in said(client.get("/matrix"))
    page = client.get("/matrix?entity=customer&role=auditor").text
    assert re.findall(r'<option value="(\w+)" selected', page) == ["customer", "auditor"]
    assert re.findall(r'scope="rowgroup" rowspan="\d">([^<]+)<', page) == ["审计"]


@pytest.mark.parametrize(
    ("path", "text"),
    [("/matrix?entity=custmer", "there is no entity `custmer`"), ("/matrix?role=repp", "there is no role `repp`")],
)
def test_names_that_do_not_exist_are_told(audited, path, text):
    answer = entered(audited, AUDITOR).get(path)
    assert (answer.status_code, text in said(answer)) == (404, True)


def test_roles_that_open_nothing_are_named_in_one_line(audited):
    assert "Nothing of it is open to Sales representative, Sales manager, Auditor." in said(
        entered(audited, AUDITOR).get("/matrix?entity=person")
    )


def test_the_file_holds_every_cell_that_the_page_shows(audited):
    client = entered(audited, AUDITOR)
    link = re.search(r'href="(/matrix/download[^"]+json)"', client.get("/matrix?entity=order").text)[1]
    cells = json.loads(client.get(link.replace("&amp;", "&")).text)["cells"]
    assert {(cell["entity"], cell["role"], cell["most"]) for cell in cells if cell["how"] != "none"} == {
        ("order", "rep", 2),
        ("order", "manager", 4),
        ("order", "auditor", 5),
    }
    assert client.get("/matrix/download?as=doc").status_code == 404


def test_figures_follow_the_sources(tmp_path):
    root = tiny_company.make(tmp_path)
    with (root / "policies/tiny/grants.csv").open("a", encoding="utf-8") as grants:
        grants.write("allow,auditor,audit,pack.grants,*,all,,,\n")
    app = create_app(Workspace.open(root))
    client = entered(app, AUDITOR)
    assert "people: 1" in said(client.get("/matrix?entity=customer&role=rep"))
    with (root / "data/post.csv").open("a", encoding="utf-8") as posts:
        posts.write("P-2,rep,华东,,\n")
    live_in(app).refresh()
    assert "people: 2" in said(client.get("/matrix?entity=customer&role=rep"))
