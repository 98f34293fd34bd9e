"""KPI pages: the figure with its definition, groups with a chart that invents nothing, and files for who may export."""

import re
from decimal import Decimal

import pytest

from salesrules.workspace import Mark, Workspace
from salesrules_web import create_app
from salesrules_web.charts import Bar, chart
from tests import tiny_company
from tests.web_pages import AUDITOR, MANAGER, REP, entered, said


def test_a_kpi_carries_its_definition_and_its_formula(as_):
    page = said(as_(REP, "zh").get("/kpis/sales"))
    assert "统计口径 订单金额，含税" in page
    assert "sum(amount) rules/tiny/kpis.yaml:7:14" in page


# groups and their chart


def test_a_group_that_would_tell_on_few_rows_has_neither_figure_nor_bar(as_):
    page = as_(AUDITOR).get("/kpis/sales?by=customer.region")
    assert said(page).count("hidden too few to show") == 1  # the regions are hidden too, so they are one group
    assert "<rect" not in page.text
    assert "544,200.50 CNY" in said(page)


def test_bars_stand_beside_the_table_and_are_drawn_from_one_zero_line(as_):
    page = as_(MANAGER).get("/kpis/sales?by=customer").text
    (svg,) = re.findall(r"<svg.*?</svg>", page, flags=re.S)
    assert 'role="img" aria-labelledby="chart-title chart-text"' in svg
    assert '<title id="chart-title">Sales by Customer</title>' in svg
    assert re.findall(r"<rect x=\"([\d.]+)%\" y=\"(\d+)\" width=\"([\d.]+)%\"", svg) == [
        ("34.0", "6", "1.441"),
        ("34.0", "36", "3.6"),
        ("34.0", "66", "48.0"),
    ]
    assert re.findall(r"<text[^>]*>([^<]+)</text>", svg)[:2] == ["C-1", "1,200.50 CNY"]


def test_groups_by_two_fields_have_a_column_each(as_):
    page = as_(MANAGER).get("/kpis/sales?by=customer.region&by=customer&by=customer.region")
    heads = re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', page.text)
    assert heads == ["Customer › Region", "Customer", "Sales", "rows"]
    assert "上海 C-1 1,200.50 CNY 2" in said(page)
    assert re.findall(r"<option value=\"([\w.]+)\" selected", page.text) == ["customer.region", "customer"]


def test_a_figure_that_is_not_shown_has_no_bar_and_one_below_zero_stands_left_of_the_line():
    drawn = chart(
        [("甲", Decimal(-10), "-10"), ("乙", Mark.TOO_FEW, "too few"), ("丙", None, "–"), ("丁", 30, "30")],
        [Decimal(-10), Mark.TOO_FEW, None, 30],
    )
    assert drawn is not None
    assert drawn.bars == (
        Bar("甲", "-10", 0, 34.0, 12.0, below_zero=True),
        Bar("乙", "too few", 30, withheld=True),
        Bar("丙", "–", 60),
        Bar("丁", "30", 90, 46.0, 36.0),
    )
    assert drawn.zero == 46.0


@pytest.mark.parametrize("scale", [[], [0], [Mark.TOO_FEW, None]])
def test_nothing_to_compare_is_not_drawn(scale):
    assert chart([("x", value, "") for value in scale], scale) is None


def test_long_names_are_cut_in_the_chart_only():
    drawn = chart([("华东华南" * 5, 1, "1"), ("a" * 24, 1, "1"), ("a" * 25, 1, "1")], [1])
    assert drawn is not None
    assert [bar.name for bar in drawn.bars] == ["华东华南华东华南华东华…", "a" * 24, "a" * 23 + "…"]


# files


@pytest.mark.parametrize(
    ("grants", "person", "by", "may"),
    [
        ([], REP, "", False),
        (["allow,rep,export,order,deal,mine"], REP, "", True),
        (["allow,rep,export,order,deal,my_patch"], REP, "", False),  # another slice, whatever rows it holds today
        (["allow,rep,export,order,deal,mine", "deny,rep,export,order,deal,my_patch"], REP, "", False),
        (["allow,rep,export,order,deal,mine"], REP, "customer.region", False),  # regions are the customer's
        (
            [
                "allow,rep,export,order,deal,mine",
                "allow,rep,export,customer,basics,mine",
                "allow,rep,export,customer,basics,my_patch",
            ],
            REP,
            "customer.region",
            True,
        ),
        (["allow,rep,export,order,deal,mine"], MANAGER, "", False),  # who reads the whole patch
        (["allow,manager,export,order,deal,all"], MANAGER, "", True),
        (["allow,auditor,export,order,deal,all"], AUDITOR, "", False),  # totals only: nothing is read
        (["allow,auditor,export,order,deal,all", "allow,auditor,read,order,deal,all"], AUDITOR, "", True),
    ],
)
def test_figures_leave_in_a_file_where_all_rows_behind_them_may(tmp_path, grants, person, by, may):
    root = tiny_company.make(tmp_path)
    with (root / "policies/tiny/grants.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{grant},,,\n" for grant in grants)
    client = entered(create_app(Workspace.open(root)), person)
    links = re.findall(r'href="(/kpis/sales/download[^"]+)"', client.get(f"/kpis/sales?by={by}").text)
    assert [re.search(r"as=(\w+)", link)[1] for link in links] == (["csv", "json", "xlsx", "parquet"] if may else [])
    assert client.get(f"/kpis/sales/download?as=csv&by={by}").status_code == (200 if may else 403)


def test_the_file_holds_what_the_page_shows(tmp_path):
    root = tiny_company.make(tmp_path)
    with (root / "policies/tiny/grants.csv").open("a", encoding="utf-8") as file:
        file.write("allow,manager,export,order,deal,all,,,\n")
    client = entered(create_app(Workspace.open(root)), MANAGER)
    file = client.get("/kpis/sales/download?as=csv&by=customer")
    assert file.headers["Content-Disposition"] == "attachment; filename=sales.csv"
    assert file.text == "customer,sales,rows,hidden\nC-1,1200.50,2,\nC-2,3000.00,1,\nC-3,40000.00,1,\n,44200.50,4,\n"
    assert client.get("/kpis/sales/download?as=doc").status_code == 404
