"""The pack `adventureworks` on rows that nobody here wrote: every total equals SQL on the raw files, to the cent."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from salesrules.issue import AccessDenied
from salesrules.run.answer import Mark
from salesrules.workspace import Workspace

REP, MANAGER, VICE_PRESIDENT = "276", "274", "273"
EVERYONE = "77548570.20"

# Who lies below whom is worked out by SQL recursion on the raw file, not by us.
BELOW = """
WITH RECURSIVE below(id) AS (
    SELECT '{person}' UNION SELECT business_entity_id FROM employee JOIN below ON manager_id = below.id
)
SELECT {select} FROM sales JOIN key_map ON EmployeeKey = employee_key JOIN below ON business_entity_id = below.id
LEFT JOIN reseller USING (ResellerKey) LEFT JOIN territory ON SalesTerritoryKey = territory_id {rest}
"""
AMOUNT = "sum(CAST(SalesAmount AS DECIMAL(18,2)))"


@pytest.fixture(scope="module")
def raw(adventureworks_rows: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    files = {
        "employee": "employee",
        "sales": "pl300_fact_reseller_sales",
        "key_map": "employee_key_map",
        "reseller": "pl300_resellers",
        "territory": "sales_territory",
    }
    for name, file in files.items():
        path = adventureworks_rows / f"{file}.csv"
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{path}', all_varchar = true)")
    return connection


def test_nothing_is_lost(adventureworks: Workspace, raw: duckdb.DuckDBPyConnection) -> None:
    assert adventureworks.rejects == ()
    tables = ("employee", "key_map", "reseller", "sales")
    expected = sum(raw.sql(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in tables)
    assert adventureworks.row_count() == expected


@pytest.mark.parametrize("person", [REP, MANAGER, VICE_PRESIDENT, "285", "288", "290"])
def test_sales_equal_plain_sql_for_each_person(
    adventureworks: Workspace, raw: duckdb.DuckDBPyConnection, person: str
) -> None:
    total, count = raw.sql(BELOW.format(person=person, select=f"{AMOUNT}, count(*)", rest="")).fetchall()[0]
    asker = adventureworks.person(person)
    assert adventureworks.kpi(asker, "sales").rows == ((total, count),)
    assert adventureworks.see(asker, "order_line").total == count


def test_the_vice_president_sees_every_sale(adventureworks: Workspace) -> None:
    assert adventureworks.kpi(adventureworks.person(VICE_PRESIDENT), "sales").rows == ((Decimal(EVERYONE), 57_851),)


@pytest.mark.parametrize("person", [REP, MANAGER, VICE_PRESIDENT])
def test_groups_equal_plain_sql(adventureworks: Workspace, raw: duckdb.DuckDBPyConnection, person: str) -> None:
    sql = BELOW.format(person=person, select=f"territory.name, {AMOUNT}, count(*)", rest="GROUP BY ALL ORDER BY ALL")
    *groups, total = adventureworks.kpi(adventureworks.person(person), "sales", ("region",)).rows
    assert groups == raw.sql(sql).fetchall()
    assert total[1] == sum(row[1] for row in groups)


def test_the_filter_counts_warehouses_under_both_spellings(
    adventureworks: Workspace, raw: duckdb.DuckDBPyConnection
) -> None:
    rest = "WHERE BusinessType IN ('Warehouse', 'Ware House')"
    found = raw.sql(BELOW.format(person=MANAGER, select=AMOUNT, rest=rest)).fetchall()[0][0]
    assert adventureworks.kpi(adventureworks.person(MANAGER), "warehouse_sales").rows[0][0] == found
    dirty = raw.sql("SELECT count(*) FROM reseller WHERE BusinessType = 'Ware House'").fetchall()[0][0]
    clean = adventureworks.engine.rows("SELECT count(*) FROM customer WHERE channel = 'warehouse'")[0][0]
    assert (dirty, clean) == (5, 232)


def test_territories_are_a_tree_of_three_levels(adventureworks: Workspace) -> None:
    tree = adventureworks.snapshot.organisation.trees["region"].on(adventureworks.today())
    top, country, territory = tree["North America"], tree["US"], tree["Northwest"]
    assert top[0] < country[0] < territory[0] <= territory[1] <= country[1] <= top[1]
    assert not top[0] <= tree["France"][0] <= top[1]


def test_cost_is_the_managers_alone(adventureworks: Workspace) -> None:
    rep, manager = adventureworks.person(REP), adventureworks.person(MANAGER)
    key = "SO43663/322"
    assert all(row[-1] is Mark.HIDDEN for row in adventureworks.see(rep, "order_line").rows)
    assert not any(row[-1] is Mark.HIDDEN for row in adventureworks.see(manager, "order_line").rows)
    assert adventureworks.can(rep, "read", "order_line", key, "amount")
    assert not adventureworks.can(rep, "read", "order_line", key, "cost")
    assert adventureworks.can(manager, "read", "order_line", key, "cost")
    (why,) = adventureworks.why(manager, "read", "order_line", key, "cost")
    assert [(line.grant.span.line, line.holds) for line in why.lines] == [(6, True)]


def test_another_rep_gets_the_answer_of_a_missing_record(adventureworks: Workspace) -> None:
    other = adventureworks.person("277")
    texts = []
    for key in ("SO43663/322", "SO00000/322"):
        with pytest.raises(AccessDenied) as refused:
            adventureworks.why(other, "read", "order_line", key)
        texts.append(str(refused.value).replace(key, "KEY"))
    assert texts[0] == texts[1]


def test_a_kpi_on_a_hidden_category_is_refused(adventureworks: Workspace) -> None:
    with pytest.raises(AccessDenied) as refused:
        adventureworks.kpi(adventureworks.person(REP), "sales", ("cost",))
    assert [issue.code for issue in refused.value.issues] == ["access.kpi_refused"]
