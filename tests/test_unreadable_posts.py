"""A line of the posts that cannot be read: it takes no deny with it, and it is told with its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.findings import rejects_csv
from salesrules.issue import AccessDenied, Issue
from salesrules.overseeing import Overseer
from salesrules.workspace import Workspace
from tests.tiny_company import make

GRANTS = """\
effect,role,action,object,category,slice,from,to,note
allow,rep,read,customer,*,all,,,
deny,barred,read,customer,contact,my_patch,,,
deny,once,read,customer,contact,my_patch,,2020-01-01,
"""
ROLES = """\
  barred:  {label: {en: Barred, zh: 受限}, scope: [region]}
  above:   {label: {en: Above, zh: 之上}, includes: [barred]}
  once:    {label: {en: Once, zh: 曾经}, scope: [region]}
"""
DAY = date(2026, 3, 1)


def company(folder: Path, *lines: str, grants: str = GRANTS) -> Path:
    """P-1 sees everything as a representative; further lines of the posts may take that away."""
    root = make(folder)
    roles = root / "rules/tiny/roles.yaml"
    roles.write_text(roles.read_text(encoding="utf-8").replace("posts:", f"{ROLES}posts:"), encoding="utf-8")
    (root / "policies/tiny/grants.csv").write_text(grants, encoding="utf-8")
    posts = "\n".join(["person,role,region,from,to", "P-1,rep,上海,,", *lines, ""])
    (root / "data/post.csv").write_text(posts, encoding="utf-8")
    return root


def refusal(opened: Workspace, day: date = DAY) -> Issue | None:
    try:
        opened.person("P-1", day)
    except AccessDenied as error:
        return error.issues[0]
    return None


CLOSED = [  # a line, and the column and reason that are told
    ("P-1,barred,,,", "12 region cause.no_scope"),
    ("P-1,barred,上海区,,", "12 region cause.unknown_member"),
    ("P-1,barred,上海,2020-13-01,", "15 from cause.type"),
    ("P-1,barred,上海,,31.12.2030", "16 to cause.type"),
    ("P-1,barred,上海,2030-01-01,2020-01-01", "26 to cause.no_day"),
    ("P-1,bared,上海,,", "5 role cause.unknown_role"),
    ("P-1,,上海,,", "5 role cause.unknown_role"),
    ("P-1,above,上海,x,", "14 from cause.type"),
    ('P-1,"barred", 上海区 ,,', "15 region cause.unknown_member"),
    ("P-1,barred,上海区,2026-03-01,", "12 region cause.unknown_member"),
]


@pytest.mark.parametrize(("line", "told"), CLOSED)
def test_nobody_has_a_post_while_one_that_may_deny_cannot_be_read(tmp_path: Path, line: str, told: str) -> None:
    opened = Workspace.open(company(tmp_path, line))
    issue = refusal(opened)
    assert issue is not None
    column, field, cause = told.split()
    assert (issue.code, issue.words["place"]) == ("access.post_unreadable", f"data/post.csv:3:{column}")
    assert (issue.words["field"], issue.words["cause"]) == (field, cause)
    (warning,) = opened.warnings
    assert (warning.code, str(warning.span)) == ("post.bars", f"data/post.csv:3:{column}")
    assert warning.severity == "warning"
    assert "P-1" in warning.text("en")
    assert "--rejects" in warning.text("zh")


READ = [  # a line that cannot be read, and holds nothing that could deny on the day
    "P-1,rep,上海区,,",  # the role denies nothing
    "P-1,once,上海区,,",  # the deny has run out
    "P-1,barred,上海区,2020-01-01,2026-03-01",  # the post has ended
    "P-1,barred,上海区,2026-03-02,",  # the post has not begun
    "P-2,barred,上海区,,",  # somebody else
    "P-9,barred,上海,,",  # nobody
]


@pytest.mark.parametrize("line", READ)
def test_only_the_post_is_lost_where_it_could_deny_nothing(tmp_path: Path, line: str) -> None:
    opened = Workspace.open(company(tmp_path, line))
    person = opened.person("P-1", DAY)
    assert opened.can(person, "read", "customer", "C-1", "phone")
    (warning,) = opened.warnings
    assert warning.span.line == 3
    assert warning.words["person"] == line.split(",")[0]


def test_a_role_that_cannot_be_read_bars_only_where_some_role_denies(tmp_path: Path) -> None:
    no_denies = "".join(line for line in GRANTS.splitlines(keepends=True) if not line.startswith("deny"))
    assert refusal(Workspace.open(company(tmp_path / "1", "P-1,bared,上海,,", grants=no_denies))) is None
    past = company(tmp_path / "2", "P-1,bared,上海,,", grants=no_denies + GRANTS.splitlines()[-1] + "\n")
    assert refusal(Workspace.open(past)) is None
    assert refusal(Workspace.open(past), date(2019, 1, 1)) is not None


def test_the_place_is_that_of_the_cell_in_its_own_file(tmp_path: Path) -> None:
    root = company(tmp_path, 'P-2,rep,"上海\n",,', "", "", "P-1,barred,北方,,")
    posts = root / "data/post.csv"
    posts.write_bytes(posts.read_text(encoding="utf-8").replace("\n", "\r\n").encode("gb18030"))
    issue = refusal(Workspace.open(root))
    assert issue is not None
    assert issue.words["place"] == "data/post.csv:7:12"


def test_validate_warns_and_the_rows_come_back_with_their_reason(tmp_path: Path) -> None:
    root = company(tmp_path, "P-1,barred,上海,2030-01-01,2020-01-01", "P-1,rep,上海,,")
    result = CliRunner().invoke(main, ["validate", "--workspace", str(root), "--lang", "en"])
    assert result.exit_code == 0
    assert "data/post.csv:3:26: post.bars: " in result.stderr
    assert "1 warning" in result.stdout
    refused = CliRunner().invoke(main, ["see", "customer", "--as", "P-1", "--workspace", str(root), "--lang", "en"])
    assert refused.exit_code == 5
    assert "data/post.csv:3:26" in refused.stderr
    (table,) = Overseer(Workspace.open(root)).rejected()
    assert [row.split(",")[2:4] for row in rejects_csv(table, "en").splitlines()[1:]] == [
        ["to", "ends before it starts"],
        ["person", "held twice on the same days"],
    ]
