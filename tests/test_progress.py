"""What became of what was given out: each record counts once, for what the log and the table say of it now."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.assigning import Assigner
from salesrules.cli import main
from salesrules.pack.values import Duration
from salesrules.pooling import Pooling
from salesrules.retracing import FATES, Progress, ProgressReport, Retracing
from salesrules.store import Event
from salesrules.working import Working
from tests import working_pages
from tests.web_pages import entered, said
from tests.working_company import change
from tests.working_pages import NOON, WEDNESDAY

LEADS = [f"L-{number}" for number in range(4, 12)]  # that wait in the east, where li alone is a representative
DEALS = ["D-9", "D-10", "D-11"]
DEAL_RULES = """  new_deals:
    entity: deal
    when: owner is null
    candidates: post.role = 'rep' and within(region, post.region)
    rules:
      - {id: rest, pick: least_loaded}
    otherwise: {pool: deal_pool}
"""


def opened(root: Path, now: datetime) -> Working:
    return replace(Working.open(root), now=lambda: now)


def show(root: Path, entity: str, key: str, row: str) -> None:
    """Write the row of a record anew; none takes it out."""
    path = root / f"data/{entity}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    (at,) = [at for at, line in enumerate(lines) if line.startswith(f"{key},")]
    lines[at : at + 1] = [row] if row else []
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def company(root: Path) -> Path:
    working_pages.make(root)
    with (root / "data/lead.csv").open("a", encoding="utf-8") as file:
        file.write("".join(f"{key},,east,500\n" for key in LEADS[1:]))
    with (root / "data/deal.csv").open("a", encoding="utf-8") as file:
        file.write("".join(f"{key},,east,talk,true,false,5000,0.00\n" for key in DEALS))
    with (root / "policies/works/grants.csv").open("a", encoding="utf-8") as file:
        file.write("allow,rep,read,deal,basics,patch,,,\nallow,rep,return,lead,*,mine,,,\n")
    rules, pool = "rules/works/assignment.yaml", "  deal_pool: {label: {en: Deals, zh: 商机池}, entity: deal}\n"
    change(root, "pools:\n", "pools:\n" + pool, rules)
    change(root, "post.role = 'rep'\n", "post.role = 'rep' and within(region, post.region)\n", rules)
    change(root, "otherwise: {pool: lead_pool}\n", "otherwise: {pool: lead_pool}\n" + DEAL_RULES, rules)
    named = "    label: {en: Lead, zh: 线索}\n"
    change(root, named, named + "    active_when: value is not null\n", "rules/works/entities.yaml")
    return root


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All is given to li at noon; in the days that follow each record takes another way."""
    root = company(tmp_path_factory.mktemp("progress"))
    door = opened(root, NOON)
    door.sync()
    for entity in ("lead", "deal"):
        Assigner(door).assign(entity)
    for key in LEADS[1:]:
        show(root, "lead", key, f"{key},li,east,500")
    for key in DEALS:
        show(root, "deal", key, f"{key},li,east,talk,true,false,5000,0.00")
    hour = opened(root, NOON + timedelta(hours=1))
    hour.sync()
    li = hour.workspace.person("li")
    hour.follow_up(li, "lead", "L-6")
    hour.follow_up(li, "lead", "L-7")
    (back,) = Pooling(hour).give_back(li, "lead", ["L-9"])
    assert back.done, back
    show(root, "lead", "L-7", "L-7,li,east,")  # not active any more
    show(root, "lead", "L-8", "L-8,wang,east,500")
    show(root, "lead", "L-9", "L-9,,east,500")
    show(root, "lead", "L-10", "")
    show(root, "deal", "D-9", "D-9,li,east,trial,true,false,5000,0.00")
    show(root, "deal", "D-10", "D-10,li,east,won,true,false,5000,0.00")
    opened(root, NOON + timedelta(hours=2)).sync()
    return root


def told(root: Path, name: str, now: datetime = WEDNESDAY, window: str | None = None) -> ProgressReport:
    return Retracing(opened(root, now)).progress(name, Duration.of(window) if window else None)


def test_each_record_counts_once_for_what_it_is_now(lived: Path) -> None:
    """L-5 and L-11 lie untouched; L-4 was never shown with an owner; L-10 is out of the table."""
    leads = told(lived, "lead")
    expected = Progress(8, closed=1, moved=0, touched=1, untouched=2, back=1, passed=2, lapsed=1, oldest=NOON)
    assert leads.whole == expected
    assert (leads.assignment, leads.since) == ("new_leads", date(2026, 2, 16))
    assert (leads.rules, leads.people, leads.teams) == ({"rest": expected}, {"li": expected}, {"wang": expected})
    deals = told(lived, "new_deals")
    assert deals.whole == Progress(3, closed=1, moved=1, untouched=1, oldest=NOON)  # by another `rest`
    for found in (leads, deals):
        assert found.whole.given == sum(getattr(found.whole, fate) for fate in FATES)


def test_what_is_given_again_counts_twice_and_lies_with_the_last(tmp_path: Path) -> None:
    root = company(tmp_path)
    for hours in (0, 25, 50):
        Assigner(opened(root, NOON + timedelta(hours=hours))).assign("lead")
    found = told(root, "lead", NOON + timedelta(hours=51)).whole
    assert (found.given, found.lapsed, found.untouched) == (24, 16, 8)
    assert found.oldest == NOON + timedelta(hours=50)
    assert told(root, "lead", NOON + timedelta(hours=75)).whole.lapsed == 24


def test_a_window_begins_with_a_day(lived: Path) -> None:
    assert [told(lived, "lead", window=window).whole.given for window in ("5d", "6d", "1mo")] == [0, 8, 8]
    assert [told(lived, "lead", window=window).whole.given for window in ("999999999d", "9999999mo")] == [8, 8]


def test_what_lies_in_sealed_pieces_counts_as_well(tmp_path: Path) -> None:
    """A run over 2,000 records or more is kept as one piece."""
    root = company(tmp_path)
    with (root / "data/lead.csv").open("a", encoding="utf-8") as file:
        file.write("".join(f"M-{number},,east,500\n" for number in range(2_000)))
    door = opened(root, NOON)
    Assigner(door).assign("lead")
    assert door.store.last() > 2_000
    door.write([Event(NOON + timedelta(hours=1), "lead", "M-7", "followed_up", "li")])
    found = told(root, "lead", NOON + timedelta(hours=2)).whole
    assert (found.given, found.touched, found.untouched) == (2_008, 1, 2_007)


def test_the_verb(lived: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salesrules.working._now", lambda: WEDNESDAY)

    def say(*words: str) -> list[str]:
        result = CliRunner().invoke(main, ["progress", *words, "--workspace", str(lived)])
        return [str(result.exit_code), *(" ".join(line.split()) for line in result.output.splitlines() if line.strip())]

    assert say("lead", "--by", "person", "--lang", "en") == [
        "0",
        "New leads gave out 8 of Lead since 2026-02-16, each counted for what it is now",
        "person given out closed moved on worked on untouched gone back passed on not taken over oldest untouched",
        "─" * len(say("lead", "--by", "person", "--lang", "en")[3]),
        "li 8 1 0 1 2 1 2 1 2026-03-12",
        "all 8 1 0 1 2 1 2 1 2026-03-12",
    ]
    assert say("lead", "--by", "team", "--lang", "zh")[-2:] == [
        "wang 8 1 0 1 2 1 2 1 2026-03-12",
        "合计 8 1 0 1 2 1 2 1 2026-03-12",
    ]
    whole = json.loads("\n".join(say("lead", "--output", "json")[1:]))
    assert whole["rules"] == {"rest": whole["all"]}
    assert (whole["all"]["untouched"], whole["all"]["oldest"]) == (2, "2026-03-12T04:00:00")
    for window in ("2wd", "soon"):
        assert say("lead", "--window", window)[0] == "2"


def test_the_page_is_for_those_who_audit_assignments(tmp_path: Path) -> None:
    app = working_pages.pages(company(tmp_path), NOON + timedelta(hours=1))
    page = said(entered(app, "zhao").get("/progress/new_leads"))
    assert "New leads gave out 8 of Lead since 2026-02-10" in page
    assert "李 8 0 0 0 8 0 0 0 2026-03-12 all 8" in page
    assert "王 8 0 0 0 8 0 0 0 2026-03-12 all 8" in page
    assert "What became of it" in said(entered(app, "zhao").get("/fairness/new_leads"))
    for person in ("li", "wang", "dai"):
        assert entered(app, person).get("/progress/new_leads").status_code == 403
    assert entered(app, "zhao").get("/progress/nothing").status_code == 400
