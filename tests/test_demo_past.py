"""What the people of the demo company did in the past weeks: made up from the seed, with something for each page."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.demo import Made
from salesrules.demo.past import past
from salesrules.pooling import Pooling
from salesrules.retracing import Retracing
from salesrules.working import Working

NOW = datetime(2026, 6, 30, 8)
DIRECTOR = "P-0006"


def lived(folder: Path, seed: int = 7, now: datetime = NOW) -> Working:
    working = replace(Working.open(folder), now=lambda: now)
    past(working, seed)
    return working


@pytest.fixture(scope="module")
def working(demo_folder: tuple[Path, Made], tmp_path_factory: pytest.TempPathFactory) -> Working:
    return lived(copied(demo_folder[0], tmp_path_factory.mktemp("past") / "demo"))


def copied(folder: Path, to: Path) -> Path:
    return shutil.copytree(folder, to, ignore=shutil.ignore_patterns("store.sqlite*"))


def log(working: Working) -> list[tuple[object, ...]]:
    return [(e.at, e.entity, e.key, e.kind, e.actor, dict(e.values), e.rule) for e in working.store.events()]


def test_nothing_is_left_to_be_seen_and_the_log_is_whole(working: Working) -> None:
    assert working.unseen() == 0
    assert working.sync() == ()
    assert working.verify().broken == ()


def test_it_all_happened_in_the_past_weeks_on_weekdays(working: Working) -> None:
    moments = [event.at.replace(tzinfo=None) for event in working.store.events()]
    assert max(moments) < NOW
    assert min(moments) > NOW - timedelta(days=60)
    assert Counter(event.kind for event in working.store.events()).keys() >= {
        *("observed", "advanced", "task_done", "followed_up", "claimed", "assigned", "approved")
    }


def test_another_seed_is_another_past_and_the_same_one_is_the_same(
    demo_folder: tuple[Path, Made], working: Working, tmp_path: Path
) -> None:
    again, other = (lived(copied(demo_folder[0], tmp_path / name), seed) for name, seed in (("again", 7), ("other", 8)))
    assert log(again) == log(working)
    assert log(other) != log(working)


def test_there_is_something_to_do_and_most_of_it_is_done(working: Working) -> None:
    director = working.workspace.person(DIRECTOR)
    due = Counter(each.do for each in working.due(director))
    assert due.keys() == {"task", "remind", "escalate", "recycle"}
    done = sum(event.kind == "task_done" for event in working.store.events())
    assert 0 < due["task"] < done / 3
    everyone = working.workspace.people()
    people = [working.agenda(person) for person in everyone[::3]]
    assert sum(bool(each.due) for each in people) > 6
    assert sum(bool(each.coming) for each in people) > 3
    assert any(working.agenda(person).signatures for person in everyone)
    assert max(len(each.due) for each in people) < 60


def test_the_pool_has_leads_and_the_last_run_was_kept(working: Working) -> None:
    rep = working.workspace.person("P-0005")
    assert Pooling(working).pool(rep, "lead_pool").total > 20
    assert {rule for rule, _ in Retracing(working).balance("new_leads").rules} >= {"hard_ones", "of_a_line"}


def test_a_company_that_is_kept_has_a_past(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["demo", "--size", "small", "--keep", str(tmp_path / "kept"), "--lang", "en"])
    assert result.exit_code == 0, result.output
    words = ["due", "--as", DIRECTOR, "--workspace", str(tmp_path / "kept"), "--lang", "en"]
    found = CliRunner().invoke(main, words)
    assert int(found.stdout.splitlines()[-1].split()[0]) > 20
    assert found.stderr == ""
