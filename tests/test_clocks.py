"""What is due and when: counted from facts by the calendar, done once, and moved by whatever moves the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesrules.expr.worked import Worked
from salesrules.pack.values import Duration
from salesrules.store import Event
from salesrules.work.clock.times import Times, latest
from salesrules.working import Working
from tests import working_company
from tests.working_company import change

NOON = datetime(2026, 3, 12, 4, 0)  # a Thursday, twelve o'clock in Shanghai; Monday 16 is off, Saturday 21 is worked


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return working_company.make(tmp_path)


def at(working: Working, *when: int) -> Working:
    """The same at noon of a day of March, or at an hour of it, in UTC."""
    day, hour = (*when, 4)[:2]
    return replace(working, now=lambda: datetime(2026, 3, day, hour))


def seen(folder: Path) -> Working:
    """Opened on the Thursday, when the log sees the tables for the first time."""
    working = at(Working.open(folder), 12)
    working.sync()
    return working


def new(working: Working) -> list[tuple[str, str, str | None]]:
    """What is due now, as (clock, record, for whom)."""
    dai = working.workspace.person("dai")
    return sorted((due.clock, due.key, due.person) for due in working.due(dai) if due.entity == "deal")


CALL = [("sales.talk.call", "D-1", "li"), ("sales.talk.call", "D-2", "li"), ("sales.talk.call", "D-3", "li")]
CALL += [("sales.talk.call", "D-6", "chen")]
REMIND = [("sales.talk.remind 1", key, person) for _, key, person in CALL]
ESCALATE = [("sales.talk.escalate 2", f"D-{n}", "sun" if n == 6 else "wang") for n in (1, 2, 3, 6)]
GIFT = [("sales.talk.gift", key, person) for _, key, person in ESCALATE]
VISIT = [("sales.talk.visit", "D-2", "li"), ("sales.talk.visit", "D-3", "li")]  # in doubt it is asked for
OFFER = [("sales.offer.remind 1", "D-4", "li"), ("sales.offer.remind 1", "D-5", "li")]


def test_what_is_due_by_the_day(folder: Path) -> None:
    working = seen(folder)
    assert new(at(working, 12, 9)) == []
    assert new(at(working, 12, 10)) == OFFER  # six hours, whatever the calendar says
    assert new(at(working, 15, 15)) == OFFER
    assert new(at(working, 15, 16)) == sorted(OFFER + VISIT)  # Monday begins in Shanghai: four days, worked or not
    assert new(at(working, 16, 15)) == sorted(OFFER + VISIT)
    assert new(at(working, 16, 16)) == sorted(OFFER + VISIT + CALL)  # Tuesday 17 is the second working day
    assert new(at(working, 18)) == sorted(OFFER + VISIT + CALL + REMIND)
    assert new(at(working, 20)) == sorted(OFFER + VISIT + CALL + REMIND + ESCALATE)
    assert new(at(working, 21)) == sorted(OFFER + VISIT + CALL + REMIND + ESCALATE + GIFT)


def test_hours_are_working_hours_with_the_lunch_break(folder: Path) -> None:
    change(folder, "D-1,li,east,talk", "D-1,li,east,trial")
    working = at(Working.open(folder), 13, 8)  # Friday, four in the afternoon: two hours are left, two on Tuesday
    working.sync()
    trial = ("sales.trial.remind 1", "D-1", "li")
    assert trial not in new(at(working, 17, 2))
    assert trial in new(at(working, 17, 3))


def test_a_follow_up_starts_the_clock_anew_and_a_done_task_is_not_due(folder: Path) -> None:
    working = seen(folder)
    li = working.workspace.person("li")
    at(working, 17).follow_up(li, "deal", "D-1")
    at(working, 17).task_done(li, "deal", "D-1", "call")
    on = {day: [found for found in new(at(working, day)) if found[1] == "D-1"] for day in (18, 19, 20)}
    assert on[18] == on[19] == []
    assert on[20] == [("sales.talk.remind 1", "D-1", "li")]  # three working days after Tuesday


def test_an_edit_outside_moves_the_clocks_as_anything_else_does(folder: Path) -> None:
    seen(folder)
    change(folder, "D-1,li,east,talk", "D-1,wang,east,talk")
    working = at(Working.open(folder), 17)
    working.sync()
    assert [found for found in new(at(working, 18)) if found[1] == "D-1"] == [("sales.talk.call", "D-1", "wang")]
    assert ("sales.talk.remind 1", "D-1", "wang") in new(at(working, 20))


def test_who_asks_is_told_of_records_that_are_theirs_to_know(folder: Path) -> None:
    working = at(seen(folder), 20)
    told = {name: {due.key for due in working.due(working.workspace.person(name))} for name in ("li", "chen", "he")}
    assert told == {"li": {"D-1", "D-2", "D-3", "D-4", "D-5"}, "chen": {"D-6"}, "he": {f"D-{n}" for n in range(1, 6)}}
    assert {due.person for due in working.due(working.workspace.person("wang"), mine=True)} == {"wang"}


def test_what_is_done_is_not_done_again(folder: Path) -> None:
    working = at(seen(folder), 20)
    done = [(due.clock, due.key) for due in working.run_clocks() if due.entity == "deal"]
    assert sorted(done) == sorted((clock, key) for clock, key, _ in OFFER + VISIT + CALL + REMIND + ESCALATE)
    last = working.store.last()
    assert working.run_clocks() == ()
    assert new(working) == []
    assert at(Working.open(folder), 20).run_clocks() == ()  # nor by another process
    assert working.store.last() == last
    at(working, 20).follow_up(working.workspace.person("li"), "deal", "D-1")
    assert new(at(working, 25)) == sorted([*GIFT, ("sales.talk.remind 1", "D-1", "li")])  # a new fact, a new round


def leads(working: Working) -> list[tuple[str, str]]:
    wang = working.workspace.person("wang")
    return sorted((due.clock, due.key) for due in working.due(wang) if due.entity == "lead")


def test_a_lead_is_reminded_of_and_then_goes_back(folder: Path) -> None:
    change(folder, 'file = "lead.csv"', 'file = "lead.csv"\ncolumns = {owner = "-"}', "salesrules.toml")
    working = at(Working.open(folder), 12)
    li = {"owner": "li", "pool": None}
    working.store.append(Event(NOON, "lead", key, "assigned", "wang", li) for key in ("L-1", "L-2", "L-3"))
    assert leads(at(working, 23)) == []
    back = [("lead_pool.remind 1", "L-1"), ("lead_pool.remind 1", "L-2")]  # and not the one that is worth something
    assert leads(at(working, 24)) == leads(at(working, 25)) == back
    assert leads(at(working, 26)) == sorted([*back, ("lead_pool.recycle 1", "L-1"), ("lead_pool.recycle 1", "L-2")])
    done = [due for due in at(working, 26).run_clocks() if due.entity == "lead"]
    assert [(due.do, due.key) for due in done] == [
        ("recycle", "L-1"),
        ("recycle", "L-2"),
    ]  # and is not spoken of besides
    state = working.workspace.engine.rows(
        'SELECT "#key", owner, pool FROM work."state lead" WHERE pool IS NOT NULL ORDER BY 1'
    )
    assert state == [("L-1", None, "lead_pool"), ("L-2", None, "lead_pool")]
    assert leads(at(working, 31)) == []


def test_what_is_protected_stays(folder: Path) -> None:
    change(
        folder, "protect: {for: 7d, since: assign}", "protect: {for: 1mo, since: assign}", "rules/works/assignment.yaml"
    )
    working = seen(folder)
    assert ("lead_pool.recycle 1", "L-1") not in leads(at(working, 31))
    april = replace(working, now=lambda: datetime(2026, 4, 12))
    assert ("lead_pool.recycle 1", "L-1") in leads(april)


def test_a_proposal_to_take_a_record_back_is_made_again_once_it_lapsed(folder: Path) -> None:
    working = seen(folder)

    def taken(day: int, hour: int) -> list[str]:
        return [due.key for due in at(working, day, hour).run_clocks() if due.do == "recycle"]

    assert taken(26, 4) == ["L-1", "L-2"]
    assert taken(26, 20) == []
    assert taken(27, 5) == ["L-1", "L-2"]
    change(folder, "L-1,li", "L-1,", "data/lead.csv")
    working = at(Working.open(folder), 28, 6)
    assert [due.key for due in working.run_clocks() if due.do == "recycle"] == ["L-2"]


def told(working: Working, *when: int) -> list[tuple[str, str, str | None]]:
    """What a run of the clocks does, as (clock, record, for whom), of two leads and a deal."""
    done = at(working, *when).run_clocks()
    return sorted((due.clock, due.key, due.person) for due in done if due.key in ("L-1", "L-2", "D-1"))


BACK = [("lead_pool.recycle 1", "L-1", "li"), ("lead_pool.recycle 1", "L-2", "li")]
SPOKEN = [("sales.talk.call", "D-1", "li"), ("sales.talk.escalate 2", "D-1", "wang")]
SPOKEN += [("sales.talk.gift", "D-1", "wang"), ("sales.talk.remind 1", "D-1", "li")]


@pytest.mark.parametrize("shown", ["li", "he"])
def test_what_is_on_its_way_to_another_is_neither_taken_back_nor_spoken_of(folder: Path, shown: str) -> None:
    """Everything about these records is due; what was said of them an hour before stands until the table shows it."""
    working = seen(folder)
    ways = [("lead", "L-1", "transferred", "he"), ("lead", "L-2", "assigned", "he"), ("deal", "D-1", "returned", None)]
    hour = datetime(2026, 3, 26, 3)
    working.store.append(Event(hour, of, key, kind, "wang", {"owner": to}) for of, key, kind, to in ways)
    li = working.workspace.person("li", date(2026, 3, 26))
    assert told(working, 26, 4) == []
    assert {due.key for due in at(working, 26, 4).due(li, mine=True)} >= {"D-1"}  # which is li's still
    assert "call" in {due.task for due in at(working, 26, 4).agenda(li).due if due.key == "D-1"}
    assert {due.key for due in at(working, 26, 4).due(li) if due.pool} == set()
    assert told(working, 27, 2) == []
    for line in ("L-1,", "L-2,"):
        change(folder, f"{line}li", f"{line}{shown}", "data/lead.csv")
    change(folder, "D-1,li", f"D-1,{shown}", "data/deal.csv")
    lapsed = [*BACK, *SPOKEN]
    taken = [("sales.talk.call", "D-1", "he"), ("sales.talk.gift", "D-1", "wang")]  # for who has it then
    assert told(Working.open(folder), 27, 4) == sorted(lapsed if shown == "li" else taken)


def test_what_goes_back_is_spoken_of_no_more(folder: Path) -> None:
    working = seen(folder)
    assert told(working, 26, 4) == sorted([*BACK, *SPOKEN])
    assert told(working, 26, 5) == []
    assert told(working, 27, 5) == BACK  # nobody has taken it over, so it is proposed again


DAYS = [date(2026, 1, 1) + timedelta(n) for n in range(365)]
WORKED = Worked.of(
    (DAYS[0], DAYS[-1], datetime(2025, 12, 31, 16), datetime(2026, 12, 31, 16)),
    [day for day in DAYS if day.weekday() < 5],
    [(datetime(d.year, d.month, d.day, 1), datetime(d.year, d.month, d.day, 10)) for d in DAYS if d.weekday() < 5],
)
MOMENTS = st.datetimes(datetime(2026, 1, 20), datetime(2026, 11, 1))


@settings(max_examples=300, deadline=None)
@given(MOMENTS, MOMENTS, st.integers(0, 40), st.sampled_from(["d", "wd", "h", "wh", "mo"]))
def test_what_has_struck_is_found_from_the_end(start: datetime, now: datetime, count: int, unit: str) -> None:
    times, duration = Times("Asia/Shanghai", lambda: WORKED), Duration(count, unit)  # type: ignore[arg-type]
    ends = times.later(start, duration)
    last = latest(lambda since: times.later(since, duration), now)
    if start <= now:  # a duration of nothing is over at once, whatever the day
        assert (ends is not None and ends <= now) == (last is not None and start <= last)


LATER = [
    ("2026-03-12T04:00", "3d", "2026-03-14T16:00"),
    ("2026-03-12T17:00", "3d", "2026-03-15T16:00"),  # one in the morning of Friday in Shanghai
    ("2026-01-30T20:00", "1mo", "2026-02-27T16:00"),
    ("2026-03-12T04:00", "12mo", "2027-03-11T16:00"),
    ("2026-03-13T04:00", "1wd", "2026-03-15T16:00"),
    ("2026-03-12T04:00", "5h", "2026-03-12T09:00"),
    ("2026-03-12T08:00", "3wh", "2026-03-13T02:00"),
    ("2025-06-01T08:00", "1wd", "2026-01-01T16:00"),  # before the calendar: from its first day on
    ("2026-12-31T08:00", "2wd", None),  # behind it nobody knows
]


@pytest.mark.parametrize(("start", "text", "end"), LATER)
def test_when_a_duration_is_over(start: str, text: str, end: str | None) -> None:
    unit = text.lstrip("0123456789")
    duration = Duration(int(text.removesuffix(unit)), unit)  # type: ignore[arg-type]
    found = Times("Asia/Shanghai", lambda: WORKED).later(datetime.fromisoformat(start), duration)
    assert found == (datetime.fromisoformat(end) if end is not None else None)
