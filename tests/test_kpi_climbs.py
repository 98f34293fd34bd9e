"""A figure that climbs a tree of records counts what is read on the way: a hidden step up changes no figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from salesrules.issue import AccessDenied
from salesrules.workspace import Answer, Workspace
from tests.test_lists_by_hand import TREE, company

AUDITOR = "P-3"
BELOW = (
    "rules/tiny/kpis.yaml",
    "kpis:\n",
    "kpis:\n  below: {label: {en: Below, zh: 下级}, of: customer, unit: x, "
    "formula: \"count(*) filter (where reports_to(owner, 'P-3'))\"}\n",
)
ME = (
    "policies/tiny/slices.yaml",
    "all:\n",
    'me:\n    label: {en: me, zh: 本人}\n    rows: {person: id = user, "*": "false"}\n  all:\n',
)
NO_BOSS = ("data/person.csv", "P-1,李娜,P-2", "P-1,李娜,")


def below(folder: Path, *changes: Any, lines: tuple[str, ...]) -> Answer:
    """Customers whose owner stands below P-3, as P-3 sees it who reads all customers and these lines."""
    text = "\n".join(f"allow,auditor,{line},,," for line in ("read,customer,*,all", *lines))
    grants = ("policies/tiny/grants.csv", "allow,auditor,aggregate,order", f"{text}\nallow,auditor,aggregate,order")
    workspace = Workspace.open(company(folder, *TREE, BELOW, ME, grants, *changes))
    return workspace.kpi(workspace.person(AUDITOR), "below")


def test_all_steps_up_are_read(tmp_path: Path) -> None:
    lines = ("read,person,*,all",)
    assert below(tmp_path / "a", lines=lines).rows == ((3, 4),)
    assert below(tmp_path / "b", NO_BOSS, lines=lines).rows == ((2, 4),)


def test_a_hidden_step_up_changes_no_figure(tmp_path: Path) -> None:
    lines = ("read,person,*,me",)
    # the customer without an owner is the only one on which nothing is hidden
    assert below(tmp_path / "a", lines=lines).rows == ((0, 1),)
    assert below(tmp_path / "b", NO_BOSS, lines=lines).rows == ((0, 1),)


def test_a_tree_that_no_grant_opens_refuses_the_figure(tmp_path: Path) -> None:
    with pytest.raises(AccessDenied, match=r"access\.kpi_refused"):
        below(tmp_path, lines=("read,person,basics,all",))
