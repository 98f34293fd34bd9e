"""Members that come from a table: a name that is none is refused, in questions and in the pack, as for written ones."""

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.issue import PackError, QuestionError
from salesrules.workspace import Workspace
from tests import tiny_company
from tests.web_pages import MANAGER

PLACES = {  # ids beside labels, so that both can be named
    "rules/tiny/dimensions.yaml": {
        "{file: data/region.csv}": "{file: data/region.csv, labels: {shanghai: {en: Shanghai, zh: 上海}}}"
    },
    "data/region.csv": {"华东,\n上海,华东\n华南,": "east,\nshanghai,east\nsouth,"},
    "data/post.csv": {"rep,上海": "rep,shanghai", "manager,华东": "manager,east"},
    "data/customer.csv": {"上海": "shanghai", "华东": "east", "华南": "south"},
}


def slice_of(text):
    return {"policies/tiny/slices.yaml": {"customer: owner = user": f'customer: "{text}"'}}


@pytest.mark.parametrize(
    ("where", "near"),
    [
        ("region = 'nowhere'", None),
        ("region = 'eats'", "east"),
        ("within(region, 'shangai')", "shanghai"),
        ("region in ('east', 'soth')", "south"),
    ],
)
def test_a_member_that_is_none_is_refused_in_a_question_and_in_a_slice(tmp_path, where, near):
    workspace = Workspace.open(tiny_company.make(tmp_path / "asked", PLACES))
    with pytest.raises(QuestionError) as asked:
        workspace.see(workspace.person(MANAGER), "customer", where=where)
    with pytest.raises(PackError) as opened:
        Workspace.open(tiny_company.make(tmp_path / "opened", PLACES | slice_of(where)))
    for raised in (asked, opened):
        (issue,) = raised.value.issues
        assert (issue.code, issue.near) == ("expr.unknown_member", near)
    assert issue.span.file == "policies/tiny/slices.yaml"
    assert issue.span.line == 5


def test_a_question_takes_labels_and_the_pack_is_told_the_id(tmp_path):
    workspace = Workspace.open(tiny_company.make(tmp_path / "asked", PLACES))
    assert workspace.see(workspace.person(MANAGER), "customer", where="region = '上海'").total == 2
    with pytest.raises(PackError) as opened:
        Workspace.open(tiny_company.make(tmp_path / "opened", PLACES | slice_of("region = '上海'")))
    (issue,) = opened.value.issues
    assert (issue.code, issue.near) == ("expr.unknown_member", "shanghai")


def test_a_member_that_has_some_below_it_is_doubted_when_the_pack_is_validated(tmp_path):
    root = tiny_company.make(tmp_path, PLACES | slice_of("region = 'east'"))
    told = CliRunner().invoke(main, ["validate", "--workspace", str(root)])
    assert "expr.parent_member: `east` has members below it" in told.stderr
    assert told.exit_code == 0


def test_members_that_are_known_open_what_they_did(tmp_path):
    workspace = Workspace.open(tiny_company.make(tmp_path, PLACES | slice_of("within(region, 'south')")))
    assert workspace.see(workspace.person("P-1"), "customer").total == 3
