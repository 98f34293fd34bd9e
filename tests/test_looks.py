"""How many records of a pool a person may look at in a day: each counts once, and beyond the cap none is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.deputing import Deputing
from salesrules.issue import AccessDenied
from salesrules.pooling import Pooling
from salesrules.working import Working
from salesrules.workspace import Principal
from tests import pool_company
from tests.web_pages import entered, said
from tests.working_company import change
from tests.working_pages import pages
from tests.workspace_files import SCHEMA

NOON = datetime(2026, 3, 12, 4, 0)
ASSIGNMENT = "rules/works/assignment.yaml"
# li may look into the east: L'8, L-1, L-2, L-3 and L-6 wait there; L-7 is li's own


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pool_company.make(tmp_path)
    change(tmp_path, "    delay: 2h\n", "    view_max: '3'\n", ASSIGNMENT)
    return tmp_path


def opened(folder: Path, hours: int = 0) -> tuple[Pooling, Principal]:
    door = Pooling(replace(Working.open(folder), now=lambda: NOON + timedelta(hours=hours)))
    return door, door.working.workspace.person("li")


def shown(door: Pooling, who: Principal, **asked: int) -> tuple[tuple[str, ...], int]:
    found = door.pool(who, "lead_pool", **asked)
    return tuple(offer.key for offer in found.offers), len(found.kept.kept) if found.kept is not None else 0


def looked(door: Pooling) -> list[tuple[str, str]]:
    return [(event.actor, event.key) for event in door.working.store.events() if event.kind == "viewed"]


def test_a_pool_shows_as_many_as_may_be_looked_at(folder: Path) -> None:
    door, li = opened(folder)
    assert shown(door, li, limit=0) == ((), 0)
    assert looked(door) == []  # how many wait is no look
    assert shown(door, li, limit=2) == (("L'8", "L-1"), 0)
    assert shown(door, li) == (("L'8", "L-1", "L-2"), 2)
    assert shown(door, li) == (("L'8", "L-1", "L-2"), 2)  # seen once, seen all day
    assert looked(door) == [("li", "L'8"), ("li", "L-1"), ("li", "L-2")]
    tomorrow, li = opened(folder, 12)  # midnight in Shanghai
    assert shown(tomorrow, li, limit=5, offset=2) == (("L-2", "L-3", "L-6"), 0)


def test_every_list_counts_and_own_records_do_not(folder: Path) -> None:
    door, li = opened(folder)
    whole = door.working.workspace.see(li, "lead", None)
    found, kept = door.counted(li, whole)
    assert [key for key in whole.keys if key not in found.keys] == ["L-3", "L-6"]
    assert (found.total, len(found.rows)) == (whole.total, len(found.keys))
    assert kept is not None
    assert (kept.limit, kept.opens) == (3, datetime(2026, 3, 12, 16))
    with pytest.raises(AccessDenied, match=r"pool\.looked_enough.* 3 records .* before 2026-03-13 00:00"):
        door.look_at(li, "Lead", "L-3")
    door.look_at(li, "lead", "L-1")  # again
    door.look_at(li, "lead", "L-7")  # li's own
    assert len(looked(door)) == 3
    assert all(told.event.kind != "viewed" for told in door.working.history(li, "lead", "L-1"))


@pytest.mark.parametrize("person", ["ops", "dai"])  # the pool is run by one, and hides nothing from the other
def test_who_runs_the_pool_looks_without_a_cap(folder: Path, person: str) -> None:
    door, _ = opened(folder)
    who = door.working.workspace.person(person)
    whole = door.working.workspace.see(who, "lead", None)
    assert door.counted(who, whole) == (whole, None)
    assert looked(door) == []


def test_where_no_row_tells_the_cap_nothing_is_shown(folder: Path) -> None:
    change(folder, "view_max: '3'", "view_max: hold_max(region, post.role)", ASSIGNMENT)
    door, li = opened(folder)
    assert shown(door, li) == (("L'8", "L-1"), 3)  # two in the east
    chen = door.working.workspace.person("chen")
    assert shown(door, chen) == ((), 1)


def test_a_record_that_is_claimed_is_looked_at_freely(folder: Path) -> None:
    door, li = opened(folder)
    door.claim(li, "lead", ["L-6"])
    again, li = opened(folder, 1)
    assert shown(again, li) == (("L'8", "L-1", "L-2"), 1)
    again.look_at(li, "lead", "L-6")


def test_the_verbs_show_no_more_and_say_when_it_opens(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setattr("salesrules.working._now", lambda: NOON)

    def run(words: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, [*words.split(), "--lang", "en"])
        return result.exit_code, result.output

    assert "L-3" not in run("see --as li lead --columns id,value")[1]
    code, text = run("pool --as li lead_pool")
    assert "2 more are not shown: 3 of the pool may be looked at in a day; it opens again at 2026-03-13 00:00" in text
    for verb in ("why --as li lead L-3", "why --as li lead L-3 --owner", "history --as li lead L-3"):
        code, text = run(verb)
        assert (code, "looked_enough" in text, "sh" in text.split("looked_enough")[0]) == (5, True, False)
    assert run("why --as li lead L-1")[0] == 0


def test_the_pages_show_no_more(folder: Path) -> None:
    app = pages(folder, assigned=False)
    li = entered(app, "li", "en")
    assert "2 more are not shown" in said(li.get("/records/lead"))
    assert "2 more are not shown" in said(li.get("/pools/lead_pool"))
    assert li.get("/work/lead?key=L-1").status_code == 200
    for page in ("/work/lead?key=L-3", "/why/lead?key=L-3", "/why/线索?key=L-3", "/assigned/lead?key=L-3"):
        assert "ou have looked at 3" in said(li.get(page)), page


def test_looks_in_the_place_of_another_count_for_who_looks(folder: Path) -> None:
    """So that nobody looks at more in a day by a hat, and nobody uses up what the other may look at."""
    lent = "delegation:\n  away: {from: [rep], what: [read], max: 14d}\n"
    (folder / "policies/works/separation.yaml").write_text(SCHEMA.format("separation") + lent, encoding="utf-8")
    door, li = opened(folder)
    chen, day = door.working.workspace.person("chen", date(2026, 3, 12)), date(2026, 3, 12)
    deputing = Deputing(door.working)
    deputing.delegate(door.working.workspace.person("li", day), "li", "chen", day, date(2026, 3, 13), ["read"])
    for_li = deputing.in_place_of(chen, "li")
    for key in ("L-1", "L-2", "L-3"):
        door.look_at(for_li, "lead", key)
    with pytest.raises(AccessDenied, match="looked_enough"):
        door.look_at(for_li, "lead", "L-6")
    door.look_at(li, "lead", "L-6")
    assert looked(door) == [("chen", "L-1"), ("chen", "L-2"), ("chen", "L-3"), ("li", "L-6")]
