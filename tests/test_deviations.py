"""Days against their plan: each is closed once, who fell short too often is charged once, says why, and is settled."""

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
from salesrules.issue import AccessDenied, QuestionError
from salesrules.load import load
from salesrules.working import Working
from tests import given_company, working_company
from tests.conftest import ROOT
from tests.working_company import change, make_with_deviations

# Seen on Thursday 12 March. Calls (D-1, D-2, D-3 of li, D-6 of chen) are due on Tuesday 17, visits (D-2 in doubt, D-3)
# on Monday 16, which is off; Saturday 21 is worked. Planned for li: 5 from Tuesday on, and for chen: 1.


def at(root: Path, day: int, hour: int = 4) -> Conducting:
    """The door at a moment of March; 4 is noon."""
    return Conducting(replace(Working.open(root), now=lambda: datetime(2026, 3, day, hour)))


def run(root: Path, day: int) -> list[str]:
    """Run the clocks: who is charged with which deviation."""
    found = at(root, day).working.run_clocks()
    return [f"{each.clock} {each.key}, told {each.person}" for each in found if each.entity == "person"]


def closed(root: Path) -> dict[str, str | None]:
    """The days that were closed, as the log has them."""
    return {event.key: event.values["#plan"] for event in at(root, 30).working.store.events(entity="#day")}


def told(root: Path, person: str, *, team: bool = False, settled: bool = False) -> dict[str, list[str]]:
    """The deviations that a person is told of, each with its days."""
    door = at(root, 30)
    found = door.violations(door.working.workspace.person(person), team, settled)
    assert found.hidden == 0
    return {f"{one.person} {one.rule}": [f"{e.day.day}: {e.done}/{e.planned}" for e in one.days] for one in found.told}


def done(root: Path, day: int, *tasks: str) -> None:
    door = at(root, day, 5).working
    for each in tasks:
        person, key, task = each.split()
        door.task_done(door.workspace.person(person), "deal", key, task)


BOTH = ["behind chen, told sun", "behind li, told wang", "grave chen, told sun", "grave li, told wang"]


def test_each_working_day_is_closed_once_and_stays_as_it_was_noted(tmp_path: Path) -> None:
    root = make_with_deviations(tmp_path)
    run(root, 12)
    assert closed(root) == {"2026-03-11": "{}"}  # the last day that was over
    run(root, 13)
    done(root, 17, "li D-2 call")
    run(root, 18)
    assert list(closed(root)) == ["2026-03-11", "2026-03-12", "2026-03-13", "2026-03-17"]  # no weekend, no day off
    noted = closed(root)
    assert noted["2026-03-17"] == '{"chen":[1,0],"li":[5,1]}'
    change(root, "D-3,li,east,talk", "D-3,li,east,lost")  # asks for nothing any more, and `day` tells no task of it
    assert run(root, 18) == run(root, 17) == []  # nor by a clock that is wrong
    assert closed(root) == noted


def test_nothing_is_closed_where_no_rule_is_about_days(tmp_path: Path) -> None:
    root = working_company.make(tmp_path)
    run(root, 12)
    run(root, 18)
    assert closed(root) == {}


def test_who_falls_short_on_so_many_days_is_charged_once_until_that_is_over(tmp_path: Path) -> None:
    """Both miss all of 17 and 18, and do all of it on 20: that ends two in a row, and not two of the last three."""
    root = make_with_deviations(tmp_path)
    assert (run(root, 12), run(root, 18)) == ([], [])
    assert run(root, 19) == BOTH
    assert run(root, 19) == run(root, 20) == []
    done(root, 20, "li D-1 call", "li D-2 call", "li D-2 visit", "li D-3 call", "li D-3 visit", "chen D-6 call")
    assert run(root, 21) == []
    kinds = [(event.kind, event.rule) for event in at(root, 30).working.store.events(entity="person", key="li")]
    assert kinds == [("violated", "behind"), ("violated", "grave"), ("kept_again", "grave")]


def test_who_is_on_leave_or_not_at_work_has_no_plan_to_miss(tmp_path: Path) -> None:
    root = make_with_deviations(tmp_path)
    change(root, "chen,rep,south,,", "chen,rep,south,,2026-03-17\nchen,rep,south,2026-03-19,", "data/post.csv")
    (root / "data/leave.csv").write_text("person,from,to\nli,2026-03-18,2026-03-19\n", encoding="utf-8")
    roles = root / "rules/works/roles.yaml"
    roles.write_text(roles.read_text(encoding="utf-8") + "leave: {file: data/leave.csv}\n", encoding="utf-8")
    run(root, 12)
    run(root, 18)
    assert run(root, 20) == ["behind li, told wang", "grave li, told wang"]
    assert [plan for day, plan in closed(root).items() if day >= "2026-03-17"] == [
        '{"li":[5,0]}',
        "{}",
        '{"chen":[1,0],"li":[5,0]}',
    ]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Li and chen are charged by both rules, the grave one first."""
    root = make_with_deviations(tmp_path_factory.mktemp("deviations"))
    run(root, 12)
    done(root, 17, "li D-2 call")
    run(root, 19)
    return root


LI = {"li grave": ["17: 1/5", "18: 0/4"], "li behind": ["17: 1/5", "18: 0/4"]}
CHEN = {"chen grave": ["17: 0/1", "18: 0/1"], "chen behind": ["17: 0/1", "18: 0/1"]}


@pytest.mark.parametrize(
    ("person", "own", "team"),
    [
        ("li", LI, LI),
        ("chen", CHEN, CHEN),
        ("dai", {}, {**LI, **CHEN}),
        ("wang", {}, {}),  # li reports to wang, who may know nothing of li
        ("he", {}, {}),
    ],
)
def test_who_is_told(company: Path, person: str, own: dict[str, list[str]], team: dict[str, list[str]]) -> None:
    assert told(company, person) == own
    assert told(company, person, team=True) == team


def test_the_history_of_a_person_tells_nothing_of_it(company: Path) -> None:
    door = at(company, 30).working
    assert {event.kind for event in door.store.events(entity="person", key="li")} == {"violated"}
    with pytest.raises(QuestionError, match="not_followed"):
        door.history(door.workspace.person("dai"), "person", "li")


def test_the_reason_is_said_and_then_it_is_settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_with_deviations(tmp_path)
    run(root, 12)
    run(root, 19)
    door = at(root, 20)
    person = door.working.workspace.person
    _, found = door.violations(person("chen")).told
    with pytest.raises(QuestionError, match="--because"):
        door.answer(person("chen"), found.id, " ")
    for somebody in ("li", "sun", "wang"):  # sun is above chen, and may know nothing of chen
        for id in (found.id, 9999):
            with pytest.raises(AccessDenied, match=rf"conduct\.not_yours.*{id}"):
                door.answer(person(somebody), id, "x")
        with pytest.raises(AccessDenied, match=r"conduct\.unknown"):
            door.settle(person(somebody), found.id, "x")
    with pytest.raises(AccessDenied, match=r"conduct\.unknown"):
        door.settle(person("chen"), found.id, "x")
    monkeypatch.setattr("salesrules.working._now", lambda: datetime(2026, 3, 20, 4))

    def say(*words: str) -> list[str]:
        return CliRunner().invoke(main, [*words, "--workspace", str(root)]).output.splitlines()

    noted = say("answer", "--as", "chen", str(found.id), "--because", "客户改期", "--lang", "en")
    assert noted == ["chen: reason of a violation said (behind)"]
    say("answer", "--as", "dai", str(found.id), "--because", "he told me", "--lang", "en")
    say("settle", "--as", "dai", str(found.id), "--note", "a call a day", "--lang", "en")
    assert say("answer", "--as", "chen", str(found.id), "--because", "too late", "--lang", "en")[0].endswith("about")
    assert say("violations", "--as", "chen", "--lang", "en")[-1] == "1 violation"
    assert say("violations", "--as", "chen", "--settled", "--lang", "en")[5:] == [
        f"{found.id}  2026-03-19  chen  Behind the plan",
        "  2026-03-17: 0 of 1 done",
        "  2026-03-18: 0 of 1 done",
        f"  by the rule at {rule_place(root)}",
        "  still so",
        "  chen on 2026-03-20: 客户改期",
        "  dai on 2026-03-20: he told me",
        "  settled by dai on 2026-03-20: a call a day",
        "2 violations",
    ]
    assert run(root, 21) == []


def rule_place(root: Path) -> str:
    lines = (root / "rules/works/stages.yaml").read_text(encoding="utf-8").splitlines()
    return f"rules/works/stages.yaml:{lines.index('  behind:') + 1}:3"


def test_a_message_goes_to_whom_the_rule_tells(tmp_path: Path) -> None:
    root = make_with_deviations(tmp_path)
    settings = root / "salesrules.toml"
    channel = '[notify.a]\nkind = "webhook"\nurl = "http://127.0.0.1:9/"\nlang = "en"\ndo = ["violation"]\n'
    settings.write_text(settings.read_text(encoding="utf-8") + channel, encoding="utf-8")
    run(root, 12)
    run(root, 19)
    texts = {message.person: message.text for message in at(root, 19).working.messages()}
    assert texts["sun"] == "\n".join(
        [
            "2026-03-19  sun  Behind the plan: chen (behind)",
            "2026-03-19  sun  Far behind the plan (grave): chen (grave)",
        ]
    )


def test_the_standard_pack_charges_who_falls_short_on_three_of_five_days(tmp_path: Path) -> None:
    """Orders are to be entered by the 14th, a quote is to be sent by the 15th; the 18th and 19th are a weekend."""
    pack, _ = load(ROOT / "rules/standard", ROOT / "policies/standard", ROOT)
    assert pack is not None
    given = yaml.safe_load((ROOT / "rules/standard/tests/sellers_test.yaml").read_text(encoding="utf-8"))
    given["org"]["person"]["direct"]["manager"] = "boss"
    door = Working.open(given_company.write(tmp_path, pack, given))

    def found(day: int) -> list[tuple[str, str | None]]:
        working = replace(door, now=lambda: datetime(2026, 4, day, 4))
        return [(one.key, one.person) for one in working.run_clocks() if one.clock == "behind_plan"]

    assert [found(day) for day in (10, 15, 16)] == [[], [], []]
    assert found(17) == [("chen", None), ("hu", None)]
    assert found(20) == [("direct", "boss")]
    assert found(21) == []


QUIET = "{label: {en: A, zh: 甲}, entity: deal, when: small, by: owner}"


@pytest.mark.parametrize(
    ("old", "new", "issue"),
    [
        ("days: 2\n    of: 3", "days: 4\n    of: 3", "deviation.no_days"),
        ("days: 2\n    of: 3", "days: 0\n    of: 3", "deviation.no_days"),
        ("below: 80%", "below: 0%", "deviation.no_share"),
        ("below: 80%", "below: 101%", "deviation.no_share"),
        ("below: 80%", "below: 100%", None),
        ("tell: manager\n  grave", "tell: boss\n  grave", "expr.unknown_field"),
        ("deviations:", f"conduct:\n  behind: {QUIET}\ndeviations:", "deviation.named_twice"),
    ],
)
def test_rules_that_cannot_come_about_are_refused(tmp_path: Path, old: str, new: str, issue: str | None) -> None:
    root = make_with_deviations(tmp_path)
    change(root, old, new, "rules/works/stages.yaml")
    pack, issues = load(root / "rules/works", root / "policies/works", root)
    assert pack is not None, issues
    found = check(pack)[1]
    assert [one.code for one in found if one.span.file.endswith("stages.yaml")] == ([issue] if issue else [])
