"""grants.csv to grants: every cell keeps its place, every line that cannot be read says why."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from salesrules.issue import Span
from salesrules.load import load
from salesrules.load.csv_places import read_csv
from salesrules.load.grants import HEADER, read_grants
from tests.test_load_yaml import cases, lines

LINE_1 = ",".join(HEADER)


@pytest.mark.parametrize("case", cases("grants.yaml"))
def test_what_is_said_about_grants(case: dict[str, Any]) -> None:
    _, issues = read_grants(case["text"], "f.yaml")
    assert lines(issues, "en") == case["en"]
    assert lines(issues, "zh") == case["zh"]


def test_a_line_becomes_a_grant() -> None:
    text = f"\ufeff{LINE_1}\r\n\r\n# why\r\n"
    text += 'allow, rep ,read,customer,"basics",mine,2026-01-01,,"a, ""b""\nc"\r\n,,,,,,,,\r\n'
    [grant], issues = read_grants(text, "g.csv")
    assert not issues
    assert (grant.effect, grant.role, grant.action, grant.object) == ("allow", "rep", "read", "customer")
    assert (grant.category, grant.slice, grant.start, grant.end) == ("basics", "mine", date(2026, 1, 1), None)
    assert grant.note == 'a, "b"\nc'
    assert grant.span == Span("g.csv", 4, 1, 5, 3)


def test_cells_that_a_spreadsheet_adds_to_the_right_are_nothing() -> None:
    grants, issues = read_grants(f"{LINE_1},,\nallow,rep,read,customer,*,mine,,,,,\n", "g.csv")
    assert not issues
    assert len(grants) == 1


def test_any_table_is_read_by_its_header() -> None:
    rows, issues = read_csv(
        "value,product,区域\n1，5,line_a,east\n2,line_b,west", "t.csv", ("product", "区域", "value")
    )
    assert not issues
    assert [row["区域"].text for row in rows] == ["east", "west"]
    assert rows[0]["value"].text == "1，5"
    assert rows[1]["区域"].span == Span("t.csv", 3, 10, 3, 14)


def test_a_removal_needs_a_base(tmp_path: Path) -> None:
    for name in ("rules", "policies"):
        (tmp_path / name).mkdir()
    (tmp_path / "policies/grants.csv").write_text(f"{LINE_1}\nremove,rep,read,customer,*,mine,,,\n", encoding="utf-8")
    pack, issues = load(tmp_path / "rules", tmp_path / "policies", tmp_path)
    assert pack is None
    assert [issue.line() for issue in issues if issue.code == "grant.nothing_to_remove"] == [
        "policies/grants.csv:2:1: grant.nothing_to_remove: `remove` takes a line of the base away,"
        " and this pack extends none"
    ]
