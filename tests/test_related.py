"""What slices say about rows beside records, value tables and instants: filter, decision and Casbin as by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from salesrules.issue import AccessDenied
from salesrules.workspace import Workspace
from tests.related_company import DAY, PEOPLE, SAYS, Asker, Row, Says, company, write

DAYS = (DAY, date(2026, 4, 1))
ROLES = ("rep", "boss")
GRANTS = {  # the slice opens rows, or closes them where all are open
    "allow": [f"allow,{role},read,{{0}},*,asked" for role in ROLES],
    "deny": [
        f"{said[0]},{role},read,{{0}},*,{said[1]}" for role in ROLES for said in (("allow", "all"), ("deny", "asked"))
    ],
}


def differences(workspace: Workspace, asker: Asker, entity: str, says: Says, effect: str) -> list[str]:
    """Where the list or the decision, which Casbin takes, says anything else than a person would by hand."""
    principal = workspace.person(asker.me, asker.day)
    answer = workspace.see(principal, entity, limit=1000)
    wrong = [] if answer.total == len(answer.keys) == len(set(answer.keys)) else ["a row stands twice"]
    for row in asker.rows[entity]:
        true = says(asker, row) is (effect == "allow")
        listed = row["id"] in answer.keys
        try:
            decided = workspace.can(principal, "read", entity, row["id"])
        except AccessDenied:
            decided = False
        if not listed == decided == true:
            wrong.append(f"{asker.me} {asker.day} {entity} {row['id']}: {true}, list {listed}, decision {decided}")
    return wrong


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the companies stand: each has its rules written anew, and the same rows."""
    return tmp_path_factory.mktemp("ground")


@pytest.mark.parametrize("effect", GRANTS)
@pytest.mark.parametrize("name", SAYS)
def test_a_slice_holds_where_a_person_says_so(name: str, effect: str, ground: Path) -> None:
    entity, text, says = SAYS[name]
    found = set()
    for seed in range(2):
        rows = company(seed)
        slices = {"asked": {entity: text}, "all": {}}
        root = write(ground / str(seed), rows, slices, [line.format(entity) for line in GRANTS[effect]])
        workspace = Workspace.open(root)
        for person in PEOPLE:
            for day in DAYS:
                asker = Asker(rows, person, day)
                found |= {says(asker, row) for row in rows[entity]}
                assert differences(workspace, asker, entity, says, effect) == []
    assert {True, False} <= found  # or agreeing would say little


def ours(asker: Asker, entity: str, row: Row | None) -> bool | None:
    """The owner of the opportunity, or one of its team, of the record or of what it leads to."""
    while row is not None and entity != "opportunity":
        entity, row = {"order_line": ("order", row.get("order")), "order": ("opportunity", row.get("opportunity"))}[
            entity
        ]
        row = asker.at(entity, row)
    mine = asker.is_me(row["owner"]) if row is not None else None
    joined = any(asker.is_me(m["person"]) is True for m in asker.beside("opportunity_team", "opportunity", row))
    return True if mine or joined else mine


@pytest.mark.parametrize("entity", ["opportunity", "order", "order_line"])
@pytest.mark.parametrize("effect", GRANTS)
def test_a_slice_follows_references_as_far_as_they_lead(entity: str, effect: str, ground: Path) -> None:
    slices = {
        "mine": {"opportunity": "owner = user"},
        "asked": {
            "opportunity": "slice(mine) or some(team, person = user)",
            "order": "via opportunity",
            "order_line": "via order",
        },
        "all": {},
    }
    for seed in range(2):
        rows = company(seed)
        grants = [line.format(entity) for line in GRANTS[effect]]
        workspace = Workspace.open(write(ground / str(seed), rows, slices, grants))
        for person in PEOPLE:
            found = differences(workspace, Asker(rows, person, DAY), entity, lambda a, r: ours(a, entity, r), effect)
            assert found == []
