"""Approvals that wait for somebody who goes: each passes to who may give it, and none waits for nobody unsaid."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.deeds import told_text
from salesrules.deputing import Deputing
from salesrules.issue import AccessDenied
from salesrules.leaving import Leaving
from salesrules.whose import handed_texts
from salesrules.working import Working
from tests import working_company
from tests.working_company import change
from tests.workspace_files import SCHEMA

NOON = datetime(2026, 3, 12, 4, 0)
HANDOVER = """    protect: {for: 7d, since: assign}
handovers:
  leaver:
    when: id is null
    rules: [{of: lead, do: assign, to: owner.manager}]
"""
LEFT = {
    "wang": ("wang,manager,east,,", "wang,manager,east,,2026-03-01"),
    "dai": ("dai,director,,,", "dai,director,,,2026-03-01"),
}
POSTS, RULES = "data/post.csv", "rules/works/assignment.yaml"
SECOND = (POSTS, "sun,manager,south,,", "sun,manager,south,,\nsun,manager,east,,")
NO_GRANT = ("policies/works/grants.csv", "allow,director,approve,deal,*,all,,,\n", "")
UNDER_HE = ("data/person.csv", "wang,dai", "wang,he")


def opened(folder: Path) -> Leaving:
    return Leaving(replace(Working.open(folder), now=lambda: NOON))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    working_company.make(tmp_path)
    change(tmp_path, "    protect: {for: 7d, since: assign}\n", HANDOVER, "rules/works/assignment.yaml")
    return tmp_path


Given = tuple[str | None, tuple[str, ...], bool]
Edit = tuple[str, str, str]


def both(given: Given) -> dict[tuple[str, str], Given]:
    return {("D-4", "manager"): given, ("D-5", "manager"): given}


ASKED: list[tuple[str, list[Edit], dict[tuple[str, str], Given]]] = [
    # who goes, what is edited, and by approval who gives it, who else could, and whether it passes
    ("wang", [], both(("dai", (), True))),
    ("wang", [(POSTS, *LEFT["wang"])], both(("dai", (), True))),
    ("sun", [], {}),
    ("dai", [(POSTS, *LEFT["dai"])], {("D-5", "director"): (None, (), False)}),
    ("wang", [SECOND], both(("dai", ("sun",), True))),  # somebody else could: the nearest above still takes it
    ("wang", [SECOND, NO_GRANT], both((None, ("sun",), False))),  # the manager may not: those who can are named
    (  # a path of the handover; who can sign by a post takes it without a fact
        "wang",
        [
            SECOND,
            UNDER_HE,
            ("data/person.csv", "he,wang", "he,sun"),
            (RULES, "id is null", "id is null\n    approvals: manager.manager"),
        ],
        both(("sun", (), False)),
    ),
    (  # the manager is gone as well
        "wang",
        [UNDER_HE, ("data/person.csv", "he,wang", "he,dai"), (POSTS, "he,helper,east,,\n", "")],
        both(("dai", (), True)),
    ),
]


@pytest.mark.parametrize(("person", "edits", "expected"), ASKED, ids=[str(n) for n in range(len(ASKED))])
def test_every_approval_that_waits_is_listed(
    folder: Path, person: str, edits: list[Edit], expected: dict[tuple[str, str], Given]
) -> None:
    for file, old, new in edits:
        change(folder, old, new, file)
    found = opened(folder).hand_over(person, dry=True, handover="leaver").approvals
    assert {(one.signature.key, one.signature.approval): (one.to, one.others, one.passes) for one in found} == expected


def test_who_takes_an_approval_over_gives_it_and_no_other(folder: Path) -> None:
    change(folder, *LEFT["wang"], POSTS)
    change(
        folder,
        "D-7,li,east,,",
        "D-7,li,east,offer,",
    )
    door = opened(folder)
    working, dai = door.working, door.working.workspace.person("dai")
    with pytest.raises(AccessDenied, match="not_your_approval"):
        working.approve(dai, "deal", "D-4")
    door.hand_over("wang", handover="leaver")
    assert {(one.key, one.approval) for one in working.agenda(dai).signatures} == {
        ("D-4", "manager"), ("D-5", "manager"), ("D-5", "director"),
    }  # fmt: skip
    (given,) = working.approve(dai, "deal", "D-4")
    assert (given.actor, given.values["#approval"], given.values["#for"]) == ("dai", "manager", "wang")
    places = {event.values["#approval"]: event.values.get("#for") for event in working.approve(dai, "deal", "D-5")}
    assert places == {"manager": "wang", "director": None}
    (moved,) = working.advance(working.workspace.person("li"), "deal", ["D-4"], "won")
    assert moved.done


def test_a_second_run_and_a_record_that_moved_on_leave_nothing_behind(folder: Path) -> None:
    change(folder, *LEFT["wang"], POSTS)
    door = opened(folder)
    door.hand_over("wang", handover="leaver")
    before = door.working.store.last()
    assert [one.passes for one in door.hand_over("wang", handover="leaver").approvals] == [False, False]
    assert door.working.store.last() == before
    change(folder, "D-4,li,east,offer", "D-4,li,east,talk")
    opened(folder).working.sync()
    change(folder, "D-4,li,east,talk", "D-4,li,east,offer")
    again = opened(folder)
    again.working.sync()
    dai = again.working.workspace.person("dai")
    assert {one.key for one in again.working.agenda(dai).signatures} == {
        "D-5"
    }  # it was left for that stay in the stage


def test_what_nobody_may_give_is_said_with_what_to_do(folder: Path) -> None:
    door = opened(folder)
    found = door.hand_over("dai", dry=True, handover="leaver")
    said = {
        lang: [text.strip() for text in handed_texts(door.working.workspace.pack, found, lang)] for lang in ("en", "zh")
    }
    assert (
        "Deal D-5 waits for approval as Director in Offer, and nobody may give it: give somebody a post as Director, or"
        " name in `approvals` who may approve it"
    ) in said["en"]
    assert (
        "商机 D-5 在报价阶段等待总监审批，但没有人有权审批：请安排总监任职，或在 `approvals` 中指定有审批权的人"
        in said["zh"]
    )


def test_the_verbs_say_in_whose_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setattr("salesrules.working._now", lambda: NOON)

    def run(words: str) -> str:
        return CliRunner().invoke(main, [*words.split(), "--lang", "en"]).output

    assert "Deal D-4 waits for approval as Manager in Offer: dai gives it" in run("handover wang --by leaver")
    assert run("approve --as dai deal D-4") == "D-4: approved in place of wang (sales.offer.manager)\n"
    assert "dai  approved: Manager, in place of wang" in run("history --as dai deal D-4")


def test_who_stands_in_for_who_took_it_over_says_both_places(folder: Path) -> None:
    rule = "delegation:\n  trips: {from: [director], what: [approve], max: 14d}\n"
    text = SCHEMA.format("separation") + rule
    (folder / "policies/works/separation.yaml").write_text(text, encoding="utf-8")
    door = opened(folder)
    working, dai = door.working, door.working.workspace.person("dai")
    door.hand_over("wang", handover="leaver")
    Deputing(working).delegate(dai, "dai", "sun", working.today(), date(2026, 3, 20))
    (given,) = working.approve(working.workspace.person("sun", working.today()), "deal", "D-4")
    assert (given.actor, given.values["#for"], given.values["#left by"]) == ("sun", "dai", "wang")
    *_, told = working.history(dai, "deal", "D-4")
    texts = [told_text(working.workspace.pack, told, working.zone, lang) for lang in ("en", "zh")]
    assert texts[0].endswith("Manager, in place of dai, left by wang")
    assert texts[1].endswith("代 dai、由 wang 移交")


def test_nobody_is_left_to_approve_a_record_of_their_own(tmp_path: Path) -> None:
    working_company.make(tmp_path)
    change(tmp_path, "    protect: {for: 7d, since: assign}\n", HANDOVER, RULES)
    change(tmp_path, "D-4,li,east,offer", "D-4,dai,east,offer")
    door = opened(tmp_path)
    door.working.sync()
    found = {one.signature.key: one.to for one in door.hand_over("wang", handover="leaver").approvals}
    assert found == {"D-4": None, "D-5": "dai"}
