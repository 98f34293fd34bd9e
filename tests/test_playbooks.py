"""The playbooks of stages: each pack finds its own, they are part of the pack, and pages run no code of theirs."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.load import load
from salesrules.reading import read_program
from salesrules.sources.settings.bindings import read_settings
from salesrules_web.markdown import shown
from tests import working_pages
from tests.conftest import ROOT
from tests.web_pages import entered, said
from tests.working_company import change

STAGES = "rules/works/stages.yaml"
TEXT = "# Ask first\n\n1. Why now?\n2. Who *decides*?\n"


def make(folder: Path, text: str = TEXT) -> Path:
    """A company whose first stage has one playbook, and whose second has one in each language."""
    root = working_pages.make(folder)
    change(
        root,
        "exit_when: agreed and amount > 0",
        "playbook: how/talk.md\n        exit_when: agreed and amount > 0",
        STAGES,
    )
    change(
        root, "skip_when: small", "playbook: {en: how/trial.md, zh: how/trial.zh.md}\n        skip_when: small", STAGES
    )
    for name, content in (("talk.md", text), ("trial.md", "Stay with them.\n"), ("trial.zh.md", "全程陪同。\n")):
        path = root / "rules/works/how" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return root


def told(root: Path, key: str, lang: str = "en", person: str = "li") -> str:
    words = ["playbook", "--as", person, "deal", key, "--lang", lang, "--workspace", str(root)]
    return CliRunner().invoke(main, words).output


def test_the_stage_of_a_record_says_how_to_do_it(tmp_path: Path) -> None:
    root = make(tmp_path)
    assert told(root, "D-1") == "Sales: Talk\n\n# Ask first\n\n1. Why now?\n2. Who *decides*?\n"
    change(root, "D-1,li,east,talk", "D-1,li,east,trial")
    assert told(root, "D-1") == "Sales: Trial\n\nStay with them.\n"
    assert told(root, "D-1", "zh") == "销售流程：试用\n\n全程陪同。\n"
    assert told(root, "D-4") == "Sales: the stage Offer has no playbook\n"
    assert told(root, "D-6") == told(root, "D-999").replace("D-999", "D-6")  # somebody else's, and none at all


def test_the_page_of_a_record_shows_it(tmp_path: Path) -> None:
    app = working_pages.pages(make(tmp_path), assigned=False)
    page = entered(app, "li").get("/work/deal?key=D-1")
    assert "How to do it Ask first Why now? Who decides ?" in said(page)
    assert "<h3>Ask first</h3>" in page.text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ('a <b onclick="x()">b</b>', "<p>a &lt;b onclick=&quot;x()&quot;&gt;b&lt;/b&gt;</p>"),
        ("[go](javascript:alert(1))", "<p>[go](javascript:alert(1))</p>"),
        ("[go](data:text/html;base64,AAAA)", "<p>[go](data:text/html;base64,AAAA)</p>"),
        ("[go](https://example.com)", '<p><a href="https://example.com">go</a></p>'),
        ("![x](https://example.com/x.png)", '<p>!<a href="https://example.com/x.png">x</a></p>'),
        ("# One\n###### Six", "<h3>One</h3>\n<h6>Six</h6>"),
        (
            "|a|\n|-:|\n|1|",
            "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>\n</table>",
        ),
    ],
)
def test_what_a_playbook_may_show(text: str, html: str) -> None:
    assert str(shown(text)).strip() == html


def test_another_text_is_another_release(tmp_path: Path) -> None:
    root = make(tmp_path)
    before = read_program(read_settings(root))
    (root / "rules/works/how/trial.zh.md").write_text("陪同。\n", encoding="utf-8")
    after = read_program(read_settings(root))
    assert before.release != after.release
    assert before.files == after.files == read_files(root)


def read_files(root: Path) -> int:
    """The files of the pack as they lie there; the rest of the workspace are rows."""
    return sum(1 for part in ("rules", "policies") for path in (root / part).rglob("*") if path.is_file())


def test_a_playbook_that_cannot_be_shown_is_told(tmp_path: Path) -> None:
    root = make(tmp_path, "ring \x07 the bell\n")
    (root / "rules/works/how/trial.md").write_bytes("全程陪同".encode("gb18030"))
    pack, issues = load(root / "rules/works", root / "policies/works", root)
    assert pack is None
    assert [issue.line().split(": ")[:2] for issue in issues] == [
        ["rules/works/how/talk.md:1:6", "file.invisible_character"],
        ["rules/works/how/trial.md:1:2", "file.in_encoding"],
    ]


def test_a_link_that_leads_out_of_the_pack_is_no_playbook(tmp_path: Path) -> None:
    root = make(tmp_path)
    secret = root / "salesrules.toml"
    (root / "rules/works/how/trial.md").unlink()
    (root / "rules/works/how/trial.md").symlink_to(secret)
    _, issues = load(root / "rules/works", root / "policies/works", root)
    assert [issue.code for issue in issues] == ["stage.no_playbook"]


def test_each_stage_of_the_standard_process_has_one_in_both_languages() -> None:
    pack, _ = load(ROOT / "rules/standard", ROOT / "policies/standard", ROOT)
    assert pack is not None
    stages = [stage for stage in pack.processes["sales"].stages if not stage.gives_up]
    assert len(stages) == 7
    texts = {(pack.playbook(stage, "en"), pack.playbook(stage, "zh")) for stage in stages}
    assert len(texts) == 7
    assert all(en and zh and en != zh for en, zh in texts)


@pytest.mark.parametrize(
    ("url", "leads"),
    [("https://a.example", True), ("mailto:a@b.example", True)]
    + [(url, False) for url in ("ms-msdt:/id", "ftp://a.example", "tel:1", "//a.example", "/logout", "javascript:0")],
)
def test_a_link_leads_to_the_web_or_to_a_mailbox_and_nowhere_else(url: str, leads: bool) -> None:
    assert ("href" in str(shown(f"[here]({url})"))) is leads
