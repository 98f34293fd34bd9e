"""Grants on modules: what a line means part by part, and that everything about it names the line as it is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from salesrules.load import load
from salesrules.overseeing import Overseer
from salesrules.pack.pack import Pack
from salesrules.packtest import run_tests
from salesrules.packtest.written import to_json
from salesrules.workspace import Workspace
from tests import tiny_company
from tests.conftest import ROOT

HEADER = "effect,role,action,object,category,slice,from,to,note\n"
MODULES = """
modules:
  customers: {label: {en: Customers, zh: 客户管理}, holds: {customer: [basics], order: "*"}}
"""


def company(folder: Path, grants: str) -> Path:
    """The tiny company with a module, under some grants of its representatives."""
    tiny_company.make(folder)
    with (folder / "rules/tiny/entities.yaml").open("a", encoding="utf-8") as file:
        file.write(MODULES)
    (folder / "policies/tiny/grants.csv").write_text(HEADER + grants, encoding="utf-8")
    return folder


def loaded(folder: Path) -> Pack:
    pack, issues = load(folder / "rules/tiny", folder / "policies/tiny", folder)
    assert pack is not None, issues
    return pack


PARTS = {
    "allow,rep,read,module.customers,*,mine,,,": ["customer basics", "order *"],
    "allow,rep,read,module.customers,basics,mine,,,": ["customer basics"],
    "allow,rep,read,module.customers,deal,mine,,,": ["order deal"],
    "deny,rep,export,module.customers,deal,all,2026-01-01,2026-02-01,x": ["order deal"],
    "allow,rep,assign,module.customers,*,mine,,,": ["customer basics", "order *"],  # the first opens nothing
    "allow,rep,read,module.elsewhere,*,mine,,,": ["module.elsewhere *"],  # stays, for the checks to tell of
    "allow,rep,read,module.customers,contact,mine,,,": ["module.customers contact"],
    "allow,rep,read,customer,*,mine,,,": ["customer *"],
}


@pytest.mark.parametrize("line", PARTS)
def test_a_line_stands_for_each_part_of_the_module(line: str, tmp_path: Path) -> None:
    pack = loaded(company(tmp_path, line + "\n"))
    assert [f"{grant.object} {grant.category}" for grant in pack.grants] == PARTS[line]
    (written,) = pack.grant_lines
    for grant in pack.grants:
        assert grant.written == written
        assert replace(grant, object=written.object, category=written.category, said=None) == written
    assert ",".join([written.effect, written.role, written.action, written.object, written.category]) in line


def test_a_module_opens_what_its_lines_one_by_one_would(tmp_path: Path) -> None:
    ways = {
        "module": "allow,rep,read,module.customers,*,mine,,,\nallow,auditor,aggregate,module.customers,*,all,,,\n",
        "lines": "allow,rep,read,customer,basics,mine,,,\nallow,rep,read,order,*,mine,,,\n"
        "allow,auditor,aggregate,customer,basics,all,,,\nallow,auditor,aggregate,order,*,all,,,\n",
    }
    said = {}
    for name, grants in ways.items():
        workspace = Workspace.open(company(tmp_path / name, grants))
        rep, auditor = workspace.person("P-1"), workspace.person("P-3")
        lists = [workspace.see(rep, entity) for entity in ("customer", "order")]
        said[name] = [*((answer.keys, answer.rows) for answer in lists), workspace.kpi(auditor, "sales").rows]
        assert not Overseer(workspace).agree().differences
        assert Overseer(workspace).agree().compared > 10
    assert said["module"] == said["lines"]
    assert said["module"][0][0] == ("C-1",)


def test_what_is_done_to_whole_records_needs_the_whole_of_them_in_the_module(tmp_path: Path) -> None:
    grants = "allow,rep,read,module.customers,*,mine,,,\nallow,rep,assign,module.customers,*,mine,,,\n"
    workspace = Workspace.open(company(tmp_path, grants))
    person = workspace.person("P-1")
    assert workspace.can(person, "assign", "order", "S-1/1")
    assert not workspace.can(person, "assign", "customer", "C-1")


def test_why_names_the_line_that_is_written(tmp_path: Path) -> None:
    workspace = Workspace.open(company(tmp_path, "allow,rep,read,module.customers,*,mine,,,\n"))
    (reason,) = workspace.why(workspace.person("P-1"), "read", "order", "S-1/1")
    assert [str(line.grant.span) for line in reason.lines] == ["policies/tiny/grants.csv:2:1"]


def test_the_pack_counts_and_shows_lines(tmp_path: Path) -> None:
    workspace = Workspace.open(company(tmp_path, "allow,rep,read,module.customers,*,mine,,,\n"))
    assert workspace.written is not None
    items = workspace.written.sections["grants"]
    assert [item.noun.object for item in items] == ["module.customers"]


TEST = """
# yaml-language-server: $schema=../../../salesrules/schema/test.schema.json
now: 2026-03-15
org:
  region: {east: null}
  person: {li: {}}
  posts: [{person: li, role: rep, region: east}]
records:
  customer: {c1: {owner: li, region: east}}
access:
  - {as: li, read: customer, sees: [c1]}
"""


def test_tests_lean_on_each_part_of_a_line(tmp_path: Path) -> None:
    root = company(tmp_path, "allow,rep,read,module.customers,*,mine,,,\n")
    tests = root / "rules/tiny/tests"
    tests.mkdir()
    (tests / "access_test.yaml").write_text(TEST.lstrip(), encoding="utf-8")
    report = run_tests(root, None, "", True, lambda done, of: None)
    assert report.failed == 0
    told = to_json(report, "en")
    assert '"grant": "allow,rep,read,module.customers,*,mine (order, *)"' in told
    assert [(grant.span.line, grant.object) for grant in report.uncovered] == [(2, "order")]
    unnoticed = {(mutant.grant.object, mutant.change) for mutant in report.mutants if not mutant.noticed}
    assert ("order", "dropped") in unnoticed
    assert ("customer", "dropped") not in unnoticed


def test_the_standard_pack_grants_by_modules() -> None:
    pack, _ = load(ROOT / "rules/standard", ROOT / "policies/standard", ROOT)
    assert pack is not None
    assert {id: module.label.in_("zh") for id, module in pack.modules.items()} == {
        "customer_management": "客户管理",
        "lead_follow_up": "线索跟进",
        "order_management": "订单管理",
    }
    used = {grant.object for grant in pack.grant_lines if grant.object.startswith("module.")}
    assert used == {f"module.{id}" for id in pack.modules}
    costs = [g for g in pack.grants if g.said is not None and g.object == "order_line" and g.category != "order"]
    assert costs == []  # order management leaves out what an order costs
