"""When pools take records back: after a time from a table, on a day, with a warning, and never what is protected."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from salesrules.store import Event
from salesrules.working import Working
from tests import pool_company
from tests.working_company import change

NOON = datetime(2026, 3, 12, 4)  # a Thursday; Monday 16 is off, Saturday 21 is worked
_LAST = "not_counted: value >= 10_000}\n"
IDLE = "    recycle: [{when: value < 1_000, idle: idle_days(region), remind: 1d, escalate: 1wd}]\n"
DAY = "    recycle: [{when: value < 1_000, on: ends + 3d, remind: 2d, to: lead_pool}]\n"


def world(
    folder: Path, *rules: str, owned: tuple[str, ...] = ("L-1", "L-2", "L-3", "L-4"), log: bool = True
) -> Working:
    """The log knows since noon that these leads are li's."""
    pool_company.make(folder, log=log)
    change(folder, _LAST, _LAST + "".join(rules), "rules/works/assignment.yaml")
    seeing = "allow,director,assign,lead,*,all,,,\n"
    change(folder, seeing, f"{seeing}allow,director,read,person,basics,all,,,\n", "policies/works/grants.csv")
    working = replace(Working.open(folder), now=lambda: NOON)
    working.sync()
    owner = {"owner": "li", "pool": None}
    working.store.append(Event(NOON, "lead", key, "claimed", "li", owner, "lead_pool/east") for key in owned)
    return Working.open(folder)


def at(working: Working, *when: int) -> Working:
    return replace(working, now=lambda: datetime(2026, 3, *when))  # type: ignore[arg-type]


def due(working: Working, *when: int) -> list[tuple[str, str, str | None]]:
    door = at(working, *when)
    found = door.due(door.workspace.person("dai"))
    return sorted((each.clock.removeprefix("lead_pool."), each.key, each.person) for each in found if each.pool)


REMIND, ESCALATE = [("remind 1", "L-1", "li")], [("escalate 1", "L-1", "wang")]
BACK_1 = [("recycle 1", "L-1", "li")]
BEFORE_2 = [("escalate 1", "L-2", "wang"), ("remind 1", "L-2", "li")]


def test_how_long_stands_in_a_table_and_a_hole_takes_nothing_back(tmp_path: Path) -> None:
    working = world(tmp_path, IDLE)
    assert due(working, 12, 15, 59) == []
    assert due(working, 12, 16) == ESCALATE  # Friday 13 is one working day before the 17th
    assert due(working, 15, 15, 59) == ESCALATE
    assert due(working, 15, 16) == sorted([*ESCALATE, *REMIND])
    assert due(working, 16, 16) == sorted([*ESCALATE, *REMIND, *BACK_1, *BEFORE_2])  # five days, worked or not
    assert ("recycle 1", "L-2", "li") not in due(working, 17, 15, 59)
    assert ("recycle 1", "L-2", "li") in due(working, 17, 16)  # Wednesday 18 is the third working day
    assert {key for _, key, _ in due(working, 31, 4)} == {"L-1", "L-2"}  # the south has no row; L-3 is worth too much


def test_what_is_done_is_not_done_again_and_a_new_owner_starts_anew(tmp_path: Path) -> None:
    working = world(tmp_path, IDLE, owned=("L-1",))
    assert [each.do for each in at(working, 16, 4).run_clocks() if each.pool] == ["escalate", "remind"]
    assert [each for each in at(working, 16, 5).run_clocks() if each.pool] == []
    assert [each.do for each in at(working, 17, 4).run_clocks() if each.pool] == ["recycle"]
    assert [each for each in at(working, 25, 4).run_clocks() if each.pool] == []
    working.store.append([Event(datetime(2026, 3, 25, 5), "lead", "L-1", "transferred", "wang", {"owner": "he"})])
    working = Working.open(tmp_path)
    assert due(working, 29, 15, 59) == [("escalate 1", "L-1", "wang"), ("remind 1", "L-1", "he")]
    assert ("recycle 1", "L-1", "he") in due(working, 29, 16)


@pytest.mark.parametrize("kind", ["assigned", "transferred", "observed"])
def test_every_way_of_changing_hands_moves_the_clock(tmp_path: Path, kind: str) -> None:
    working = world(tmp_path, IDLE, owned=("L-1",))
    working.store.append([Event(datetime(2026, 3, 16, 4), "lead", "L-1", kind, "x", {"owner": "he"})])
    assert ("recycle 1", "L-1", "he") not in due(working, 20, 15, 59)
    assert ("recycle 1", "L-1", "he") in due(working, 20, 16)


def test_what_was_claimed_is_protected_for_its_time(tmp_path: Path) -> None:
    working = world(tmp_path, IDLE, "    protect: {for: 7d, since: claim}\n", owned=("L-1",))
    assert ("recycle 1", "L-1", "li") not in due(working, 18, 15, 59)
    assert ("recycle 1", "L-1", "li") in due(working, 18, 16)


def test_a_record_comes_back_on_its_day(tmp_path: Path) -> None:
    working = world(tmp_path, DAY, owned=("L-1", "L-7"))
    assert due(working, 20, 15, 59) == []
    assert due(working, 20, 16) == [("remind 1", "L-7", "li")]  # the 21st, two days before the 23rd
    assert due(working, 22, 16) == [("recycle 1", "L-7", "li"), ("remind 1", "L-7", "li")]
    assert [(each.key, each.do, each.on_day) for each in at(working, 22, 16).run_clocks() if each.pool] == [
        ("L-7", "recycle", True)
    ]
    assert [each for each in at(working, 22, 17).run_clocks() if each.pool] == []
    working.store.append([Event(datetime(2026, 3, 24), "lead", "L-7", "claimed", "he", {"owner": "he"})])
    assert due(working, 31, 4) == []  # who takes it with its day behind it keeps it


def test_a_day_that_was_over_when_the_log_began_counts_and_one_over_at_the_claim_does_not(tmp_path: Path) -> None:
    folder = pool_company.make(tmp_path)
    change(folder, _LAST, _LAST + DAY, "rules/works/assignment.yaml")
    change(folder, "2026-03-20", "2026-01-20", "data/lead.csv")
    change(folder, "L-1,,nj,500,13700001111,", "L-1,,nj,500,13700001111,2026-01-20", "data/lead.csv")
    working = at(Working.open(folder), 12, 4)
    working.sync()
    assert due(working, 12, 5) == [("recycle 1", "L-7", "li"), ("remind 1", "L-7", "li")]
    change(folder, "L-1,,nj", "L-1,li,nj", "data/lead.csv")
    working = at(Working.open(folder), 13, 4)
    working.sync()
    assert {key for _, key, _ in due(working, 14, 5)} == {"L-7"}


def test_a_proposal_to_take_back_on_a_day_is_made_again_once_it_lapsed(tmp_path: Path) -> None:
    working = world(tmp_path, DAY, owned=(), log=False)

    def taken(*when: int) -> list[str]:
        return [each.key for each in at(working, *when).run_clocks() if each.do == "recycle"]

    assert taken(22, 16) == ["L-7"]
    assert taken(23, 15) == []
    assert taken(23, 17) == ["L-7"]


@pytest.mark.parametrize("to", ["he", None])
def test_a_record_on_its_way_to_another_does_not_come_back_on_its_day(tmp_path: Path, to: str | None) -> None:
    working = world(tmp_path, DAY, owned=(), log=False)
    working.sync()
    working.store.append([Event(datetime(2026, 3, 22, 15), "lead", "L-7", "transferred", "wang", {"owner": to})])

    def told(*when: int) -> list[tuple[str, str]]:
        return [(each.key, each.do) for each in at(working, *when).run_clocks() if each.pool]

    assert told(22, 16) == told(23, 14) == []
    assert told(23, 16) == [("L-7", "recycle")]
