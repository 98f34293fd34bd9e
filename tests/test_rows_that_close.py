"""Rows beside a record that cannot be read: none takes a deny along, and a cell that nothing looks at takes no row."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesrules.issue import PackError
from salesrules.overseeing import Overseer
from salesrules.run.answer import Mark
from salesrules.workspace import Workspace
from tests.tiny_company import make

MANY = "    many: {blocked: {from: block, by: customer, fields: {person: person, since: date, level: integer}}}\n"
SLICES = """\
# yaml-language-server: $schema=../../salesrules/schema/slices.schema.json
slices:
  all: {label: {en: all, zh: 全部}, rows: {"*": "true"}}
  it: {label: {en: it, zh: 这些}, rows: {customer: "CONDITION"}}
"""
HEADER = "effect,role,action,object,category,slice,from,to,note\nallow,rep,read,customer,basics,all,,,\n"
ALLOW = HEADER + "allow,rep,read,customer,contact,it,,,\n"
DENY = HEADER + "allow,rep,read,customer,contact,all,,,\ndeny,rep,read,customer,contact,it,,,\n"
HIT = "some(blocked, person = user and since <= today())"


def company(folder: Path, rows: str, condition: str, grants: str) -> Path:
    root = make(folder)
    entities = root / "rules/tiny/entities.yaml"
    text = entities.read_text(encoding="utf-8")
    label = "    label: {en: Customer, zh: 客户}\n"
    entities.write_text(text.replace(label, label + MANY, 1), encoding="utf-8")
    settings = root / "salesrules.toml"
    bound = '[sources.tiny.block]\nfile = "block.csv"\n'
    settings.write_text(settings.read_text(encoding="utf-8") + bound, encoding="utf-8")
    (root / "policies/tiny/slices.yaml").write_text(SLICES.replace("CONDITION", condition), encoding="utf-8")
    (root / "policies/tiny/grants.csv").write_text(grants, encoding="utf-8")
    (root / "data/block.csv").write_text("customer,person,since,level\n" + rows, encoding="utf-8")
    return root


def phone(opened: Workspace) -> object:
    person = opened.person("P-1")
    (found,) = (row for row in opened.see(person, "customer", columns="id, phone").rows if row[0] == "C-1")
    assert opened.can(person, "read", "customer", "C-1", "phone") is (found[-1] is not Mark.HIDDEN)
    return found[-1]


WRONG = "C-1,P-1,2020-13-01,1\n"
STOPS = [
    (HIT, DENY),
    ("not some(blocked, person = user and since <= today())", ALLOW),
    ("count(blocked, since <= today()) < 1", ALLOW),
    ("count(blocked, since <= today()) < 1", DENY),
    ("not (size_of or some(blocked, since <= today()))".replace("size_of", "name is null"), ALLOW),
]


@pytest.mark.parametrize(("condition", "grants"), STOPS)
def test_a_row_whose_loss_would_open_stops_the_workspace(tmp_path: Path, condition: str, grants: str) -> None:
    with pytest.raises(PackError) as refused:
        Workspace.open(company(tmp_path, "C-2,P-1,2020-01-01,1\n" + WRONG, condition, grants))
    (issue,) = refused.value.issues
    assert (issue.code, str(issue.span)) == ("source.row_that_closes", "data/block.csv:3:9")
    assert issue.words["place"].startswith("policies/tiny/grants.csv:")


GOES_ON = [
    (HIT, ALLOW),
    (f"not {HIT}", DENY),
    (f"name is null or {HIT}", ALLOW),
]


@pytest.mark.parametrize(("condition", "grants"), GOES_ON)
def test_a_row_whose_loss_closes_is_left_out_and_counted(tmp_path: Path, condition: str, grants: str) -> None:
    opened = Workspace.open(company(tmp_path, WRONG, condition, grants))
    assert [(reject.field, reject.reason) for reject in opened.rejects if reject.entity == "block"] == [
        ("since", "reject.type")
    ]
    assert phone(opened) is Mark.HIDDEN


@pytest.mark.parametrize("level", ["high", "9999999999999999999999", "#N/A"])
def test_a_cell_that_nothing_looks_at_takes_no_row_with_it(tmp_path: Path, level: str) -> None:
    opened = Workspace.open(company(tmp_path, f"C-1,P-1,2020-01-01,{level}\n", HIT, DENY))
    assert phone(opened) is Mark.HIDDEN
    assert [(r.entity, r.field, r.reason, r.rows) for r in opened.rejects] == [("block", "level", "reject.emptied", 1)]
    (table,) = Overseer(opened).rejected()
    assert [(row.row, row.cells[-1]) for row in table.rows] == [(2, level)]
    assert opened.engine.rows("SELECT level FROM block") == [(None,)]


def test_what_is_looked_at_is_known_anew_when_a_slice_changes(tmp_path: Path) -> None:
    root = company(tmp_path, "C-1,P-1,2020-01-01,high\n", HIT, DENY)
    assert phone(Workspace.open(root)) is Mark.HIDDEN
    slices = root / "policies/tiny/slices.yaml"
    text = slices.read_text(encoding="utf-8")
    slices.write_text(text.replace("person = user", "person = user and level > 1"), encoding="utf-8")
    with pytest.raises(PackError) as refused:
        Workspace.open(root)
    assert [str(issue.span) for issue in refused.value.issues] == ["data/block.csv:2:20"]
