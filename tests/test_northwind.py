"""The pack `northwind` on rows that nobody here wrote: every person's totals equal SQL on the raw files."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from salesrules.issue import AccessDenied
from salesrules.overseeing import Overseer
from salesrules.run.answer import Mark
from salesrules.workspace import Workspace
from tests.conftest import ROOT, SHARED

VICE_PRESIDENT, MANAGER, COORDINATOR, AUDITOR = "2", "5", "8", "10"
REPS = ["1", "3", "4", "6", "7", "9"]
SELLERS = [VICE_PRESIDENT, MANAGER, COORDINATOR, *REPS]
TEMPLATE = ROOT / "tests/workspaces/northwind/salesrules.toml"
FILES = (
    *("employees", "region", "territories", "employee_territories", "customers", "orders", "order_details"),
    *("products", "categories", "shippers", "suppliers"),
)

# Whose orders a person reads, by the raw files alone: their own, those of everyone below a manager, all of the vice
# president and, as totals, of the auditor.
OPEN = """
WITH RECURSIVE below(id) AS (
    SELECT '{person}' UNION SELECT EmployeeID FROM employees JOIN below ON ReportsTo = below.id
), title AS (
    SELECT Title FROM employees WHERE EmployeeID = '{person}'
), sold AS (
    SELECT * FROM orders WHERE EmployeeID = '{person}'
    OR ((SELECT * FROM title) LIKE '%Manager' AND EmployeeID IN (SELECT id FROM below))
    OR (SELECT * FROM title) IN ('Vice President, Sales', 'Auditor')
), lines AS (
    SELECT *, CAST(UnitPrice AS DECIMAL(12,2)) * CAST(Quantity AS INTEGER) * (1 - CAST(Discount AS DECIMAL(4,2))) AS net
    FROM order_details JOIN sold USING (OrderID)
), looked_after AS (
    SELECT DISTINCT TerritoryID FROM employee_territories WHERE EmployeeID = '{person}'
    OR ((SELECT * FROM title) LIKE '%Manager' AND EmployeeID IN (SELECT id FROM below))
)
SELECT {select}
"""


@pytest.fixture(scope="module")
def rows() -> Path:
    folder = SHARED / "northwind"
    if not folder.is_dir():
        pytest.skip(f"the real rows are not there: {folder}")
    return folder


@pytest.fixture(scope="module")
def northwind(rows: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The workspace of the template, with an auditor among the people, whom the sample does not have."""
    root = tmp_path_factory.mktemp("northwind")
    (root / "data").mkdir()
    for name in FILES:
        (root / f"data/{name}.csv").symlink_to(rows / f"{name}.csv")
    people = (rows / "employees.csv").read_text(encoding="utf-8").rstrip("\n")
    (root / "data/employees.csv").unlink()
    (root / "data/employees.csv").write_text(f"{people}\n10,Audit,Ada,Auditor,,,,,\n", encoding="utf-8")
    text = TEMPLATE.read_text(encoding="utf-8")
    assert text.count("../../../../shared/data/northwind") == 1
    (root / "salesrules.toml").write_text(text.replace("../../../../shared/data/northwind", "data"), encoding="utf-8")
    return Workspace.open(root)


@pytest.fixture(scope="module")
def raw(northwind: Workspace, rows: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for name in FILES:
        path = rows / f"{name}.csv"
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{path}', all_varchar = true)")
    connection.execute("INSERT INTO employees (EmployeeID, Title) VALUES ('10', 'Auditor')")
    return connection


def plain(raw: duckdb.DuckDBPyConnection, person: str, select: str) -> list[tuple[object, ...]]:
    return raw.sql(OPEN.format(person=person, select=select)).fetchall()


# what was read


def test_the_template_reads_everything_and_mends_what_was_encoded_twice(rows: Path, tmp_path: Path) -> None:
    text = TEMPLATE.read_text(encoding="utf-8").replace("../../../../shared/data/northwind", str(rows))
    (tmp_path / "salesrules.toml").write_text(text, encoding="utf-8")
    opened = Workspace.open(tmp_path)
    found = Overseer(opened).doctor()
    assert (found.rejects, found.aliases, found.empty, found.garbled, opened.warnings) == ((), (), (), (), ())
    read = {source.what: source.rows for source in found.sources}
    counts = {"person": 9, "territory": 53, "patch": 49, "customer": 91, "order": 830, "order_line": 2_155}
    assert counts | {"product": 77, "supplier": 29, "shipper": 3, "posts": 9} == {
        what: rows for what, rows in read.items() if what != "members"
    }
    assert Overseer(opened).row_count() == 9 + 53 + 49 + 91 + 830 + 2_155 + 77 + 29 + 3
    (tmp_path / "salesrules.toml").write_text(text.replace("encoded_twice = true\n", ""), encoding="utf-8")
    garbled = {(each.entity, each.field): each for each in Overseer(Workspace.open(tmp_path)).doctor().garbled}
    assert {entity for entity, _ in garbled} == {"customer", "order", "product", "supplier"}
    assert (garbled["customer", "city"].example, garbled["customer", "city"].meant) == ("BrÃ¤cke", "Bräcke")


def test_dates_are_read_month_first(northwind: Workspace, raw: duckdb.DuckDBPyConnection) -> None:
    first, last = northwind.engine.rows('SELECT min(ordered_on)::VARCHAR, max(ordered_on)::VARCHAR FROM "order"')[0]
    assert (first, last) == ("1996-07-04", "1998-05-06")
    sql = """SELECT count(*) FROM orders
        WHERE strptime(ShippedDate, '%m/%d/%Y') > strptime(RequiredDate, '%m/%d/%Y')"""
    late = northwind.kpi(northwind.person(VICE_PRESIDENT), "shipped_late").rows[0][0]
    assert late == raw.sql(sql).fetchall()[0][0] > 0


@pytest.mark.parametrize(("boss", "direct"), [(VICE_PRESIDENT, 5), (MANAGER, 3)])
def test_the_reporting_tree(northwind: Workspace, boss: str, direct: int) -> None:
    asker = northwind.person(boss)
    assert northwind.see(asker, "person", where="manager = user").total == direct
    assert northwind.see(asker, "person").total == (9 if boss == VICE_PRESIDENT else 4)


@pytest.mark.parametrize("dimension", ["region", "product_group"])
def test_labels_are_those_of_the_tables(northwind: Workspace, raw: duckdb.DuckDBPyConnection, dimension: str) -> None:
    table = {"region": "RegionID, trim(RegionDescription) FROM region", "product_group": "#1, #2 FROM categories"}
    listed = dict(raw.sql(f"SELECT {table[dimension]}".replace("#1, #2", "CategoryID, CategoryName")).fetchall())
    labels = {member.id: member.label for member in northwind.pack.dimensions[dimension].members}
    assert {id: label.en for id, label in labels.items() if label} == listed
    assert all(label is not None and label.zh != label.en for label in labels.values())


# totals of every person, and so of every role


def test_net_sales_are_those_that_everybody_knows(northwind: Workspace) -> None:
    asker = northwind.person(VICE_PRESIDENT)
    ((net, count),) = northwind.kpi(asker, "net_sales").rows
    assert (round(Decimal(str(net)), 4), count) == (Decimal("1265793.0395"), 2_155)


def test_lines_that_are_rounded_first_are_rounded_half_away_from_zero(
    northwind: Workspace, raw: duckdb.DuckDBPyConnection
) -> None:
    away, even = plain(raw, VICE_PRESIDENT, "sum(round(net, 2)), sum(round_even(CAST(net AS DOUBLE), 2)) FROM lines")[0]
    assert isinstance(even, float)
    assert (away, round(even, 2)) == (Decimal("1265793.29"), 1_265_793.02)  # the other way, which bankers round
    assert northwind.kpi(northwind.person(VICE_PRESIDENT), "net_sales_rounded").rows[0][0] == away


def test_what_is_withheld_from_the_auditor_is_in_the_total(northwind: Workspace) -> None:
    auditor = northwind.person(AUDITOR)
    *groups, total = northwind.kpi(auditor, "gross_sales", ("product.group",)).rows
    assert total[1:] == northwind.kpi(auditor, "gross_sales").rows[0]
    told = [row[1] for row in groups if not isinstance(row[1], Mark)]
    assert sum(told) <= total[1]
    assert (sum(told) == total[1]) is (len(told) == len(groups))


@pytest.mark.parametrize("person", [*SELLERS, AUDITOR])
def test_what_each_person_may_count_equals_plain_sql(
    northwind: Workspace, raw: duckdb.DuckDBPyConnection, person: str
) -> None:
    asker = northwind.person(person)
    exact = {
        "net_sales_rounded": "CAST(sum(round(net, 2)) AS DECIMAL(18,2)), count(*) FROM lines",
        "gross_sales": "sum(CAST(UnitPrice AS DECIMAL(12,2)) * CAST(Quantity AS INTEGER)), count(*) FROM lines",
    }
    for kpi, select in exact.items():
        assert northwind.kpi(asker, kpi).rows == tuple(plain(raw, person, select)), kpi
    ((net, count),) = northwind.kpi(asker, "net_sales").rows
    ((expected, lines),) = plain(raw, person, "sum(net), count(*) FROM lines")
    assert (round(Decimal(str(net)), 4), count) == (expected, lines)
    if person != COORDINATOR:  # who reads the delivery of all orders, and so counts them
        select = "sum(CAST(Freight AS DECIMAL(12,2))), count(*) FROM sold"
        assert northwind.kpi(asker, "freight_cost").rows == tuple(plain(raw, person, select))


@pytest.mark.parametrize("person", SELLERS)
def test_groups_equal_plain_sql(northwind: Workspace, raw: duckdb.DuckDBPyConnection, person: str) -> None:
    asker = northwind.person(person)
    groups = {
        "product.group": "CategoryID, {} FROM lines JOIN products USING (ProductID)",
        "order.seller": "EmployeeID, {} FROM lines",
        "order.customer.country": "Country, {} FROM lines JOIN customers USING (CustomerID)",
    }
    for by, select in groups.items():
        *found, total = northwind.kpi(asker, "net_sales_rounded", (by,)).rows
        sql = select.format("CAST(sum(round(net, 2)) AS DECIMAL(18,2)), count(*)") + " GROUP BY ALL ORDER BY 1"
        assert found == plain(raw, person, sql), by
        assert total[1] == sum(row[1] for row in found), by


@pytest.mark.parametrize("person", SELLERS)
def test_lists_equal_plain_sql(northwind: Workspace, raw: duckdb.DuckDBPyConnection, person: str) -> None:
    asker = northwind.person(person)
    everything = person in (VICE_PRESIDENT, COORDINATOR)
    orders = plain(raw, person, "count(*) FROM sold")[0][0]
    assert northwind.see(asker, "order").total == (830 if everything else orders)
    assert northwind.see(asker, "order_line").total == plain(raw, person, "count(*) FROM lines")[0][0]
    territories = plain(raw, person, "count(*) FROM looked_after")[0][0]
    assert northwind.see(asker, "territory").total == (53 if person == VICE_PRESIDENT else territories)
    ours = plain(raw, person, "count(DISTINCT CustomerID) FROM sold")[0][0]
    contacts = northwind.see(asker, "customer", limit=None, columns="contact").rows
    assert len(contacts) == 91
    assert sum(row[0] is not Mark.HIDDEN for row in contacts) == (91 if everything else ours)


def test_regions_by_territory_are_many_to_many(northwind: Workspace, raw: duckdb.DuckDBPyConnection) -> None:
    for person in SELLERS[1:]:
        sql = (
            "RegionID, count(*), count(*) FROM looked_after JOIN territories USING (TerritoryID) GROUP BY 1 ORDER BY 1"
        )
        *found, _ = northwind.kpi(northwind.person(person), "territories", ("region",)).rows
        assert found == plain(raw, person, sql)


# what roles do not see


def test_the_coordinator_sees_where_orders_go_and_not_who_sold_them(northwind: Workspace) -> None:
    asker = northwind.person(COORDINATOR)
    rows = northwind.see(asker, "order", limit=None, columns="seller,ship_city").rows
    assert {row[0] for row in rows} == {COORDINATOR, Mark.HIDDEN}
    assert not any(row[1] is Mark.HIDDEN for row in rows)
    assert not northwind.can(asker, "export", "customer", "ALFKI", "phone")
    assert northwind.can(asker, "export", "customer", "ALFKI", "name")


def test_the_auditor_has_totals_and_no_record(northwind: Workspace) -> None:
    auditor = northwind.person(AUDITOR)
    assert northwind.kpi(auditor, "orders").rows == ((830, 830),)
    assert [northwind.see(auditor, entity).total for entity in northwind.pack.entities] == [0] * 9
    with pytest.raises(AccessDenied):
        northwind.why(auditor, "read", "order", "10248")
    with pytest.raises(AccessDenied):
        northwind.kpi(auditor, "territories")


def test_a_rep_gets_the_answer_of_a_missing_order_for_that_of_another(northwind: Workspace) -> None:
    rep, texts = northwind.person("1"), []
    for key in ("10248", "99999"):
        with pytest.raises(AccessDenied) as refused:
            northwind.why(rep, "read", "order", key)
        texts.append(str(refused.value).replace(key, "KEY"))
    assert texts[0] == texts[1]
