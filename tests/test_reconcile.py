"""What became of proposals where the table is right: one case a way in which it can end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.working import Working
from tests import working_company
from tests.working_company import change

NOON = datetime(2026, 3, 12, 4, 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return working_company.make(tmp_path)


def opened(folder: Path, hours: float = 0) -> Working:
    return replace(Working.open(folder), now=lambda: NOON + timedelta(hours=hours))


def outcomes(working: Working, person: str = "dai") -> list[tuple[str, str | None, str, str | None]]:
    found = working.reconcile(working.workspace.person(person))
    return [(each.key, each.value, each.outcome, each.found) for each in found]


def test_every_proposal_ends_in_one_way(folder: Path) -> None:
    working = opened(folder)
    li = working.workspace.person("li")
    working.advance(li, "deal", ["D-2", "D-4", "D-5"], "lost")
    chen = working.workspace.person("chen")
    working.advance(chen, "deal", ["D-6"], "lost")
    everything = ["D-2", "D-4", "D-5", "D-6"]
    assert outcomes(working) == [(key, "lost", "open", None) for key in everything]
    assert outcomes(working, "chen") == [("D-6", "lost", "open", None)]
    change(folder, "D-4,li,east,offer", "D-4,li,east,lost")
    change(folder, "D-5,li,east,offer", "D-5,li,east,won")
    working = opened(folder, 1)
    assert outcomes(working) == [(key, "lost", "open", None) for key in everything]  # nobody has looked yet
    working.sync()
    done = [("D-4", "lost", "done", "lost"), ("D-5", "lost", "otherwise", "won")]
    assert outcomes(working) == [("D-2", "lost", "open", None), *done, ("D-6", "lost", "open", None)]
    later = opened(folder, 25)
    assert outcomes(later) == [("D-2", "lost", "lapsed", None), *done, ("D-6", "lost", "lapsed", None)]
    later.advance(li, "deal", ["D-2"], "lost")
    assert outcomes(later)[0] == ("D-2", "lost", "replaced", None)
    assert outcomes(later)[-1] == ("D-2", "lost", "open", None)


def test_what_is_not_followed_by_the_table_is_no_proposal(folder: Path) -> None:
    change(folder, 'file = "deal.csv"', 'file = "deal.csv"\nmaster = {stage = "log"}', "salesrules.toml")
    working = opened(folder)
    working.advance(working.workspace.person("li"), "deal", ["D-1"], "talk")
    assert outcomes(working) == []


def test_the_verb_counts_them(folder: Path) -> None:
    working = Working.open(folder)
    working.advance(working.workspace.person("li"), "deal", ["D-2", "D-4"], "lost")
    words = ["reconcile", "--as", "li", "--workspace", str(folder), "--lang", "en"]
    lines = CliRunner().invoke(main, words).output.splitlines()
    assert [line[18:] for line in lines[:2]] == [
        "Deal D-2: stage should become lost (li): open",
        "Deal D-4: stage should become lost (li): open",
    ]
    assert lines[2] == "2 proposals: 0 done, 0 done otherwise, 0 not done within a day, 2 open, 0 replaced"
