"""The pack as pages: only the sections that a grant opens, everything as written, issues at their place."""

import re

import pytest

from salesrules.pack.policies import SECTIONS
from salesrules.workspace import Workspace
from salesrules_web import create_app
from tests import tiny_company
from tests.web_pages import AUDITOR, REP, entered, said


def opened(root, *sections):
    with (root / "policies/tiny/grants.csv").open("a", encoding="utf-8") as grants:
        grants.writelines(f"allow,auditor,audit,pack.{section},*,all,,,\n" for section in sections)
    return create_app(Workspace.open(root))


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """The pages of a company whose auditor may audit everything."""
    return opened(tiny_company.make(tmp_path_factory.mktemp("audited")), *SECTIONS)


@pytest.mark.parametrize("path", ["/pack", *(f"/pack/{section}" for section in SECTIONS)])
def test_without_a_grant_no_section_opens(audited, path):
    client = entered(audited, REP)
    assert client.get(path).status_code == 403
    assert "/pack" not in client.get("/").text


def test_a_grant_opens_its_section_alone(tmp_path):
    client = entered(opened(tiny_company.make(tmp_path), "kpis"), AUDITOR)
    assert re.findall(r'href="/pack/(\w+)"', client.get("/pack").text) == ["kpis"]
    assert [section for section in SECTIONS if client.get(f"/pack/{section}").status_code == 200] == ["kpis"]


@pytest.mark.parametrize(
    ("section", "texts"),
    [
        ("pack", ["Tiny company tiny rules/tiny/pack.yaml:1", "currency CNY", "timezone Asia/Shanghai"]),
        (
            "entities",
            [
                "Customer customer rules/tiny/entities.yaml:9 key id",
                "phone Phone text contact 17",
                "owner Owner ref basics person 16",
                "deal deals manager 2 29",
            ],
        ),
        ("dimensions", ["Region region rules/tiny/dimensions.yaml:3", "file: data/region.csv"]),
        ("roles", ["manager Sales manager region rep 4", "data/post.csv"]),
        ("kpis", ["formula sum(amount)", "note order amounts, with tax"]),
        ("slices", ["my patch my_patch policies/tiny/slices.yaml:6", "order within(customer.region, post.region)"]),
        ("grants", ["Sales representative may read basic profile of Customer: my patch 3"]),
        ("targets", ["The pack says nothing here."]),
    ],
)
def test_a_section_shows_what_is_written_and_where(audited, section, texts):
    page = said(entered(audited, AUDITOR).get(f"/pack/{section}"))
    assert [text for text in texts if text not in page] == []


def test_labels_are_in_the_language_of_the_page(audited):
    page = said(entered(audited, AUDITOR, "zh").get("/pack/grants"))
    assert "销售代表可以查看客户的基本资料：本辖区" in page


def test_there_is_no_other_section(audited):
    answer = entered(audited, AUDITOR).get("/pack/kpi")
    assert (answer.status_code, "a pack has no section `kpi`; did you mean `kpis`?" in said(answer)) == (404, True)


# issues


@pytest.fixture
def doubtful(tmp_path):
    """The pages of a company whose pack says what is allowed and hardly meant."""
    root = tiny_company.make(tmp_path)
    with (root / "rules/tiny/entities.yaml").open("a", encoding="utf-8") as entities:
        entities.write("  spare:   {label: {en: <b>spare</b>, zh: 备用}, steward: manager}\n")
    with (root / "policies/tiny/grants.csv").open("a", encoding="utf-8") as grants:
        grants.write("allow,auditor,claim,customer,basics,all,,,\n")
    return opened(root, "entities", "grants")


def test_the_pack_tells_its_issues_with_their_line_and_the_place_marked(doubtful):
    page = entered(doubtful, AUDITOR).get("/pack")
    assert "Errors in the sections that you may audit: 0, warnings: 2." in said(page)
    assert "Warning no field is in category `spare` rules/tiny/entities.yaml:30:3" in said(page)
    assert "  <mark>spare</mark>:   {label: {en: &lt;b&gt;spare&lt;/b&gt;, zh: 备用}" in page.text
    assert re.findall(r'</pre> <a href="/pack/(\w+)"', re.sub(r"\s+", " ", page.text)) == ["grants", "entities"]


def test_issues_stand_beside_the_thing_that_they_are_about(doubtful):
    client = entered(doubtful, AUDITOR)
    assert "category `spare`" in said(client.get("/pack/entities"))
    assert "category `spare`" not in said(client.get("/pack/grants"))
    assert "claim is about a whole row" in said(client.get("/pack/grants"))


def test_issues_of_sections_that_are_not_open_are_not_told(tmp_path):
    root = tiny_company.make(tmp_path)
    with (root / "rules/tiny/entities.yaml").open("a", encoding="utf-8") as entities:
        entities.write("  spare:   {label: {en: spare, zh: 备用}, steward: manager}\n")
    assert "spare" not in entered(opened(root, "kpis"), AUDITOR).get("/pack").text


def test_what_is_marked_is_the_line_as_it_was_read(doubtful, tmp_path):
    file = tmp_path / "rules/tiny/entities.yaml"
    file.write_text("# another line above\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    assert "<mark>spare</mark>" in entered(doubtful, AUDITOR).get("/pack").text


def test_the_larger_pack_is_shown_whole(demo):
    """Every section of the pack that comes with the product; shares and lengths of time as they are written."""
    opened, made = demo
    client = entered(create_app(opened), made.auditor, "zh")
    pages = {section: client.get(f"/pack/{section}") for section in SECTIONS}
    assert {section: page.status_code for section, page in pages.items() if page.status_code != 200} == {}
    assert "初步接触 needs_analysis、lost 建立信任，约定深入沟通 first_contact 10% talk；due: 3wd" in said(
        pages["stages"]
    )
    links = re.findall(r'rel="next" href="([^"]+)"', pages["grants"].text)
    assert "员工不可导出客户管理的联系方式：全部 nobody takes telephone numbers home" in said(
        client.get("/pack/grants" + links[0].replace("&amp;", "&").replace("page=2", "page=5"))
    )
