"""Formulas of KPIs over the demo company and over rows beside records, each against SQL written by hand."""

from __future__ import annotations

import json
import math
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from salesrules.demo import Made, make
from salesrules.issue import QuestionError
from salesrules.shipped import shipped
from salesrules.workspace import Workspace
from tests.related_company import DAY, LABEL, company, limit, write

FORMULAS = {  # the formula, and its figure by hand over the CSV file
    "sum(amount)": "sum(amount)",
    "count(*)": "count(*)",
    "count(distinct customer)": "count(DISTINCT customer)",
    "avg(amount)": "sum(amount)::DOUBLE / count(amount)",
    "median(amount)": "quantile_cont(amount::DOUBLE, 0.5)",
    "quantile(amount, 90%)": "quantile_cont(amount::DOUBLE, 0.9)",
    "max(amount) - min(amount)": "max(amount) - min(amount)",
    "days_between(min(closes_on), max(closes_on))": "date_diff('day', min(closes_on), max(closes_on))",
    "sum(amount) filter (where stage = 'won') / count(*) filter (where stage = 'won')": (
        "sum(CASE WHEN stage = 'won' THEN amount END)::DOUBLE / nullif(sum((stage = 'won')::INT), 0)"
    ),
    "count(*) filter (where stage = 'won') / count(*) filter (where stage in ('won', 'lost'))": (
        "sum((stage = 'won')::INT)::DOUBLE / nullif(sum((stage IN ('won', 'lost'))::INT), 0)"
    ),
    "median(amount) filter (where within(customer.region, 'east'))": (
        "quantile_cont(CASE WHEN region IN ('shanghai', 'hangzhou', 'ningbo', 'nanjing', 'suzhou')"
        " THEN amount::DOUBLE END, 0.5)"
    ),
    "(sum(amount) - sum(amount) filter (where stage = 'lost')) / sum(amount)": (
        "(sum(amount) - sum(CASE WHEN stage = 'lost' THEN amount END))::DOUBLE / sum(amount)::DOUBLE"
    ),
}


@pytest.fixture(scope="module")
def company_with(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Made, Path]:
    """The demo company whose pack has all these formulas as KPIs."""
    root = tmp_path_factory.mktemp("kpis")
    made = make(root)
    for folder in ("rules", "policies"):
        shutil.copytree(shipped(folder) / "standard", root / folder / "standard", dirs_exist_ok=True)
    kpis = {f"k{at}": _kpi(formula) for at, formula in enumerate(FORMULAS)}
    first = "# yaml-language-server: $schema=../../schema/kpis.schema.json"
    (root / "rules/standard/more_kpis.yaml").write_text(f"{first}\n{json.dumps({'kpis': kpis}, indent=1)}\n", "utf-8")
    return Workspace.open(root), made, root


def _kpi(formula: str) -> dict[str, Any]:
    return {"label": LABEL, "of": "opportunity", "formula": formula, "unit": "x"}


@pytest.mark.parametrize("at", range(len(FORMULAS)), ids=list(FORMULAS))
def test_a_formula_gives_the_figure_of_sql_by_hand(at: int, company_with: tuple[Workspace, Made, Path]) -> None:
    workspace, _, root = company_with
    director = next(post.person for post in workspace.posts() if post.role == "sales_director")  # reads every deal
    answer = workspace.kpi(workspace.person(director), f"k{at}", ("stage",))
    source = (
        f"(SELECT o.*, c.region FROM read_csv('{root}/data/opportunity.csv') AS o"
        f" LEFT JOIN read_csv('{root}/data/customer.csv') AS c ON c.id = o.customer)"
    )
    figure = list(FORMULAS.values())[at]
    groups = duckdb.execute(f"SELECT stage, {figure}, count(*) FROM {source} GROUP BY stage").fetchall()
    total = duckdb.execute(f"SELECT {figure}, count(*) FROM {source}").fetchall()[0]
    shown = {row[0]: row[1:] for row in answer.rows}
    assert shown.keys() == {*(stage for stage, *_ in groups), None}
    for stage, *by_hand in [*groups, (None, *total)]:
        assert all(map(alike, shown[stage], by_hand)), (stage, shown[stage], by_hand)


def alike(found: Any, by_hand: Any) -> bool:
    """The same figure; doubles may differ in their last digits, as the order of summing is the engine's."""
    if found is None or by_hand is None:
        return found is by_hand
    return math.isclose(float(found), float(by_hand), rel_tol=1e-9)


def test_rows_beside_a_record_do_not_count_it_twice(tmp_path: Path) -> None:
    formulas = {
        "joined": "sum(credit) filter (where some(team, person = 'P-1'))",
        "members": "sum(count(team))",
        "crowded": "count(*) filter (where count(team) > 1)",
    }
    kpis = {name: {**_kpi(formula), "of": "customer"} for name, formula in formulas.items()}
    rows = company(5)
    team = {
        row["id"]: [m["person"] for m in rows["customer_team"] if m["customer"] == row["id"]]
        for row in rows["customer"]
    }
    by_hand = {
        "joined": sum(row["credit"] or 0 for row in rows["customer"] if "P-1" in team[row["id"]]),
        "members": sum(map(len, team.values())),
        "crowded": sum(len(people) > 1 for people in team.values()),
    }
    assert any(people.count("P-1") > 1 for people in team.values()) or by_hand["crowded"] > 1
    workspace = Workspace.open(write(tmp_path, rows, {"all": {}}, ["allow,rep,aggregate,customer,*,all"], kpis))
    asker = workspace.person("P-1", DAY)
    assert {name: workspace.kpi(asker, name).rows[0] for name in formulas} == {
        name: (figure, len(rows["customer"])) for name, figure in by_hand.items()
    }


def test_a_figure_over_a_value_table_is_of_the_day_asked(tmp_path: Path) -> None:
    kpis = {"allowed": {**_kpi("sum(limit(region, 'rep'))"), "of": "customer"}}
    rows = company(5)
    workspace = Workspace.open(write(tmp_path, rows, {"all": {}}, ["allow,rep,aggregate,customer,*,all"], kpis))
    days = (DAY, date(2026, 4, 1))
    found = [workspace.kpi(workspace.person("P-1", day), "allowed").rows[0][0] for day in days]
    by_hand = [sum(limit(row["region"], "rep", day) or 0 for row in rows["customer"]) for day in days]
    assert found == by_hand
    assert found[0] != found[1]


def test_a_figure_over_too_small_a_sample_has_no_value(tmp_path: Path) -> None:
    rows = company(5)
    count = len(rows["customer"])
    kpis = {
        f"from_{least}": {**_kpi("count(*)"), "of": "customer", "min_sample": least} for least in (count, count + 1)
    }
    workspace = Workspace.open(write(tmp_path, rows, {"all": {}}, ["allow,rep,aggregate,customer,*,all"], kpis))
    asker = workspace.person("P-1", DAY)
    assert workspace.kpi(asker, f"from_{count}").rows == ((count, count),)
    assert workspace.kpi(asker, f"from_{count + 1}").rows == ((None, count),)


def test_a_figure_of_a_state_in_time_is_refused_rather_than_summed_over_all_days(tmp_path: Path) -> None:
    kpis = {"stock": {**_kpi("count(*)"), "of": "visit", "date": {"on": "made_on", "take": "period_end"}}}
    rows = company(5)
    workspace = Workspace.open(write(tmp_path, rows, {"all": {}}, ["allow,rep,read,customer,*,all"], kpis))
    with pytest.raises(QuestionError, match=r"ask\.kpi_not_yet"):
        workspace.kpi(workspace.person("P-1", DAY), "stock")
