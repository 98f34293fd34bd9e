"""The scope of a post in a slice: `*` is all members to `within`, and nothing else may be asked of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesrules.issue import PackError
from salesrules.run.answer import Mark
from salesrules.workspace import Workspace
from tests.tiny_company import make

SLICES = """\
# yaml-language-server: $schema=../../salesrules/schema/slices.schema.json
slices:
  all: {label: {en: all, zh: 全部}, rows: {"*": "true"}}
  it: {label: {en: it, zh: 这些}, rows: {customer: "CONDITION"}}
"""
GRANTS = """\
effect,role,action,object,category,slice,from,to,note
allow,rep,read,customer,*,all,,,
deny,manager,read,customer,contact,it,,,
"""


def company(folder: Path, condition: str, scope: str) -> Path:
    root = make(folder)
    (root / "policies/tiny/slices.yaml").write_text(SLICES.replace("CONDITION", condition), encoding="utf-8")
    (root / "policies/tiny/grants.csv").write_text(GRANTS, encoding="utf-8")
    (root / "data/post.csv").write_text(f"person,role,region,from,to\nP-1,manager,{scope},,\n", encoding="utf-8")
    return root


COMPARED = [
    "region = post.region",
    "post.region <> region",
    "not (region <> post.region)",
    "region in (post.region, '华南')",
    "post.region in ('上海')",
    "case when name is null then region else post.region end = region",
]


@pytest.mark.parametrize("condition", COMPARED)
def test_a_scope_is_not_compared(tmp_path: Path, condition: str) -> None:
    with pytest.raises(PackError) as refused:
        Workspace.open(company(tmp_path, condition, "*"))
    (issue,) = refused.value.issues
    assert (issue.code, issue.span.file, issue.span.line) == ("expr.compare_scope", "policies/tiny/slices.yaml", 4)
    line = SLICES.replace("CONDITION", condition).splitlines()[3]
    assert "post.region" in line[issue.span.column - 1 : issue.span.end_column - 1]
    assert "within(region, post.region)" in issue.text("en")


@pytest.mark.parametrize("scope", ["上海", "华东", "*"])
def test_within_takes_all_members_for_a_star(tmp_path: Path, scope: str) -> None:
    opened = Workspace.open(company(tmp_path, "within(region, post.region) or post.region is null", scope))
    answer = opened.see(opened.person("P-1"), "customer", columns="id, phone")
    assert dict(answer.rows)["C-1"] is Mark.HIDDEN
    assert (dict(answer.rows)["C-4"] is Mark.HIDDEN) is (scope == "*")
