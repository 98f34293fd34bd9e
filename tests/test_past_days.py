"""An answer about another day says what of it is of that day and what is as it is now, once, in words and in JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from salesrules.cli import main
from salesrules.issue import say
from tests.tiny_company import make

PAST = "2026-03-15"
ASKED = {
    "see": ["see", "customer"],
    "a file": ["see", "customer", "--output", "csv"],
    "kpi": ["kpi", "sales"],
    "can": ["can", "read", "customer", "C-1"],
    "why": ["why", "customer", "C-1"],
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny company, whose representatives may export what they read."""
    folder = make(tmp_path_factory.mktemp("tiny"))
    with (folder / "policies/tiny/grants.csv").open("a", encoding="utf-8") as grants:
        grants.write("allow,rep,export,customer,*,mine,,,\nallow,rep,export,order,deal,mine,,,\n")
    return folder


def run(root: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--as", "P-1", "--workspace", str(root)])


@pytest.mark.parametrize("words", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_past_day_is_told_in_one_sentence(root: Path, words: list[str], lang: str) -> None:
    asked = run(root, *words, "--at", PAST, "--lang", lang)
    sentence = say("answer.of_day", lang, day=PAST)
    assert asked.exit_code == 0
    assert asked.stderr.splitlines().count(sentence) == 1
    assert sentence not in asked.stdout


@pytest.mark.parametrize("words", ASKED.values(), ids=ASKED)
def test_of_today_there_is_nothing_to_tell(root: Path, words: list[str]) -> None:
    asked = run(root, *words, "--lang", "en")
    assert asked.exit_code == 0
    assert "what has no dates" not in asked.output


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("words", [["see", "customer"], ["kpi", "sales"]], ids=["see", "kpi"])
def test_json_has_the_day_and_the_sentence(root: Path, words: list[str], lang: str) -> None:
    past, now = (
        json.loads(run(root, *words, "--output", "json", "--lang", lang, *at).stdout) for at in (["--at", PAST], [])
    )
    assert {name: past[name] for name in ("day", "note")} == {"day": PAST, "note": say("answer.of_day", lang, day=PAST)}
    assert past["rows"] == now["rows"]
    assert set(past) - set(now) == {"day", "note"}


def test_the_matrix_tells_it_too(root: Path) -> None:
    words = ["matrix", "--workspace", str(root), "--lang", "en"]
    assert say("answer.of_day", "en", day=PAST) in CliRunner().invoke(main, [*words, "--at", PAST]).stderr
    assert CliRunner().invoke(main, words).stderr == ""
