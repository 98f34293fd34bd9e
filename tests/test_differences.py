"""What is otherwise in another version of a pack: every edit that says something else is told, at its place."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from salesrules.audit.differences import differences
from salesrules.cli import main
from salesrules.load import load
from salesrules.pack.pack import Pack
from tests.conftest import ROOT
from tests.test_check_cases import BASE, CASES


def read(root: Path, name: str) -> Pack | None:
    return load(root / "rules" / name, root / "policies" / name, root)[0]


def said(pack: Pack) -> str:
    """Everything that a pack says, without places."""
    text = re.sub(r"Span\([^)]*\)", "", repr(pack))
    text = re.sub(r"quote='(\\'|.)*?', origin=\(.*?\)\)", "", text)
    return text


@pytest.mark.parametrize("name", ["standard", "adventureworks", "northwind"])
def test_a_pack_is_as_it_is(name: str) -> None:
    pack = read(ROOT, name)
    assert pack is not None
    assert list(differences(pack, pack)) == []


def test_every_edit_is_told_where_it_stands(tmp_path: Path) -> None:
    """Mistakes in the pack that says everything: where it can still be read, what differs is told."""
    before = read(BASE, "everything")
    assert before is not None
    shutil.copytree(BASE, tmp_path / "w")
    told = 0
    for _, case in CASES[::6]:
        path = tmp_path / "w" / case["in"]
        text = path.read_text(encoding="utf-8")
        at = text[: text.index(case["for"])].count("\n") + 1
        path.write_text(text.replace(case["for"], case["write"], 1), encoding="utf-8")
        after = read(tmp_path / "w", "everything")
        path.write_text(text, encoding="utf-8")
        if after is None:
            continue
        found = list(differences(before, after))
        assert bool(found) == (said(before) != said(after)), case
        if not found:
            continue
        told += 1
        lines = [one.place.line for one in found if one.place is not None and one.place.file == case["in"]]
        longest = max(case["for"].count("\n"), case["write"].count("\n"))
        assert any(at - 12 <= line <= at + longest + 1 for line in lines), (case, found)
        back = {(one.section, one.path, one.old, one.new) for one in differences(after, before)}
        assert back == {(one.section, one.path, one.new, one.old) for one in found}, case
    assert told > 30


EDITS: list[tuple[str, str, str, list[str]]] = [
    (
        "rules/standard/assignment.yaml",
        "      - {id: the_rest, pick: round_robin}\n",
        "      - {id: the_rest, pick: round_robin, to: 2026-07-01}\n      - {id: new_rest, pick: least_loaded}\n",
        [
            "+ assignment assignments.new_leads.rules.the_rest.to: 2026-07-01 (rules/standard/assignment.yaml:46:9)",
            "+ assignment assignments.new_leads.rules.new_rest (rules/standard/assignment.yaml:47:9)",
        ],
    ),
    (
        "rules/standard/stages.yaml",
        "after: 3wd",
        "after: 4wd",
        ["~ stages processes.sales.stages.first_contact.idle.1.after: 3wd -> 4wd (rules/standard/stages.yaml:29:13)"],
    ),
    (
        "policies/standard/grants.csv",
        "allow,sales_rep,read,customer,*,mine,,,",
        "allow,sales_rep,read,customer,*,mine,,2027-01-01,",
        [
            "+ grants allow sales_rep read customer * mine to 2027-01-01 (policies/standard/grants.csv:3:1)",
            "- grants allow sales_rep read customer * mine (policies/standard/grants.csv:3:1)",
        ],
    ),
]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("diff")
    for part in ("rules", "policies"):
        shutil.copytree(ROOT / part / "standard", folder / part / "standard")
    (folder / "salesrules.toml").write_text('pack = "standard"\n', encoding="utf-8")
    return folder


def asked(workspace: Path, *words: str) -> Any:
    return CliRunner().invoke(main, ["diff", *words, "--workspace", str(workspace), "--lang", "en"])


@pytest.mark.parametrize(("file", "old", "new", "lines"), EDITS, ids=[one[0] for one in EDITS])
def test_the_verb_tells_each_difference_on_a_line(
    workspace: Path, file: str, old: str, new: str, lines: list[str]
) -> None:
    path = workspace / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    try:
        found = asked(workspace, str(ROOT))
        rows = json.loads(asked(workspace, str(ROOT), "--output", "json").stdout)
    finally:
        path.write_text(text, encoding="utf-8")
    head = f"standard 1.0.0 -> standard 1.0.0: {len(lines)} differences"
    assert found.stdout.splitlines() == [head, *lines]
    assert [row["place"] for row in rows] == [line.rpartition("(")[2].rstrip(")") for line in lines]


def test_rules_in_another_order_are_told_as_such(workspace: Path) -> None:
    path = workspace / "rules/standard/assignment.yaml"
    text = path.read_text(encoding="utf-8")
    rest = "      - {id: the_rest, pick: round_robin}\n"
    path.write_text(text.replace(rest, "").replace("    rules:  ", "    rules:  #", 1).replace(
        "      - id: hard_ones\n", rest + "      - id: hard_ones\n", 1), encoding="utf-8")  # fmt: skip
    try:
        _, line = asked(workspace, str(ROOT)).stdout.splitlines()
    finally:
        path.write_text(text, encoding="utf-8")
    told = line.partition(" (")[0]
    assert told.removeprefix("~ assignment assignments.new_leads.rules.order: ") == (
        "hard_ones, of_a_line, the_rest -> the_rest, hard_ones, of_a_line"
    )


def test_two_packs_of_a_workspace_and_none_of_a_name(workspace: Path) -> None:
    assert " differences" in asked(workspace, "northwind").stdout.splitlines()[0]
    missing = asked(workspace, "standrad")
    assert missing.exit_code == 3
    assert "did you mean `standard`" in missing.stderr
