"""Who is right about owner and stage: where it is the log, lists, slices and filters read what it says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from salesrules.store import Event, open_store
from salesrules.working import Working
from salesrules.workspace import Workspace
from tests import working_company
from tests.working_company import change

NOON = datetime(2026, 3, 12, 4, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return working_company.make(tmp_path)


def mine(folder: Path, person: str, where: str = "") -> list[tuple[object, ...]]:
    workspace = Workspace.open(folder)
    return list(workspace.see(workspace.person(person), "deal", where=where, columns="id,owner,stage").rows)


SETTINGS = {
    "said": 'master = {owner = "log", stage = "log"}',
    "without a column": 'columns = {owner = "-", stage = "-"}',
}


@pytest.mark.parametrize("how", SETTINGS)
def test_where_the_log_is_right_it_is_what_lists_read(folder: Path, how: str) -> None:
    change(folder, 'file = "deal.csv"', f'file = "deal.csv"\n{SETTINGS[how]}', "salesrules.toml")
    assert mine(folder, "li") == []  # whatever the table says, nobody was given anything
    store = open_store(str(folder / ".salesrules/store.sqlite"))
    store.append(
        [
            Event(NOON, "deal", "D-1", "assigned", "wang", {"owner": "chen"}),
            Event(NOON, "deal", "D-1", "assigned", "wang", {"owner": "li", "stage": "offer"}),
            Event(NOON, "deal", "D-2", "assigned", "wang", {"owner": "nobody", "stage": "no such stage"}),
            Event(NOON, "lead", "D-3", "assigned", "wang", {"owner": "li"}),
        ]
    )
    assert mine(folder, "li") == [("D-1", "li", "offer")]
    assert mine(folder, "li", "stage = 'offer'") == [("D-1", "li", "offer")]
    assert mine(folder, "chen") == []
    working = Working.open(folder)
    (found,) = working.advance(working.workspace.person("li"), "deal", ["D-1"], "lost")
    assert (found.start, found.done, found.proposed) == ("offer", True, False)
    assert mine(folder, "li") == [("D-1", "li", "lost")]


def test_where_the_table_is_right_a_proposal_changes_no_list(folder: Path) -> None:
    before = mine(folder, "li")
    working = Working.open(folder)
    working.advance(working.workspace.person("li"), "deal", ["D-4"], "lost")
    assert mine(folder, "li") == before
