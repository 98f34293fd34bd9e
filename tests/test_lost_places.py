"""Who stands above whom is unknown where a reference upwards is lost: that opens nothing, and a deny closes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.run.answer import Mark
from salesrules.workspace import Workspace
from tests.tiny_company import make

SLICES = """\
# yaml-language-server: $schema=../../salesrules/schema/slices.schema.json
slices:
  all: {label: {en: all, zh: 全部}, rows: {"*": "true"}}
  below: {label: {en: below, zh: 下属}, rows: {customer: "reports_to(owner, 'P-3')"}}
  apart: {label: {en: apart, zh: 不是下属}, rows: {customer: "not reports_to(owner, 'P-3')"}}
"""
DENY = "allow,rep,read,customer,*,all,,,\ndeny,rep,read,customer,contact,below,,,\n"
NOT = "allow,rep,read,customer,basics,all,,,\nallow,rep,read,customer,contact,apart,,,\n"
HEADER = "effect,role,action,object,category,slice,from,to,note\n"
WHOLE = "P-1,a,\nP-2,b,P-3\nP-3,c,\nP-4,d,P-2\n"


def company(folder: Path, people: str, grants: str) -> Path:
    """One customer, owned by P-4, who stands below P-2."""
    root = make(folder)
    entities = root / "rules/tiny/entities.yaml"
    boss = "boss: {type: ref, to: person, category: basics}"
    text = entities.read_text(encoding="utf-8")
    entities.write_text(text.replace("      name: {type", f"      {boss}\n      name: {{type", 1), encoding="utf-8")
    (root / "policies/tiny/slices.yaml").write_text(SLICES, encoding="utf-8")
    (root / "policies/tiny/grants.csv").write_text(HEADER + grants, encoding="utf-8")
    (root / "data/person.csv").write_text("id,name,boss\n" + people, encoding="utf-8")
    (root / "data/customer.csv").write_text("id,name,region,owner,phone\nC-1,x,上海,P-4,1380\n", encoding="utf-8")
    (root / "data/order.csv").write_text("number,line,customer,amount\n", encoding="utf-8")
    (root / "data/post.csv").write_text("person,role,region,from,to\nP-1,rep,上海,,\n", encoding="utf-8")
    return root


def phone(root: Path) -> object:
    opened = Workspace.open(root)
    person = opened.person("P-1")
    (found,) = opened.see(person, "customer", columns="phone").rows[0][-1:]
    assert opened.can(person, "read", "customer", "C-1", "phone") is (found is not Mark.HIDDEN)
    return found


LOST = {
    "the middle names nobody": "P-1,a,\nP-2,b,P-33\nP-3,c,\nP-4,d,P-2\n",
    "the middle has no row": "P-1,a,\nP-3,c,\nP-4,d,P-2\n",
    "the middle stands twice": "P-1,a,\nP-2,b,\nP-2,b,P-3\nP-3,c,\nP-4,d,P-2\n",
    "the top has no row": "P-1,a,\nP-2,b,P-3\nP-4,d,P-2\n",
}


@pytest.mark.parametrize("grants", [DENY, NOT])
def test_below_and_apart_are_known_where_every_reference_leads_somewhere(tmp_path: Path, grants: str) -> None:
    assert phone(company(tmp_path / "below", WHOLE, grants)) is Mark.HIDDEN
    assert phone(company(tmp_path / "apart", WHOLE.replace("P-2,b,P-3", "P-2,b,"), grants)) == "1380"


@pytest.mark.parametrize("grants", [DENY, NOT])
@pytest.mark.parametrize("people", LOST.values(), ids=LOST)
def test_nothing_opens_where_a_reference_upwards_is_lost(tmp_path: Path, people: str, grants: str) -> None:
    assert phone(company(tmp_path, people, grants)) is Mark.HIDDEN


def test_it_is_told_with_the_place_and_how_many_stand_below(tmp_path: Path) -> None:
    people = LOST["the middle names nobody"] + "P-5,e,P-4\nP-6,f,P-66\n"
    root = company(tmp_path, people, DENY)
    found = [(i.code, str(i.span), i.words["name"], i.words["below"]) for i in Workspace.open(root).warnings]
    assert found == [
        ("tree.lost", "data/person.csv:3:7", "P-2", "2"),
        ("tree.lost", "data/person.csv:7:7", "P-6", "0"),
    ]
    for verb in ("validate", "doctor"):
        result = CliRunner().invoke(main, [verb, "--workspace", str(root), "--lang", "en"])
        assert result.exit_code == 0
        assert "data/person.csv:3:7: tree.lost: `boss` of `P-2` leads nowhere" in result.output


def test_a_member_below_one_that_is_gone_lies_nowhere(tmp_path: Path) -> None:
    root = company(tmp_path, WHOLE, DENY)
    regions = "id,parent,from,to,becomes\n国,,,,\n华东,国,,2026-01-01,b|c\nb,国,,,\nc,国,,,\n上海,华东,,,\n"
    (root / "data/region.csv").write_text(regions, encoding="utf-8")
    slices = root / "policies/tiny/slices.yaml"
    inside = SLICES.replace("reports_to(owner, 'P-3')", "within(region, '国')")
    slices.write_text(inside, encoding="utf-8")
    opened = Workspace.open(root)
    places = [opened.snapshot.organisation.trees["region"].on(date(year, 7, 1)).get("上海") for year in (2025, 2026)]
    assert places[0] is not None
    assert places[1] is None
    assert phone(root) is Mark.HIDDEN
    (root / "policies/tiny/grants.csv").write_text(HEADER + NOT, encoding="utf-8")
    assert phone(root) is Mark.HIDDEN
