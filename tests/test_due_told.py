"""What `due` tells somebody of other people's work: nothing that hangs on cells which that person may not know."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from salesrules.working import Working
from tests import working_company
from tests.working_company import change

MORNING, LATER = datetime(2026, 3, 12, 4), datetime(2026, 3, 26, 4)
GRANTS = "policies/works/grants.csv"
BASICS = {f"sales.talk.{what}" for what in ("call", "gift", "remind 1", "escalate 2")}
OFFER = {"sales.offer.remind 1"}


def told(folder: Path, person: str, *lines: str) -> dict[tuple[str, str], str | None]:
    """By clock and record, for whom something is due, as a person is told it two weeks after the log began."""
    with (folder / GRANTS).open("a", encoding="utf-8") as file:
        file.writelines(f"{line},,,\n" for line in lines)
    working = replace(Working.open(folder), now=lambda: MORNING)
    working.sync()
    later = replace(working, now=lambda: LATER)
    return {(each.clock, each.key): each.person for each in later.due(later.workspace.person(person))}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With somebody who looks on: zhao may know of every deal, and by default of nothing else."""
    root = working_company.make(tmp_path)
    change(root, "dai,director,,,", "dai,director,,,\nzhao,onlooker,,,", "data/post.csv")
    change(root, "dai,\n", "dai,\nzhao,\n", "data/person.csv")
    change(root, "posts:", "  onlooker: {label: {en: Onlooker, zh: 旁观者}}\nposts:", "rules/works/roles.yaml")
    return root


def test_a_task_that_hangs_on_a_hidden_amount_is_told_to_nobody_but_those_it_is_for(folder: Path) -> None:
    seen = told(folder, "zhao", "allow,onlooker,read,deal,basics,all")
    assert {clock for clock, _ in seen} == BASICS | OFFER  # not `visit`, which is asked for where the amount is large
    assert ("sales.talk.visit", "D-3") in told(folder, "li")


def test_whoever_may_know_the_amount_is_told(folder: Path) -> None:
    lines = ("allow,onlooker,read,deal,basics,all", "allow,onlooker,audit,deal,money,all")
    assert {clock for clock, _ in told(folder, "zhao", *lines)} == BASICS | OFFER | {"sales.talk.visit"}


def test_whoever_may_advance_the_record_is_told(folder: Path) -> None:
    seen = told(folder, "he")  # reads no amounts
    assert {key for clock, key in seen if clock == "sales.talk.visit"} == {"D-2", "D-3"}


def test_a_stage_that_is_hidden_is_not_told_by_what_is_due_in_it(folder: Path) -> None:
    assert told(folder, "zhao", "allow,onlooker,read,deal,money,all") == {}


def test_whose_it_is_is_not_told_where_that_is_hidden(folder: Path) -> None:
    """The deals are known, and so is who owns them; whose manager is who is a matter of people."""
    seen = told(folder, "zhao", "allow,onlooker,read,deal,basics,all")
    assert seen["sales.talk.call", "D-1"] == "li"
    assert seen["sales.talk.gift", "D-1"] is None
    assert told(folder, "wang")["sales.talk.gift", "D-1"] == "wang"  # who is meant knows it


def test_what_goes_back_hangs_on_the_value_of_the_lead(folder: Path) -> None:
    lines = ("allow,onlooker,read,deal,basics,all", "allow,onlooker,read,lead,basics,all")
    assert not any(key.startswith("L-") for _, key in told(folder, "zhao", *lines))
    seen = told(folder, "zhao", "allow,onlooker,read,lead,money,all")
    assert {key for _, key in seen if key.startswith("L-")} == {"L-1", "L-2"}
