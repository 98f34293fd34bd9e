"""Calendars as they are read: what is worked, what cannot be read, and days that nobody has said anything about."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.worked import Worked
from salesrules.issue import PackError
from salesrules.sources.org.calendars import keep_worked
from salesrules.workspace import Workspace
from tests.related_company import company, write
from tests.working_time import hour_rows

WEEK = '{"mon-fri": ["09:00-12:00", "13:00-18:00"]}'
FILE = "calendars/cn.csv"


def opened(root: Path, slices: dict[str, dict[str, str]], *changes: tuple[str, str, str]) -> Workspace:
    """The small company with files changed: (file, the new text, or what to replace in it)."""
    write(root, company(0), slices, [])
    for file, old, new in changes:
        path = root / file
        text = path.read_text("utf-8")
        path.write_text(text.replace(old, new) if old else new, "utf-8")
        assert path.read_text("utf-8") != text
    return Workspace.open(root)


def test_days_and_hours_are_counted_by_the_week_and_its_exceptions(tmp_path: Path) -> None:
    worked = opened(tmp_path, {"asked": {}}).snapshot.organisation.lookups.worked
    assert worked is not None
    assert (worked.first, worked.last) == (date(2026, 1, 1), date(2026, 12, 31))
    friday = date(2026, 3, 13)
    assert [worked.days_later(friday, count) for count in (1, 2, -1)] == [
        date(2026, 3, 14),  # the Saturday that is worked
        date(2026, 3, 17),  # Monday is off
        date(2026, 3, 12),
    ]
    evening = datetime(2026, 3, 13, 9, 30)  # half past five in Shanghai
    assert worked.hours_later(evening, 1) == datetime(2026, 3, 14, 1, 30)
    assert worked.hours_later(evening, 9) == datetime(2026, 3, 17, 1, 30)
    assert worked.hours_later(evening, -1) == datetime(2026, 3, 13, 8, 30)
    assert worked.days_later(date(2025, 12, 31), 1) is None
    assert worked.days_later(date(2026, 12, 31), 1) is None
    assert worked.hours_later(datetime(2026, 12, 31, 16), -1) is None


@pytest.mark.parametrize(
    ("week", "day", "hours"),
    [
        ('{"fri-mon": ["10:00-12:00"]}', date(2026, 3, 15), ["02:00-04:00"]),
        ('{"tue": ["10:00-12:00"], "wed": ["08:00-09:00"]}', date(2026, 3, 14), ["02:00-04:00"]),  # as a Tuesday
        ('{"mon-sun": ["10:00-12:00"], "sat": ["08:00-09:00"]}', date(2026, 3, 14), ["00:00-01:00"]),
        ('{"mon-sun": ["10:00-12:00"]}', date(2026, 3, 16), []),
    ],
)
def test_a_week_says_which_hours_a_day_has(week: str, day: date, hours: list[str], tmp_path: Path) -> None:
    rules = "rules/related/tables.yaml"
    write(tmp_path, company(0), {"asked": {}}, [])
    text = (tmp_path / rules).read_text("utf-8")
    start = text.index('"week":')
    end = text.index("}", start) + 1
    worked = opened(
        tmp_path, {"asked": {}}, (rules, text[start:end], f'"week": {week}')
    ).snapshot.organisation.lookups.worked
    assert worked is not None
    found = [f"{a:%H:%M}-{b:%H:%M}" for a, b in worked.stretches if a.date() == day and a < b]
    assert (found[0][:5] + found[-1][5:] if found else "") == "".join(hours)
    assert (day in worked.days) == bool(hours)


BROKEN = {
    "date,kind\n2026-02-30,off\n2026-03-01,rest\n,work\n": [
        "calendars/cn.csv:2:1: calendar.bad_cell: calendar `cn`: `2026-02-30` cannot stand in column `date`; write a"
        " day such as 2026-10-01",
        "calendars/cn.csv:3:1: calendar.bad_cell: calendar `cn`: `rest` cannot stand in column `kind`; write `off` or"
        " `work`",
        "calendars/cn.csv:4:1: calendar.bad_cell: calendar `cn`: `` cannot stand in column `date`; write a day such as"
        " 2026-10-01",
    ],
    "date,kind\n2026-03-16,off\n\n2026-03-16,work\n": [
        "calendars/cn.csv:4:1: calendar.day_twice: calendar `cn`: `2026-03-16` stands twice (the other one:"
        " calendars/cn.csv:2:1)",
    ],
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_line_that_means_nothing_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(PackError) as refused:
        opened(tmp_path, {"asked": {}}, (FILE, "", text))
    assert [issue.line() for issue in refused.value.issues] == BROKEN[text]
    zh = refused.value.issues[0].text("zh")
    assert zh.startswith("日历 `cn`：")


def test_a_calendar_that_is_missing_stops_the_workspace(tmp_path: Path) -> None:
    write(tmp_path, company(0), {"asked": {}}, [])
    (tmp_path / FILE).unlink()
    with pytest.raises(PackError) as refused:
        Workspace.open(tmp_path)
    assert [issue.code for issue in refused.value.issues] == ["source.no_file"]


def test_days_beyond_the_calendar_are_told(tmp_path: Path) -> None:
    slices = {
        "late": {"order": "paid_on + 3wd < today()"},
        "written": {"order": "date '2031-01-01' - 3wd > paid_on"},
        "called": {"customer": "called_at + 4wh > timestamp '2027-01-01 00:00' + 1wh"},
    }
    known = "calendar `cn` knows the days from 2025-01-01 to 2025-12-31"
    workspace = opened(tmp_path, slices, (FILE, "", "date,kind\n2025-03-16,off\n"))
    rows = {
        table: sum(row[field] is not None for row in company(0)[table])
        for table, field in (("order", "paid_on"), ("customer", "called_at"))
    }
    assert sorted(issue.text() for issue in workspace.warnings) == sorted(
        [
            f"{known}; {rows['order']} rows of `order.paid_on` lie outside, and no working time is counted from them",
            f"{known}; {rows['customer']} rows of `customer.called_at` lie outside, and no working time is counted"
            " from them",
            f"{known}; 2031-01-01 lies outside, and no working time is counted from it",
            f"{known}; 2026-12-31 16:00:00 lies outside, and no working time is counted from it",
        ]
    )
    assert {issue.severity for issue in workspace.warnings} == {"warning"}
    assert opened(tmp_path, {"late": slices["late"]}).warnings == ()


def test_a_calendar_without_a_file_knows_a_century(tmp_path: Path) -> None:
    rules = "rules/related/tables.yaml"
    write(tmp_path, company(0), {"asked": {}}, [])
    text = (tmp_path / rules).read_text("utf-8")
    start = text.index('"days":')
    end = text.index("}", start) + 1
    worked = opened(
        tmp_path, {"asked": {}}, (rules, text[text.rindex(",", 0, start) : end], "")
    ).snapshot.organisation.lookups.worked
    assert worked is not None
    assert worked.days_later(date(2026, 3, 13), 1) == date(2026, 3, 16)
    assert (worked.first, worked.last) == (date(2000, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("Asia/Shanghai", ("09:00-12:00", "13:30-18:00")),
        (
            "America/New_York",
            ("08:30-12:20", "13:00-19:07"),
        ),  # over midnight in UTC, and an hour is lost in spring
        ("America/Los_Angeles", ("00:00-23:59",)),
        ("UTC", ()),
    ],
)
def test_working_time_is_cut_where_days_and_worked_hours_begin(zone: str, hours: tuple[str, ...]) -> None:
    ends = [[time.fromisoformat(clock) for clock in each.split("-")] for each in hours]
    days = [date(2024, 3, 1) + timedelta(at) for at in range(60)]

    def instant(day: date, clock: time = time()) -> datetime:
        return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)

    known = (days[0], days[-1], instant(days[0]), instant(days[-1] + timedelta(1)))
    stretches = [(instant(day, start), instant(day, end)) for day in days for start, end in ends]
    worked = Worked.of(known, days if hours else [], stretches)
    engine = DuckDB()
    keep_worked(engine, worked)
    kept = engine.rows('SELECT day, hour, "from", "to", before, upto FROM "#hours"')
    assert sorted(map(str, kept)) == sorted(map(str, hour_rows(worked)))
    assert engine.rows('SELECT day, upto, before FROM "#days" ORDER BY day') == list(worked.day_rows())
