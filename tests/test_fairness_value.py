"""Fairness over what records are worth, and class by class: worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.assigning import Assigner
from salesrules.cli import main
from salesrules.issue import QuestionError
from salesrules.retracing import Retracing
from salesrules.whose import assigned_texts, balance_texts
from salesrules.working import Working
from salesrules.workspace import Workspace
from tests import working_pages
from tests.web_pages import entered, said
from tests.working_company import change
from tests.working_pages import NOON

RULES = "    rules:\n      - {id: rest"
LIMIT = (
    "    fairness: {measure: max_to_min, of: load, at_most: %s, window: 30d, stops: run, value: value, by: region}\n"
)


def opened(folder: Path, at_most: str, of: str = "load") -> Assigner:
    """Li has a lead worth 500 and one of unknown worth, Chen has one worth 5,000, and one worth 500 waits."""
    root = working_pages.make(folder)
    limit = (LIMIT % at_most).replace("of: load", f"of: {of}")
    change(root, RULES, limit + RULES, "rules/works/assignment.yaml")
    return Assigner(replace(Working.open(root), now=lambda: NOON))


def test_what_people_have_is_what_it_is_worth(tmp_path: Path) -> None:
    assigner = opened(tmp_path, "3")
    found = Retracing(assigner.working).balance("lead")
    assert found.load is not None
    assert found.load.ranked == (("li", Fraction(500)), ("chen", Fraction(5000)))
    assert (found.load.ratio, found.beyond) == (10, True)
    assert {name: one.ranked for name, one in found.classes} == {
        "east": (("chen", Fraction(0)), ("li", Fraction(500))),
        "south": (("li", Fraction(0)), ("chen", Fraction(5000))),
    }
    texts = list(balance_texts(assigner.workspace.pack, found, "en"))
    assert texts[:2] == ["Each record counts for its `value`:", "In hand, over everyone who could get some:"]
    assert any(text.startswith("  class south: the busiest of 2 people, chen, has 5000 in hand") for text in texts)


@pytest.mark.parametrize(("of", "at_most", "kept"), [("load", "10.9", False), ("load", "11", True)])
def test_a_run_is_held_to_what_it_gives_out(tmp_path: Path, of: str, at_most: str, kept: bool) -> None:
    """Chen, who has fewer leads, gets the one that waits, and then has 5,500 beside 500: eleven times as much."""
    assigner = opened(tmp_path, at_most, of)
    if not kept:
        with pytest.raises(QuestionError, match=r"assign\.unfair"):
            assigner.assign("lead")
        assert not list(assigner.working.store.decisions())
        return
    found = assigner.assign("lead")
    assert found.spread is not None
    assert found.spread.ranked == (("li", Fraction(500)), ("chen", Fraction(5500)))
    told = Retracing(assigner.working).balance("lead")
    assert told.assigned is not None
    assert told.assigned.ranked == (("li", Fraction(0)), ("chen", Fraction(500)))
    assert found.kept is not None


@pytest.mark.parametrize(
    ("stops", "at_most", "code", "told"),
    [
        ("stops: run, ", "10.9", 1, "`fairness` of new_leads stops the run: one like this would not be kept"),
        ("stops: draft, ", "10.9", 1, "stops the draft: a pack that gives work out like this must not go live"),
        ("", "10.9", 1, "stops the draft: a pack that gives work out like this must not go live"),
        ("", "11", 0, ""),
    ],
)
def test_a_dry_run_beyond_the_limit_fails(tmp_path: Path, stops: str, at_most: str, code: int, told: str) -> None:
    opened(tmp_path, at_most)
    change(tmp_path, "stops: run, ", stops, "rules/works/assignment.yaml")
    words = ["assign", "lead", "--dry-run", "--at", NOON.date().isoformat(), "--workspace", str(tmp_path)]
    result = CliRunner().invoke(main, [*words, "--lang", "en"])
    assert (result.exit_code, told in result.output) == (code, True), result.output
    assert ("must not go live" in result.output or "would not be kept" in result.output) == bool(code)
    assert result.output.endswith("nothing was written\n")


def test_a_run_under_a_limit_for_drafts_goes_on_and_says_so(tmp_path: Path) -> None:
    opened(tmp_path, "10.9")
    change(tmp_path, "stops: run, ", "stops: draft, ", "rules/works/assignment.yaml")
    assigner = Assigner(replace(Working.open(tmp_path), now=lambda: NOON))
    found = assigner.assign("lead")
    assert (found.beyond, found.kept is not None) == (True, True)
    told = list(assigned_texts(assigner.workspace.pack, found, "en"))
    assert "that is more unequal than 10.9, the limit of the pack" in told[-1]


def test_what_is_new_is_told_as_new(tmp_path: Path) -> None:
    """A limit on what a run gives out, and not on what people have in hand."""
    assigner = opened(tmp_path, "1", "assigned")
    told = list(assigned_texts(assigner.workspace.pack, assigner.assign("lead", dry=True), "en"))
    assert "chen, has 500 new, and the idlest, li, none" in told[-2]


def test_what_is_on_its_way_counts_in_the_next_run(tmp_path: Path) -> None:
    """The next one goes to Li, as both have two and Chen got the last."""
    assigner = opened(tmp_path, "11")
    assigner.assign("lead")
    change(tmp_path, "L-4,,east,500", "L-4,,east,500\nL-5,,east,500", "data/lead.csv")
    found = Assigner(replace(Working.open(tmp_path), now=lambda: NOON)).assign("lead", dry=True)
    assert found.spread is not None
    assert found.spread.ranked == (("li", Fraction(1000)), ("chen", Fraction(5500)))


def test_the_page_tells_worth_and_classes(tmp_path: Path) -> None:
    opened(tmp_path, "3")
    page = said(entered(working_pages.pages(tmp_path, assigned=False), "zhao").get("/fairness/new_leads"))
    assert "Each record counts for its `value`:" in page
    assert "By class: Region Class People Busiest Idlest Times Gini Jain east 2 李 500 陈 0 – 0.50 0.50 south" in page


@pytest.mark.parametrize(
    ("key", "text"), [("value", "region"), ("value", "value / value"), ("value", "valu"), ("by", "candidate.id")]
)
def test_what_cannot_be_weighed_is_an_issue_of_the_pack(tmp_path: Path, key: str, text: str) -> None:
    root = working_pages.make(tmp_path)
    limit = (LIMIT % "3").replace({"value": "value: value", "by": "by: region"}[key], f"{key}: {text}")
    change(root, RULES, limit + RULES, "rules/works/assignment.yaml")
    with pytest.raises(Exception, match=r"assignment\.yaml:\d+:\d+: (expr|assignment)\."):
        Workspace.open(root)
