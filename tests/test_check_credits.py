"""A split of a credit leads to people, or the check says that nobody would get the shares."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from salesrules.check import check
from salesrules.load import load

BASE = Path(__file__).parent / "packs" / "everything"
TEAM = "{person: person, part: part, share: percent}"
SPLIT = "split: order.opportunity.team.share\n        total"
CASES = {
    ("entities.yaml", TEAM, "{part: part, share: percent}"): [
        "kpis.yaml:51:16: credit.split_no_person: credit `sale` is split over the rows `order.opportunity.team`, which"
        " name no person: nobody would get the shares",
        "kpis.yaml:51:16: credit.split_no_person: 业绩归属 `sale` 按 `order.opportunity.team` 的明细行拆分，"
        "但这些行没有写人：份额没有归属",
    ],
    ("kpis.yaml", SPLIT, "split: order.opportunity.discount\n        total"): [
        "kpis.yaml:51:16: credit.split_no_rows: credit `sale` is split by a value of the record itself: `split` leads"
        " through `many` to rows that name a person each",
        "kpis.yaml:51:16: credit.split_no_rows: 业绩归属 `sale` 按记录自己的一个值拆分：`split` 要经过 `many`，"
        "落到每行写明一个人的明细上",
    ],
    ("kpis.yaml", SPLIT, "split: handover.credit\n        total"): [],
    ("kpis.yaml", SPLIT, SPLIT + " "): [],
}


@pytest.mark.parametrize("change", CASES, ids=lambda change: change[2])
def test_a_split_leads_to_people(change: tuple[str, str, str], tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    shutil.copytree(BASE, root)
    file, old, new = change
    path = root / "rules" / "everything" / file
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    pack, issues = load(root / "rules" / "everything", root / "policies" / "everything", root)
    assert pack is not None, issues
    found = [issue for issue in check(pack)[1] if issue.code.startswith("credit.")][:1]
    told = [issue.line(lang).removeprefix("rules/everything/") for lang in ("en", "zh") for issue in found]
    assert told == CASES[change]
