"""The analysis as every check runs it: a change to a pack, and what is then proved of its rules."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from salesrules.check import check
from salesrules.load import load

BASE = Path(__file__).parent / "packs" / "everything"
ANALYSED = ("assignment.", "classify.", "slice.not_", "process.not_", "stage.never_", "stage.always_", "analysis.")
SLICE = '  s{n}: {{label: {{en: S, zh: 某}}, rows: {{opportunity: "{condition}"}}}}\n'

CASES = [
    (
        "rules/everything/assignment.yaml",
        "        pick: sticky_owner\n      - id: key_accounts\n        when: segment = 'key_account'\n",
        "        pick: sticky_owner\n      - id: key_accounts\n"
        "        when: customer.owner is not null and difficulty > 2\n",
        [
            "35:9 assignment.unreachable rule `key_accounts` can never match: its records all go to"
            " `returning_customer` (32:9) first"
        ],
    ),
    (
        "rules/everything/dimensions.yaml",
        '        - {when: "year_purchase >= 2_000_000", is: key_account}\n        - {is: smb}\n',
        '        - {is: smb}\n        - {when: "year_purchase >= 2_000_000", is: key_account}\n',
        ["33:11 classify.unreachable line `key_account` can never match: its records all go to `smb` (32:11) first"],
    ),
    (
        "rules/everything/stages.yaml",
        "skip_when: amount < 10_000",
        "skip_when: amount < 10_000 and amount > 20_000",
        ["14:9 stage.never_skipped stage `needs_analysis` is never skipped: no record fulfils its `skip_when`"],
    ),
    (
        "rules/everything/stages.yaml",
        "skip_when: amount < 10_000",
        "skip_when: amount < 10_000 or amount >= 10_000 or amount is null",
        ["14:9 stage.always_skipped stage `needs_analysis` is skipped by every record"],
    ),
    (
        "policies/everything/slices.yaml",
        "slices:\n",
        "exclusive: [[s1, s2]]\nslices:\n"
        + SLICE.format(n=1, condition="amount <= 5")
        + SLICE.format(n=2, condition="amount >= 5"),
        ["5:3 slice.not_exclusive `s1` and `s2` are declared exclusive but share records, for example {amount: 5.00}"],
    ),
    (
        "policies/everything/slices.yaml",
        "slices:\n",
        "exclusive: [[s1, s2]]\nslices:\n"
        + SLICE.format(n=1, condition="amount < 5")
        + SLICE.format(n=2, condition="amount >= 5"),
        [],
    ),
]


def analysed(root: Path) -> list[str]:
    pack, issues = load(root / "rules" / "everything", root / "policies" / "everything", root)
    assert pack is not None, issues
    found = check(pack)[1]
    return [f"{i.span.line}:{i.span.column} {i.code} {i.text()}" for i in found if i.code.startswith(ANALYSED)]


@pytest.mark.parametrize(("file", "old", "new", "expected"), CASES, ids=[new[-40:] for _, _, new, _ in CASES])
def test_what_a_change_brings(tmp_path: Path, file: str, old: str, new: str, expected: list[str]) -> None:
    root = tmp_path / "workspace"
    shutil.copytree(BASE, root)
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    before = analysed(root)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    told = [line.split(" (the other one")[0] for line in analysed(root)]
    assert [line for line in told if line not in before] == expected


def test_two_processes_of_one_entity_share_no_record(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    shutil.copytree(BASE, root)
    path = root / "rules/everything/stages.yaml"
    second = """
  renewal:
    label: {en: Renewal, zh: 续约}
    entity: opportunity
    when: amount >= 5
    stages:
      - {id: offer, label: {en: Offer, zh: 报价}, lifecycle: follow_up, probability: 50%, next: []}
"""
    text = path.read_text(encoding="utf-8")
    assert text.count("\nconduct:") == 1
    path.write_text(text.replace("\nconduct:", f"{second}conduct:"), encoding="utf-8")
    (line,) = [line for line in analysed(root) if "process." in line]
    assert "processes `sales` and `renewal` both take some records, for example {amount: " in line
