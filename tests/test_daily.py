"""What was planned for a day against what was done on it: by whom, what was left, and what nobody had planned."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.working import Working
from tests import working_company, working_pages
from tests.web_pages import entered, said
from tests.working_company import change

# calls are due on Tuesday 17, after a day off; visits on Monday 16, for D-2 in doubt and for D-3


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seen on Thursday 12; li calls D-1 early, D-2 on the day and D-3 too late, and goes to D-2 on the day."""
    root = working_company.make(tmp_path_factory.mktemp("daily"))
    working = Working.open(root)
    done = [((12, 4), "", ""), ((13, 4), "D-1", "call"), ((16, 4), "D-2", "visit"), ((17, 4), "D-2", "call")]
    for (day, hour), key, task in [*done, ((18, 4), "D-3", "call")]:
        door = replace(working, now=lambda day=day, hour=hour: datetime(2026, 3, day, hour))
        if task:
            door.task_done(door.workspace.person("li"), "deal", key, task)
        else:
            door.sync()
    working.store.close()
    return root


def days(root: Path, person: str, day: int, team: bool = False) -> dict[str, dict[str, list[str]]]:
    """By person and outcome the tasks, as told on the Thursday after."""
    working = replace(Working.open(root), now=lambda: datetime(2026, 3, 19, 4))
    asker = working.workspace.person(person, date(2026, 3, day))
    found: dict[str, dict[str, list[str]]] = {}
    for each in working.day(asker, asker.day, team):
        of = found.setdefault(each.person, {})
        for task in each.tasks:
            of.setdefault(task.outcome, []).append(f"{task.key} {task.clock.rpartition('.')[2]}")
    return {id: {outcome: sorted(tasks) for outcome, tasks in of.items()} for id, of in found.items()}


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (12, {}),  # nothing was seen before that day began
        (13, {"besides": ["D-1 call"]}),
        (15, {}),
        (16, {"done": ["D-2 visit"], "not_done": ["D-3 visit"]}),
        (17, {"done": ["D-2 call"], "not_done": ["D-3 call", "D-3 visit"]}),
        (18, {"done": ["D-3 call"], "not_done": ["D-3 visit"]}),
        (19, {"not_done": ["D-3 visit"]}),
    ],
)
def test_a_day_of_a_person(company: Path, day: int, told: dict[str, list[str]]) -> None:
    assert days(company, "li", day) == {"li": told}


def test_a_manager_is_told_of_the_team_who_left_most_undone_first(company: Path) -> None:
    found = days(company, "dai", 17, team=True)
    assert next(iter(found)) == "li"
    assert found["li"] == {"done": ["D-2 call"], "not_done": ["D-3 call", "D-3 visit"]}
    assert found["chen"] == {"not_done": ["D-6 call"]}
    assert found.keys() == {"dai", "wang", "sun", "li", "he", "chen"}
    assert days(company, "wang", 17, team=True).keys() == {"wang", "li", "he"}


def test_a_manager_is_told_nothing_of_what_lies_elsewhere(company: Path) -> None:
    assert days(company, "sun", 17, team=True) == {"sun": {}, "chen": {"not_done": ["D-6 call"]}}


def test_it_is_told_in_words(company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salesrules.working._now", lambda: datetime(2026, 3, 19, 4))
    words = ["--workspace", str(company), "--at", "2026-03-17"]
    told = CliRunner().invoke(main, ["day", "--as", "li", "--lang", "en", *words]).stdout
    assert told.splitlines() == [
        "2026-03-17  li: 3 planned, 1 done, 2 not done, 0 besides",
        "  not done: Go: Deal D-3, until 2026-03-16",
        "  not done: Call (high priority): Deal D-3, until 2026-03-17",
        "  done: Call (high priority): Deal D-2, until 2026-03-17",
    ]
    told = CliRunner().invoke(main, ["day", "--as", "sun", "--team", "--lang", "zh", *words]).stdout
    assert told.splitlines() == [
        "2026-03-17  chen：计划 1 项，完成 0 项，未完成 1 项，计划外完成 0 项",
        "2026-03-17  sun：计划 0 项，完成 0 项，未完成 0 项，计划外完成 0 项",
    ]


def test_a_page_of_a_past_day_asks_with_the_rights_of_today(tmp_path: Path) -> None:
    root = working_pages.make(tmp_path)
    posts = "data/post.csv"
    change(root, "chen,rep,south,,", "chen,rep,south,,2026-03-18\nchen,auditor,,2026-03-18,", posts)
    change(root, "wang,manager,east,,", "wang,manager,east,,2026-03-18\nwang,auditor,,2026-03-18,", posts)
    app = working_pages.pages(root, datetime(2026, 3, 19, 4))
    for person, once in (("chen", "D-6"), ("wang", "5 planned")):
        page = entered(app, person).get("/day?day=2026-03-17")
        assert page.status_code == 200
        assert once not in said(page)


def test_a_task_that_somebody_was_reminded_of_stays_planned_and_in_my_work_until_it_is_done(tmp_path: Path) -> None:
    root = working_company.make(tmp_path)
    working = Working.open(root)
    replace(working, now=lambda: datetime(2026, 3, 12, 4)).sync()
    working = replace(working, now=lambda: datetime(2026, 3, 18, 4))
    chen = working.workspace.person("chen", date(2026, 3, 18))

    def told() -> tuple[list[tuple[str, str]], list[str | None]]:
        (day,) = working.day(chen, chen.day)
        return [(task.key, task.outcome) for task in day.tasks], [
            due.task for due in working.agenda(chen).due if due.task
        ]

    before = told()
    assert before == ([("D-6", "not_done")], ["call"])
    working.run_clocks()
    assert told() == before
    working.task_done(chen, "deal", "D-6", "call")
    assert told() == ([("D-6", "done")], [])


@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-02", "9999-12-31"])
def test_the_first_and_the_last_day_that_there_are_have_nothing_in_them(company: Path, day: str) -> None:
    for verb in ("day", "due"):
        result = CliRunner().invoke(main, [verb, "--as", "li", "--at", day, "--workspace", str(company)])
        assert (result.exit_code, result.exception) == (0, None), result.output
    app = working_pages.pages(company, datetime(2026, 3, 19, 4), assigned=False)
    assert entered(app, "li").get(f"/day?day={day}").status_code == 200
