"""Conduct: what breaks a rule is noted once, told to whom it may be told, and settled by whoever is above."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from salesrules.check import check
from salesrules.cli import main
from salesrules.conducting import Conducting
from salesrules.issue import AccessDenied, Issue, QuestionError
from salesrules.load import load
from salesrules.working import Working
from tests import given_company, working_company
from tests.conftest import ROOT
from tests.working_company import change

# high and unknown are decided by money, which he, a helper, does not read; dai reads everything
CONDUCT = """
conduct:
  gone_quiet:
    label: {en: Nobody was in touch for five days, zh: 五天无人跟进}
    entity: deal
    when: stage = 'talk' and state.last_follow_up < today() - 5d
    by: owner
    severity: low
  cheap:
    label: {en: Too cheap, zh: 折扣过高}
    entity: deal
    when: discount > 30%
    by: owner
    severity: high
    tell: owner.manager
"""


def make(folder: Path, conduct: str = CONDUCT) -> Path:
    working_company.make(folder)
    file = folder / "rules/works/stages.yaml"
    file.write_text(file.read_text(encoding="utf-8") + conduct, encoding="utf-8")
    return folder


def at(root: Path, day: int) -> Conducting:
    """The door at noon of a day of March."""
    return Conducting(replace(Working.open(root), now=lambda: datetime(2026, 3, day, 4)))


def run(root: Path, day: int) -> list[tuple[str, str]]:
    """Run the clocks: each new violation, and whom it is charged to."""
    found = at(root, day).working.run_clocks()
    return [(f"{each.clock} {each.key}", str(each.owner)) for each in found if each.do == "violation"]


def told(root: Path, person: str, *, team: bool = False, settled: bool = False) -> tuple[list[str], int]:
    """The violations of a person, and how many more there are."""
    door = at(root, 30)
    found = door.violations(door.working.workspace.person(person), team, settled)
    return [f"{one.person} {one.rule} {one.key}" for one in found.told], found.hidden


def test_a_record_breaks_a_rule_once_until_the_condition_was_false(tmp_path: Path) -> None:
    root = make(tmp_path)
    assert run(root, 12) == [("cheap D-5", "li")]
    assert run(root, 12) == []
    assert run(root, 13) == []
    change(root, "1000000,0.40", "1000000,")  # unknown is not false
    assert run(root, 14) == []
    change(root, "1000000,", "1000000,0.40")
    assert run(root, 15) == []
    change(root, "1000000,0.40", "1000000,0.10")
    assert run(root, 16) == []
    assert run(root, 16) == []
    change(root, "1000000,0.10", "1000000,0.40")
    assert run(root, 17) == [("cheap D-5", "li")]
    kinds = [event.kind for event in at(root, 17).working.store.events(entity="deal", key="D-5")]
    assert [kind for kind in kinds if kind in ("violated", "kept_again")] == ["violated", "kept_again", "violated"]


def test_the_state_of_the_log_counts(tmp_path: Path) -> None:
    root = make(tmp_path)
    run(root, 12)
    door = at(root, 13).working
    door.follow_up(door.workspace.person("li"), "deal", "D-1")
    assert run(root, 18) == []  # the thirteenth is not before the thirteenth
    assert run(root, 19) == [("gone_quiet D-1", "li")]
    door = at(root, 20).working
    door.follow_up(door.workspace.person("li"), "deal", "D-1")
    assert run(root, 20) == []
    assert run(root, 26) == [("gone_quiet D-1", "li")]


def test_nobody_is_charged_where_the_path_leads_to_nobody(tmp_path: Path) -> None:
    root = make(tmp_path)
    change(root, "D-5,li", "D-5,")
    assert run(root, 12) == []
    change(root, "D-5,,", "D-5,chen,")
    assert run(root, 13) == [("cheap D-5", "chen")]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Li is charged with D-1, gone quiet, and D-5, too cheap; chen with D-6, too cheap."""
    root = make(tmp_path_factory.mktemp("conduct"))
    run(root, 12)
    door = at(root, 13).working
    door.follow_up(door.workspace.person("li"), "deal", "D-1")
    change(root, "D-6,chen,south,talk,true,false,5000,0.00", "D-6,chen,south,talk,true,false,5000,0.50")
    run(root, 25)
    return root


LI, CHEN = ["li cheap D-5", "li gone_quiet D-1"], ["chen cheap D-6"]


@pytest.mark.parametrize(
    ("person", "own", "team"),
    [
        ("li", LI, LI),  # the gravest first
        ("chen", CHEN, CHEN),
        ("wang", [], LI),
        ("sun", [], CHEN),
        ("dai", [], ["li cheap D-5", "chen cheap D-6", "li gone_quiet D-1"]),
        ("he", [], []),
    ],
)
def test_who_is_told_of_what(company: Path, person: str, own: list[str], team: list[str]) -> None:
    assert told(company, person) == (own, 0)
    assert told(company, person, team=True) == (team, 0)


def test_a_manager_is_told_nothing_of_cells_that_are_hidden(company: Path, tmp_path: Path) -> None:
    root = make(tmp_path)
    change(root, "li,wang", "li,he", "data/person.csv")  # he reads no money
    run(root, 12)
    door = at(root, 13).working
    door.follow_up(door.workspace.person("li"), "deal", "D-1")
    run(root, 25)
    assert told(root, "he", team=True) == (["li gone_quiet D-1"], 0)
    assert told(root, "dai", team=True) == (LI, 0)


def test_who_may_know_the_record_no_more_is_told_how_many_there_are(tmp_path: Path) -> None:
    root = make(tmp_path)
    run(root, 12)
    change(root, "D-5,li", "D-5,chen")
    assert told(root, "li") == ([], 1)
    assert told(root, "chen") == ([], 0)  # it was not chen
    assert told(root, "wang", team=True) == (["li cheap D-5"], 0)


def test_the_history_of_a_record_does_not_tell(company: Path) -> None:
    door = at(company, 30).working
    shown = {each.event.kind for each in door.history(door.workspace.person("he"), "deal", "D-5")}
    assert "observed" in shown
    assert shown.isdisjoint({"violated", "kept_again", "settled"})


def number(root: Path, violation: str) -> int:
    door = at(root, 30)
    found = door.violations(door.working.workspace.person("dai"), team=True)
    return next(one.id for one in found.told if f"{one.person} {one.rule} {one.key}" == violation)


def test_a_manager_settles_a_violation_with_a_note(tmp_path: Path) -> None:
    root = make(tmp_path)
    run(root, 12)
    id = number(root, "li cheap D-5")
    door = at(root, 13)
    person = door.working.workspace.person
    with pytest.raises(QuestionError, match="--note"):
        door.settle(person("wang"), id, " ")
    for somebody in ("li", "sun", "he", "chen"):  # the one who is charged, and those to whom li does not report
        with pytest.raises(AccessDenied) as refused:
            door.settle(person(somebody), id, "x")
        with pytest.raises(AccessDenied) as unknown:
            door.settle(person(somebody), 999, "x")
        assert str(refused.value).replace(str(id), "999") == str(unknown.value)
    door.settle(person("wang"), id, "talked it over")
    with pytest.raises(AccessDenied):
        door.settle(person("wang"), id, "again")
    assert told(root, "li") == ([], 0)
    assert told(root, "li", settled=True) == (["li cheap D-5"], 0)
    assert run(root, 14) == []  # it lasts, and was dealt with


def test_nobody_settles_their_own(tmp_path: Path) -> None:
    root = make(tmp_path)
    change(root, "D-5,li", "D-5,wang")
    assert run(root, 12) == [("cheap D-5", "wang")]
    door = at(root, 13)
    id = number(root, "wang cheap D-5")
    with pytest.raises(AccessDenied):
        door.settle(door.working.workspace.person("wang"), id, "x")
    assert door.settle(door.working.workspace.person("dai"), id, "x").actor == "dai"


def test_a_message_goes_to_whom_the_rule_tells(tmp_path: Path) -> None:
    root = make(tmp_path)
    settings = root / "salesrules.toml"
    channel = '[notify.a]\nkind = "webhook"\nurl = "http://127.0.0.1:9/"\nlang = "en"\ndo = ["violation"]\n'
    settings.write_text(settings.read_text(encoding="utf-8") + channel, encoding="utf-8")
    run(root, 12)
    (message,) = at(root, 12).working.messages()
    assert message.person == "wang"
    assert message.text == "2026-03-12  wang  Too cheap (grave): Deal D-5, charged to li (cheap)"


def test_it_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make(tmp_path)
    run(root, 12)
    monkeypatch.setattr("salesrules.working._now", lambda: datetime(2026, 3, 13, 4))
    id = number(root, "li cheap D-5")

    def say(*words: str) -> list[str]:
        return CliRunner().invoke(main, [*words, "--workspace", str(root)]).output.splitlines()

    line = f"{id}  2026-03-12  li  Too cheap (grave): Deal D-5"
    assert say("violations", "--as", "li", "--lang", "en") == [line, "  still so", "1 violation"]
    noted = say("settle", "--as", "wang", str(id), "--note", "谈过了", "--lang", "en")
    assert noted == ["D-5: violation settled (cheap)"]
    assert say("violations", "--as", "li", "--lang", "en") == ["0 violations"]
    assert say("violations", "--as", "li", "--settled", "--lang", "zh") == [
        f"{id}  2026-03-12  li  折扣过高（严重）：商机 D-5",
        "  至今未改正",
        "  wang 于 2026-03-13 处理：谈过了",
        "共 1 项违规",
    ]


def test_the_standard_pack_charges_who_leaves_an_open_deal_alone_for_twenty_days(tmp_path: Path) -> None:
    pack, _ = load(ROOT / "rules/standard", ROOT / "policies/standard", ROOT)
    assert pack is not None
    given = yaml.safe_load((ROOT / "rules/standard/tests/sellers_test.yaml").read_text(encoding="utf-8"))
    door = Working.open(given_company.write(tmp_path, pack, given))

    def found(*when: int) -> list[tuple[str, str | None, str | None]]:
        working = replace(door, now=lambda: datetime(2026, *when, 4))  # type: ignore[arg-type]
        return [(one.key, one.owner, one.person) for one in working.run_clocks() if one.clock == "gone_quiet"]

    replace(door, now=lambda: datetime(2026, 4, 10, 4)).sync()
    followed = replace(door, now=lambda: datetime(2026, 4, 20, 4))
    followed.follow_up(followed.workspace.person("direct"), "opportunity", "o3")
    assert found(4, 30) == []
    assert found(5, 1) == [("o1", "li", "li")]
    assert found(5, 11) == [("o3", "direct", "direct")]  # what is won is no open deal


@pytest.mark.parametrize(
    ("old", "new", "issue"),
    [
        ("by: owner\n    severity: high", "by: region\n    severity: high", "expr.wrong_result"),
        ("discount > 30%", "discont > 30%", "expr.unknown_field"),
        ("discount > 30%", "owner = user", "expr.unknown_field"),  # nobody asks when clocks run
        ("tell: owner.manager", "tell: owner.boss", "expr.unknown_field"),
        ("by: owner\n    severity: high", "by: state.owner\n    severity: high", None),
        ("by: owner\n    severity: high", "by: state.owner.manager\n    severity: high", "run.not_yet"),
    ],
)
def test_expressions_are_of_the_record(tmp_path: Path, old: str, new: str, issue: str | None) -> None:
    assert CONDUCT.count(old) == 1
    issues = issues_of(make(tmp_path, CONDUCT.replace(old, new)))
    assert [found.code for found in issues if found.span.file.endswith("stages.yaml")] == ([issue] if issue else [])


def issues_of(root: Path) -> tuple[Issue, ...]:
    pack, issues = load(root / "rules/works", root / "policies/works", root)
    assert pack is not None, issues
    return check(pack)[1]
