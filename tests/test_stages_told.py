"""How records went through their stages, against a slow reading of the log; over what the asker reads, and no more."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.issue import AccessDenied, QuestionError
from salesrules.store import Event, Store, open_store
from salesrules.work.state import States
from salesrules.working import StageFigures, StageReport, Working
from tests import working_company, working_pages
from tests.web_pages import entered, said

START = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)  # half past eleven at night in Shanghai
ORDER = ("talk", "trial", "offer", "won", "lost")
MEANT = {
    **{id: id for id in ORDER},
    "begin": "talk",
}  # a step of two lists that mean the same; `price` means two stages
SAID = [*ORDER, "talk", "trial", "begin", "price", "no such stage", None]
SEES = {"dai": range(1, 9), "wang": (1, 2, 3, 4, 5, 7, 8), "li": (1, 2, 3, 4, 5, 7, 8), "sun": (6,), "chen": (6,)}
SIZES = (0, 5, 60, 300, 300)
OFF = {date(2026, 3, 16)}
WORKED = {date(2026, 3, 21)}


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory) -> Working:
    return Working.open(working_company.make(tmp_path_factory.mktemp("stages")))


def with_log(working: Working, folder: Path, events: Sequence[Event], log_is_right: bool = False) -> Working:
    """The same rows with another log, of which it can be said that it is right about the stage."""
    store: Store = open_store(str(folder / "store.sqlite"))
    store.append(events)
    watched = working.states.watched
    if log_is_right:
        watched = {**watched, "deal": replace(watched["deal"], in_table=("owner",))}
    working.workspace.engine.rows("DETACH DATABASE IF EXISTS work")
    states = States(working.states.engine, store, watched, "Asia/Shanghai")
    return replace(working, store=store, states=states, now=lambda: datetime(2026, 6, 1))


def generated(seed: int) -> list[Event]:
    """Deals that move at random, there and back, are lost and found; things happen beside, and to other records."""
    rng, at, events = random.Random(seed), START, []
    for _ in range(SIZES[seed]):
        at += timedelta(minutes=rng.choice([0, 1, 50, 700, 3000]))
        kind = rng.choice(["observed", "observed", "advanced", "followed_up"])
        values: dict[str, str | None] = {"stage": rng.choice(SAID), "owner": "li"} if kind != "followed_up" else {}
        if kind == "observed" and rng.random() < 0.2:
            values = {"#gone": "yes"} if rng.random() < 0.5 else {"#gone": None}
        events.append(Event(at, rng.choice(["deal"] * 9 + ["lead"]), f"D-{rng.randint(1, 9)}", kind, "li", values))
    return events


# the slow reading


def day(moment: datetime) -> date:
    return (moment + timedelta(hours=8)).date()


def is_worked(at: date) -> bool:
    return at in WORKED or (at.weekday() < 5 and at not in OFF)


def days_between(since: date, until: date) -> int:
    return sum(is_worked(since + timedelta(n)) for n in range(1, (until - since).days + 1))


def nearest(days: list[int], part: Fraction) -> int | None:
    """The least of some days that at least a part of them do not exceed."""
    return next((n for n in sorted(days) if sum(m <= n for m in days) >= part * len(days)), None)


def by_hand(
    events: Iterable[Event], keys: set[str], today: date, start: date | None, end: date, log_is_right: bool
) -> tuple[list[StageFigures], int, int, int]:
    """The figures of every stage, event by event; how many records are known, were first seen in one, are in none."""
    place: dict[str, tuple[str | None, date]] = {}
    told: dict[str, str | None] = {}
    gone: set[str] = set()
    counts: dict[str, Counter[str]] = {id: Counter() for id in ORDER}
    days: dict[str, list[int]] = {id: [] for id in ORDER}
    first_seen = 0
    for event in events:
        at, key = day(event.at), event.key
        if event.entity != "deal" or key not in keys or at > today:
            continue
        counts_here = log_is_right or event.kind == "observed"
        begins = counts_here and "stage" in event.values and key not in told
        if counts_here and "stage" in event.values:
            told[key] = MEANT.get(event.values["stage"] or "")
        if "#gone" in event.values:
            (gone.add if event.values["#gone"] else gone.discard)(key)
        was, since = place.get(key, (None, at))
        now = None if key in gone else told.get(key)
        if now == was:
            continue
        inside = at < end and (start is None or start <= at)
        if was is not None and inside:
            out = now is None or now == "lost"
            way = "out" if out else "forward" if ORDER.index(str(now)) > ORDER.index(was) else "back"
            counts[was][way] += 1
            days[was].append(days_between(since, at))
        unknown = begins and event.kind == "observed"
        first_seen += unknown
        if now is not None and inside:
            counts[now]["seen" if unknown else "entered"] += 1
        place[key] = (now, at)
    for stage, _ in place.values():
        if stage is not None:
            counts[stage]["standing"] += 1
    figures = [
        StageFigures(
            id,
            *(counts[id][name] for name in ("seen", "entered", "forward", "back", "out", "standing")),
            nearest(days[id], Fraction(1, 2)),
            nearest(days[id], Fraction(9, 10)),
        )
        for id in ORDER
    ]
    standing = sum(each.standing for each in figures)
    return figures, len(told), first_seen, len(told) - standing


def told(found: StageReport) -> tuple[list[StageFigures], int, int, int]:
    return list(found.stages), found.known, found.seen, found.nowhere


@pytest.mark.parametrize("log_is_right", [False, True])
@pytest.mark.parametrize("seed", range(len(SIZES)))
def test_the_figures_are_those_of_the_log(working: Working, tmp_path: Path, seed: int, log_is_right: bool) -> None:
    """For askers who read all, some and few records, over several stretches of days, on several days."""
    events = generated(seed)
    door = with_log(working, tmp_path, events, log_is_right)
    ways: Counter[str] = Counter()
    for person, numbers in SEES.items():
        keys = {f"D-{number}" for number in numbers}
        for today in (date(2026, 3, 3), date(2026, 3, 20), date(2026, 12, 31)):
            asker = door.workspace.person(person, today)
            for start, end in ((None, None), (date(2026, 3, 10), date(2026, 4, 10)), (date(2026, 3, 3), None)):
                if start is not None and start > today:
                    continue
                found = door.stages(asker, "sales", start, end)
                last = min(end or date.max, today + timedelta(1))
                assert (found.records, found.end, found.working) == (len(keys), last, True)
                assert told(found) == by_hand(events, keys, today, start, last, log_is_right)
                for each in found.stages:
                    ways += Counter(forward=each.forward, back=each.back, out=each.out)
    assert len(ways) == 3 or len(events) < SIZES[-1]  # they went all ways
    door.store.close()


def observed(key: str, when: date, stage: str | None, kind: str = "observed") -> Event:
    """What the log has of a stage, at noon in Shanghai."""
    return Event(datetime(when.year, when.month, when.day, 4, tzinfo=UTC), "deal", key, kind, "li", {"stage": stage})


def figures(door: Working, person: str, **days: date) -> dict[str, tuple[Any, ...]]:
    """By stage: first seen, entered, forward, back, out, there now, the two counts of days, and the conversion."""
    found = door.stages(door.workspace.person(person, date(2026, 6, 1)), "deal", **days)
    return {
        each.stage: (each.seen, each.entered, each.forward, each.back, each.out, each.standing, *of_days(each))
        for each in found.stages
        if each.seen or each.entered or each.left or each.standing
    }


def of_days(each: StageFigures) -> tuple[Any, ...]:
    return each.median, each.ninetieth, each.conversion


def test_moves_forward_and_back_by_steps_of_other_lists(working: Working, tmp_path: Path) -> None:
    """`begin` is a step of two lists and means talk in both; the 16th is a day off, Saturday 21 is worked."""
    moves = [(12, "begin"), (12, "talk"), (17, "trial"), (22, "talk"), (23, "offer"), (24, "won")]
    door = with_log(working, tmp_path, [observed("D-1", date(2026, 3, on), stage) for on, stage in moves])
    assert figures(door, "li") == {
        "talk": (1, 1, 2, 0, 0, 0, 1, 2, 1),
        "trial": (0, 1, 0, 1, 0, 0, 4, 4, 0),
        "offer": (0, 1, 1, 0, 0, 0, 1, 1, 1),
        "won": (0, 1, 0, 0, 0, 1, None, None, None),
    }
    assert figures(door, "li", start=date(2026, 3, 22), end=date(2026, 3, 24)) == {
        "talk": (0, 1, 1, 0, 0, 0, 1, 1, 1),
        "trial": (0, 0, 0, 1, 0, 0, 4, 4, 0),
        "offer": (0, 1, 0, 0, 0, 0, None, None, None),
        "won": (0, 0, 0, 0, 0, 1, None, None, None),
    }
    assert figures(door, "chen") == {}
    door.store.close()


def test_days_that_the_calendar_does_not_know_are_calendar_days(working: Working, tmp_path: Path) -> None:
    door = with_log(
        working, tmp_path, [observed("D-1", date(2025, 12, 30), "talk"), observed("D-1", date(2026, 1, 5), "lost")]
    )
    assert figures(door, "li")["talk"] == (1, 0, 0, 0, 1, 0, 6, 6, 0)
    asker = door.workspace.person("li", date(2026, 6, 1))
    assert not door.stages(asker, "sales").working
    assert door.stages(asker, "sales", start=date(2026, 2, 1)).working  # nobody left then
    door.store.close()


def test_an_empty_log_knows_of_nobody(working: Working, tmp_path: Path) -> None:
    door = with_log(working, tmp_path, [])
    found = door.stages(door.workspace.person("wang", date(2026, 3, 20)), "deal")
    assert (found.records, found.known, found.seen, found.nowhere) == (7, 0, 0, 0)
    assert [each.stage for each in found.stages] == list(ORDER)
    assert all(each == StageFigures(each.stage, 0, 0, 0, 0, 0, 0, None, None) for each in found.stages)
    door.store.close()


def test_what_others_read_changes_nothing(working: Working, tmp_path: Path) -> None:
    """An asker gets the same figures whether the log has the records of others or not."""
    events = generated(3)
    theirs = [event for event in events if event.key in {f"D-{number}" for number in SEES["li"]}]
    assert 20 < len(theirs) < len(events)
    (tmp_path / "own").mkdir()
    found = []
    for log, folder in ((events, tmp_path), (theirs, tmp_path / "own")):
        door = with_log(working, folder, log)
        found.append(door.stages(door.workspace.person("li", date(2026, 6, 1)), "sales"))
        door.store.close()
    assert found[0] == found[1]


def test_a_record_counts_whose_stage_is_read_not_only_its_key(tmp_path: Path) -> None:
    """Everyone reads the keys of all deals; the stage of their own, and managers not that of small ones such as D-3."""
    root = working_company.make(tmp_path / "company")
    of_stage = "process: sales, category: "
    working_company.change(root, f"{of_stage}basics", f"{of_stage}progress", "rules/works/entities.yaml")
    for file, line, before in (
        ("rules/works/entities.yaml", "  progress: {label: {en: P, zh: 进展}, steward: manager}", "  money:  {label"),
        ("policies/works/slices.yaml", "  small: {label: {en: S, zh: 小}, rows: {deal: small}}", "  all:   {"),
        ("policies/works/grants.csv", "allow,rep,read,deal,basics,all,,,", "allow,rep,read,lead"),
        ("policies/works/grants.csv", "deny,manager,read,deal,progress,small,,,", "allow,manager,read,lead"),
    ):
        working_company.change(root, before, f"{line}\n{before}", file)
    events, today = generated(3), date(2026, 12, 31)
    door = with_log(Working.open(root), tmp_path, events)
    for person, numbers in {"li": (1, 2, 3, 4, 5, 7, 8), "wang": (1, 2, 4, 5, 7, 8), "chen": (6,)}.items():
        asker, keys = door.workspace.person(person, today), {f"D-{number}" for number in numbers}
        assert door.workspace.see(asker, "deal").total == 8
        found = door.stages(asker, "sales")
        assert found.records == len(keys)
        assert told(found) == by_hand(events, keys, today, None, date(2027, 1, 1), log_is_right=False)
    with pytest.raises(AccessDenied):
        door.stages(door.workspace.person("he", today), "sales")
    door.store.close()


@pytest.mark.parametrize(
    ("name", "start", "code"),
    [
        ("deals", None, "ask.unknown_process"),
        ("lead", None, "ask.unknown_process"),
        ("sales", date(2026, 6, 2), "stages.no_day"),
    ],
)
def test_a_question_about_nothing(working: Working, tmp_path: Path, name: str, start: date | None, code: str) -> None:
    door = with_log(working, tmp_path, [])
    with pytest.raises(QuestionError) as raised:
        door.stages(door.workspace.person("li", date(2026, 6, 1)), name, start)
    assert [issue.code for issue in raised.value.issues] == [code]
    door.store.close()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seen on Thursday 12 March; D-1 goes on to a trial on Tuesday 17; directors may take deals away."""
    root = working_pages.make(tmp_path_factory.mktemp("told"))
    working_company.change(
        root, "allow,director,approve,deal", "allow,director,export,deal,*,all,,,\nallow,director,approve,deal",
        "policies/works/grants.csv",
    )  # fmt: skip
    working = Working.open(root)
    for on, old, new in ((12, "", ""), (17, "D-1,li,east,talk", "D-1,li,east,trial")):
        if old:
            working_company.change(root, old, new)
            working = Working.open(root)
        replace(working, now=lambda on=on: datetime(2026, 3, on, 4)).sync()
    working.store.close()
    return root


def run(root: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> Any:
    monkeypatch.setattr("salesrules.working._now", lambda: datetime(2026, 3, 19, 4))
    return CliRunner().invoke(main, ["stages", "--workspace", str(root), "--at", "2026-03-19", *words])


TOLD = {
    "en": [
        "Sales, all days of the log up to 2026-03-19, over 7 records of Deal whose key and stage you read",
        "6 were in a stage when first seen by the log: there since that day, as far as it knows, and not entered",
        "1 stands in no stage",
        "days are working days of the calendar cn, of those who left; the day they came is not counted",
        ["stage", "first seen", "entered", "forward", "back", "out", "there now", "median days"],
        ["Talk", "3", "0", "1", "0", "0", "2", "2", "2", "100.0%"],
        ["Trial", "0", "1", "0", "0", "0", "1"],
    ],
    "zh": [
        "销售流程，日志开始至 2026-03-19，统计你能读到主键和阶段的 7 条商机",
        "6 条在日志第一次见到时已在某阶段：从那天起算作在该阶段，不算“进入”",
        "1 条目前不在任何阶段",
        "天数为日历 cn 的工作日，只统计已离开的，进入当天不计",
        ["阶段", "首次见到", "进入", "前进", "退回", "退出", "现有", "天数中位数", "90% 的天数", "转化率"],
        ["沟通", "3", "0", "1", "0", "0", "2", "2", "2", "100.0%"],
        ["试用", "0", "1", "0", "0", "0", "1"],
    ],
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_is_told_in_words(company: Path, monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    out = run(company, monkeypatch, "deal", "--as", "li", "--lang", lang).stdout
    lines = [line for line in out.splitlines() if line.strip() and "──" not in line]
    for line, words in zip(lines, TOLD[lang], strict=False):
        assert line == words if isinstance(words, str) else " ".join(line.split()).startswith(" ".join(words))
    assert len(lines) == 4 + 1 + len(ORDER)


def test_what_leaves_takes_the_right_to_export(company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = run(company, monkeypatch, "sales", "--as", "li", "--output", "csv", "--lang", "en")
    assert (refused.exit_code, "access.stages_not_exported" in refused.output) == (5, True)
    refused = run(company, monkeypatch, "sales", "--as", "zhao", "--lang", "en")
    assert (refused.exit_code, "access.stages_refused" in refused.output) == (5, True)
    csv = run(company, monkeypatch, "sales", "--as", "dai", "--output", "csv").stdout.splitlines()
    assert csv[0] == "stage,seen,entered,forward,back,out,standing,median,ninetieth,conversion"
    assert csv[1] == "talk,4,0,1,0,0,3,2,2,1.0"
    assert csv[-1] == "lost,0,0,0,0,0,0,,,"
    whole = json.loads(
        run(company, monkeypatch, "sales", "--as", "dai", "--output", "json", "--from", "2026-03-17").stdout
    )
    head = {name: value for name, value in whole.items() if name != "stages"}
    assert head == {
        "process": "sales", "day": "2026-03-19", "start": "2026-03-17", "end": "2026-03-20", "days": "working",
        "records": 8, "known": 8, "seen": 7, "nowhere": 1,
    }  # fmt: skip
    assert [each["entered"] for each in whole["stages"]] == [0, 1, 0, 0, 0]


def test_nobody_is_told_who_reads_neither_key_nor_stage(company: Path) -> None:
    door = Working.open(company)
    with pytest.raises(AccessDenied) as raised:
        door.stages(door.workspace.person("zhao"), "deal")
    assert [issue.code for issue in raised.value.issues] == ["access.stages_refused"]
    door.store.close()


def test_the_page_says_the_same(company: Path) -> None:
    app = working_pages.pages(company, datetime(2026, 3, 19, 4), assigned=False)
    for lang, words in TOLD.items():
        client = entered(app, "li", lang)
        assert 'href="/stages/sales"' in client.get("/").text
        answer = client.get("/stages/sales")
        page = said(answer)
        for part in words[1:]:
            assert part in page if isinstance(part, str) else " ".join(part) in page
        assert answer.text.count("<rect") == len(ORDER)
    client = entered(app, "li")
    assert "2026-03-17 to" in said(client.get("/stages/sales?from=2026-03-17"))
    assert client.get("/stages/sales?from=x&to=").status_code == 200
    assert client.get("/stages/none").status_code == 400
    zhao = entered(app, "zhao")
    assert "/stages" not in zhao.get("/").text
    assert zhao.get("/stages/sales").status_code == 403


def test_the_last_day_that_there_is(working: Working) -> None:
    asker = working.workspace.person("dai", date.max)
    assert working.stages(asker, "sales").process == "sales"
