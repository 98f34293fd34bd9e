"""What the database cannot answer: nobody who asks reads a value in the refusal, and nothing falls over."""

import logging
from datetime import datetime
from decimal import Decimal

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.cli.verb import EXIT
from salesrules.engines.duckdb import DuckDB
from salesrules.issue import EngineError
from salesrules.workspace import Workspace
from salesrules_web import create_app
from tests import tiny_company
from tests.web_pages import AUDITOR, REP, entered, said

HIDDEN = "9007199254740991"
SIZED = {
    "rules/tiny/entities.yaml": {
        "      owner:  {": "      size: {type: integer, category: basics, label: {en: Size, zh: 规模}}\n      owner:  {"
    },
    "rules/tiny/kpis.yaml": {
        "  sales:": "  worth:\n    label: {en: Worth, zh: 价值}\n    of: order\n"
        "    formula: sum(round(amount * customer.size, PLACES))\n    unit: CNY\n  sales:"
    },
    "data/customer.csv": {
        "id,name,region,owner,phone": "id,name,region,owner,phone,size",
        "13800000001": "13800000001,2",
        "13800000002": f"13800000002,{HIDDEN}",
        "13800000003": f"13800000003,{HIDDEN}",
        "13800000004": "13800000004,1",
    },
    "policies/tiny/grants.csv": {"allow,auditor,aggregate": "allow,auditor,read"},
    "data/order.csv": {"3000.00": "9999999999999999.99", "40000.00": "9999999999999999.99"},
}


def sized(folder, places):
    """The tiny company with the sizes of its customers and a figure over them, rounded to so many places."""
    kpis = {old: new.replace("PLACES", places) for old, new in SIZED["rules/tiny/kpis.yaml"].items()}
    return tiny_company.make(folder, {**SIZED, "rules/tiny/kpis.yaml": kpis})


def test_amounts_times_the_largest_whole_numbers_have_a_sum(tmp_path):
    workspace = Workspace.open(sized(tmp_path, "2"))
    assert workspace.kpi(workspace.person(AUDITOR), "worth").rows == (
        (Decimal("180143985094819819819856015407581.18"), 5),
    )


def test_what_the_database_says_is_not_for_who_asks(tmp_path):
    root = sized(tmp_path, "6")  # two such amounts have no room beside six places
    asked = CliRunner().invoke(main, ["kpi", "worth", "--as", AUDITOR, "--workspace", str(root)])
    assert asked.exit_code == EXIT[EngineError] == 6
    assert "engine.failed: the database could not answer this" in asked.stderr
    assert not [word for word in ("DECIMAL", "999999", "verflow", HIDDEN) if word in asked.output]
    page = entered(create_app(Workspace.open(root)), AUDITOR).get("/kpis/worth")
    assert (page.status_code, "the database could not answer this" in said(page)) == (503, True)
    assert "verflow" not in page.text


def test_the_full_text_is_in_the_log_for_those_who_ask_for_it(caplog):
    with caplog.at_level(logging.DEBUG, "salesrules"), pytest.raises(EngineError) as raised:
        DuckDB().rows("SELECT CAST('13800000004' AS DECIMAL(9, 0))")
    assert "13800000004" in caplog.text
    assert "13800000004" not in str(raised.value)
    caplog.clear()
    with caplog.at_level(logging.INFO, "salesrules"), pytest.raises(EngineError):
        DuckDB().rows("SELECT CAST('13800000004' AS DECIMAL(9, 0))")
    assert "13800000004" not in caplog.text


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "UTC"])
def test_a_time_is_one_that_has_a_day_here_and_in_utc(tmp_path, zone):
    times = ["0001-01-01 00:00:00", "0001-01-02 00:00:00", "9999-12-31 23:59:59", "9999-12-30 23:59:59"]
    lines = "".join(f"V-{at},{time}\n" for at, time in enumerate([*times, "0001-01-01 00:00:00+00:00"]))
    visit = """  visit:
    label: {en: Visit, zh: 拜访}
    key: id
    fields:
      id: {type: text, category: basics, label: {en: Number, zh: 编号}}
      made: {type: timestamp, category: basics, label: {en: Made, zh: 时间}}
categories:
"""
    late = "\"made + 1h > timestamp '2026-01-01 00:00' or made - 1h < timestamp '2026-01-01 00:00' or id is not null\""
    changes = {
        "rules/tiny/pack.yaml": {"Asia/Shanghai": zone},
        "rules/tiny/entities.yaml": {"categories:\n": visit},
        "policies/tiny/slices.yaml": {"customer: owner = user,": f"customer: owner = user, visit: {late},"},
        "policies/tiny/grants.csv": {"allow,rep,read,order": "allow,rep,read,visit,*,mine,,,\nallow,rep,read,order"},
        "salesrules.toml": {"[sources.tiny.order]": '[sources.tiny.visit]\nfile = "visit.csv"\n[sources.tiny.order]'},
    }
    root = tiny_company.make(tmp_path, changes)
    (root / "data/visit.csv").write_text(f"id,made\n{lines}", encoding="utf-8")
    workspace = Workspace.open(root)
    rep = workspace.person(REP)
    kept = workspace.see(rep, "visit").keys
    assert all(workspace.can(rep, "read", "visit", key) for key in kept)
    assert {"V-1", "V-3"} <= {*kept}
    assert {f"V-{at}" for at in range(5)} - {*kept} == {
        "Asia/Shanghai": {"V-0"},
        "America/New_York": {"V-2", "V-4"},
        "UTC": set(),
    }[zone]
    assert all(isinstance(row[1], datetime) for row in workspace.see(rep, "visit").rows)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2030-01-31"])
@pytest.mark.parametrize("test", ["born + 1mo > today()", "born - 1mo < today()", "born + 100000d > born"])
def test_days_at_the_ends_of_the_calendar_tell_nothing_of_a_record(tmp_path, day, test):
    root = tiny_company.make(
        tmp_path,
        {
            "rules/tiny/entities.yaml": {
                "      owner:  {": "      born: {type: date, category: basics, label: {en: B, zh: 生}}\n      owner:  {"
            },
            "policies/tiny/slices.yaml": {"customer: owner = user,": f"customer: owner = user and {test},"},
            "policies/tiny/grants.csv": {"allow,rep,read,customer,basics,my_patch,,,\n": ""},
            "data/customer.csv": {
                "owner,phone": "owner,born,phone",
                "P-1,": "P-1,2024-01-31,",
                "P-2,1": f"P-2,{day},1",
                "华南,,": f"华南,,{day},",
            },
        },
    )
    run = CliRunner().invoke
    answers = []
    for verb in (["can", "read"], ["why"]):
        for key in ("C-2", "C-9"):
            asked = run(main, [*verb, "customer", key, "--as", REP, "--workspace", str(root)])
            answers.append((asked.exit_code, asked.output.replace(key, "KEY")))
    assert answers[0] == answers[1]
    assert answers[2] == answers[3]
