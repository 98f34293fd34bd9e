"""What people report of a record: tasks, signatures and follow-ups, each by those who may, and the history of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.issue import AccessDenied, QuestionError
from salesrules.run.answer import Mark
from salesrules.working import Working
from tests import working_company
from tests.working_company import change

NOON = datetime(2026, 3, 12, 4, 0)
Deed = Callable[[Working, Any], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return working_company.make(tmp_path)


@pytest.fixture
def working(folder: Path) -> Working:
    return opened(folder)


def opened(folder: Path) -> Working:
    return replace(Working.open(folder), now=lambda: NOON)


def test_a_deal_is_talked_about_tried_offered_and_won(working: Working) -> None:
    who = working.workspace.person("li")

    def moved(key: str, to: str) -> list[str]:
        (found,) = working.advance(who, "deal", [key], to)
        return [each.what for each in found.unmet]

    assert moved("D-1", "trial") == ["task"]
    working.task_done(who, "deal", "D-1", "call")
    assert moved("D-1", "trial") == []
    assert moved("D-4", "won") == ["approval"]
    working.approve(working.workspace.person("wang"), "deal", "D-4")
    assert moved("D-4", "won") == []


def test_a_signature_is_for_the_figures_that_were_signed(folder: Path, working: Working) -> None:
    working.approve(working.workspace.person("wang"), "deal", "D-4")
    change(folder, "D-4,li,east,offer,true,false,5000,0.20", "D-4,li,east,offer,true,false,5000,0.25")
    working = opened(folder)
    (found,) = working.advance(working.workspace.person("li"), "deal", ["D-4"], "won", dry=True)
    assert [(each.what, each.id) for each in found.unmet] == [("changed", "manager")]
    working.approve(working.workspace.person("wang"), "deal", "D-4")
    (found,) = working.advance(working.workspace.person("li"), "deal", ["D-4"], "won", dry=True)
    assert found.unmet == ()


def test_what_was_done_in_a_stage_counts_for_nothing_in_the_next_round(folder: Path, working: Working) -> None:
    who = working.workspace.person("li")
    working.task_done(who, "deal", "D-1", "call")
    for old, new in (("talk", "trial"), ("trial", "talk")):  # by hand, in the CRM
        change(folder, f"D-1,li,east,{old}", f"D-1,li,east,{new}")
        working = opened(folder)
        working.sync()
    (found,) = working.advance(who, "deal", ["D-1"], "trial", dry=True)
    assert [each.what for each in found.unmet] == ["task"]


def test_each_signs_what_is_theirs_and_both_are_needed(working: Working) -> None:
    wang, dai, li = (working.workspace.person(name) for name in ("wang", "dai", "li"))
    assert [event.values["#approval"] for event in working.approve(wang, "deal", "D-5")] == ["manager"]
    (found,) = working.advance(li, "deal", ["D-5"], "won", dry=True)
    assert [(each.what, each.id) for each in found.unmet] == [("approval", "director")]
    assert [event.values["#approval"] for event in working.approve(dai, "deal", "D-5")] == ["director"]
    (found,) = working.advance(li, "deal", ["D-5"], "won")
    assert found.done


REFUSED: list[tuple[str, str, Deed]] = [
    ("he", "access.no_record", lambda w, p: w.follow_up(p, "deal", "D-6")),
    ("he", "work.no_follow_up", lambda w, p: w.follow_up(p, "deal", "D-1")),
    ("wang", "work.not_your_task", lambda w, p: w.task_done(p, "deal", "D-1", "call")),
    (
        "li",
        "work.not_your_approval: D-5 needs the approval of: manager, director",
        lambda w, p: w.approve(p, "deal", "D-5"),
    ),
    ("sun", "access.no_record", lambda w, p: w.approve(p, "deal", "D-5")),  # another region's manager
    ("dai", "work.not_your_approval: D-4 needs the approval of: manager", lambda w, p: w.approve(p, "deal", "D-4")),
    ("chen", "access.no_record", lambda w, p: w.history(p, "deal", "D-1")),
    ("chen", "access.no_record", lambda w, p: w.history(p, "deal", "D-99")),
]
SENSELESS: list[tuple[str, Deed]] = [
    ("work.unknown_task: .* it has: call, visit, gift", lambda w, p: w.task_done(p, "deal", "D-1", "dance")),
    ("work.unknown_task: .* it has: -", lambda w, p: w.task_done(p, "deal", "D-4", "call")),
    ("work.nothing_to_approve", lambda w, p: w.approve(p, "deal", "D-1")),
    ("work.not_followed", lambda w, p: w.follow_up(p, "person", "li")),
    ("work.not_followed: .* did you mean `deal`", lambda w, p: w.follow_up(p, "deals", "D-1")),
]


def test_who_may_not_is_refused_and_nothing_is_noted(working: Working) -> None:
    for name, said, deed in REFUSED:
        with pytest.raises(AccessDenied, match=said):
            deed(working, working.workspace.person(name))
    for said, deed in SENSELESS:
        with pytest.raises(QuestionError, match=said):
            deed(working, working.workspace.person("li"))
    assert [event.kind for event in working.store.events() if event.kind != "observed"] == []


def test_a_task_is_reported_by_the_one_whose_it_is(working: Working) -> None:
    wang = working.workspace.person("wang")  # may not advance the deal, and is to bring the gift
    assert working.task_done(wang, "deal", "D-1", "送礼")[0].values["#task"] == "gift"
    with pytest.raises(QuestionError, match=r"work\.done_already"):
        working.task_done(wang, "deal", "D-1", "gift")


def test_the_history_says_what_each_may_know(working: Working) -> None:
    li, wang = working.workspace.person("li"), working.workspace.person("wang")
    working.follow_up(li, "deal", "D-4", "sample sent")
    later = replace(working, now=lambda: NOON + timedelta(hours=1))
    later.approve(wang, "deal", "D-4")
    later.advance(li, "deal", ["D-4"], "won")
    told = [
        (each.event.kind, each.event.actor, dict(each.fields), dict(each.others))
        for each in working.history(li, "deal", "D-4")
    ]
    assert told == [
        ("observed", "salesrules", {"owner": "li", "stage": "offer"}, {}),
        ("followed_up", "li", {}, {"#note": "sample sent"}),
        ("approved", "wang", {}, {"#process": "sales", "#approval": "manager"}),
        ("advanced", "li", {"stage": "won"}, {"#from": "offer", "#process": "sales"}),
    ]


def test_values_that_are_not_open_are_hidden_in_the_history(folder: Path) -> None:
    change(
        folder,
        "stage:    {type: stage, process: sales, category: basics}",
        "stage:    {type: stage, process: sales, category: money}",
        "rules/works/entities.yaml",
    )
    working = opened(folder)
    working.advance(working.workspace.person("li"), "deal", ["D-4"], "lost")
    told = working.history(working.workspace.person("he"), "deal", "D-4")
    assert [(dict(each.fields), dict(each.others)) for each in told] == [
        ({"owner": "li", "stage": Mark.HIDDEN}, {}),
        ({"stage": Mark.HIDDEN}, {"#process": "sales"}),
    ]


def test_the_verbs_say_what_was_noted(folder: Path) -> None:
    def run(words: str) -> list[str]:
        result = CliRunner().invoke(main, [*words.split(), "--workspace", str(folder), "--lang", "en"])
        return [str(result.exit_code), *result.output.splitlines()]

    assert run("follow-up --as li deal D-1 --note hello") == ["0", "D-1: followed up (-)"]
    assert run("done --as li deal D-1 call") == ["0", "D-1: task done (sales.talk.call)"]
    assert run("approve --as wang deal D-4") == ["0", "D-4: approved (sales.offer.manager)"]
    _, *lines = run("history --as li deal D-1")
    assert [line[18:] for line in lines] == [
        "salesrules  seen in the table: owner is li, stage is Talk",
        "li  followed up: hello",
        "li  task done: Call",
    ]
    assert run("approve --as li deal D-5")[0] == "5"
