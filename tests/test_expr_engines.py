"""What reads more than one row, asked of DuckDB, PostgreSQL and the reference: aggregates, related rows, lookups."""

import math
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import duckdb
import pytest

from salesrules.expr.dialects import DUCKDB, POSTGRES
from salesrules.expr.kinds import Kind
from salesrules.expr.python import Closure
from salesrules.expr.sql import literal, quoted, to_sql
from salesrules.expr.typed import Leaf
from tests.expr_world import KPI, column_of, meaning, rows_of, table_of
from tests.reference import figure, value
from tests.working_time import PRODUCT, WALKED, make_tables

FORMULAS = [
    "sum(amount)",
    "sum(amount) filter (where stage = 'won' and not vip)",
    "count(*)",
    "count(name)",
    "count(distinct owner)",
    "count(*) filter (where vip) / count(*)",
    "sum(amount) / sum(paid)",
    "(sum(amount) - sum(paid)) / nullif(sum(paid), 0)",
    "sum(amount) filter (where stage = 'won') / count(distinct customer)",
    "avg(amount)",
    "avg(n)",
    "min(made_on)",
    "max(paid) - min(paid)",
    "median(amount)",
    "median(discount)",
    "quantile(amount, 90%)",
    "quantile(n, 0%)",
    "sum(round(amount * discount, 2))",
    "sum(amount * discount)",
    "sum(n) filter (where n between -100 and 100)",
    "sum(case when vip then amount else 0 end)",
    "sum(amount) filter (where name = 'nobody')",
    "coalesce(sum(amount) filter (where name = 'nobody'), 0)",
    "count(*) filter (where within(region, 'east'))",
    "sum(paid) >= sum(amount) * 80%",
]


def close(found, expected):
    """Exact for counts, sums of amounts and dates; within 1e-9 for doubles, whose order of summing is the engine's."""
    if isinstance(found, float) and isinstance(expected, float | int | Decimal):
        return math.isclose(found, float(expected), rel_tol=1e-9)
    return found == expected


@pytest.fixture(scope="module")
def ask(postgres):
    """A function from SQL for both engines to one value, over 400 hostile rows."""
    rows = rows_of(Random(2), 400)
    create, tuples = table_of(rows)
    marks = ", ".join("?" * len(tuples[0]))
    duck = duckdb.connect()
    duck.execute(create)
    duck.executemany(f"INSERT INTO cells VALUES ({marks})", tuples)
    postgres.execute("DROP TABLE IF EXISTS cells")
    postgres.execute(create)
    with postgres.cursor() as cursor:
        cursor.executemany(f"INSERT INTO cells VALUES ({marks.replace('?', '%s')})", tuples)
    engines = {DUCKDB: lambda sql: duck.cursor().execute(sql), POSTGRES: lambda sql: postgres.execute(sql.encode())}
    return rows, engines


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_the_same_figure_everywhere(ask, text):
    rows, engines = ask
    tree = meaning(text, KPI)
    expected = figure(tree, rows)
    for dialect, run in engines.items():
        sql = to_sql(tree, lambda leaf: quoted(column_of(leaf)), dialect)
        (found,) = run(f"SELECT {sql} FROM cells").fetchone()
        assert close(found, expected), (dialect.name, found, expected)


class Team:
    """How a query of these tests reaches the team of a deal: its columns are those of the table, its key is `id`."""

    def __init__(self, related):
        self.related = related

    def name_of(self, leaf):
        return f"m.{quoted(leaf.path[0])}" if leaf.root == "many" else f"cells.{quoted(column_of(leaf))}"

    def source(self):
        return f"FROM {self.related.entity} AS m WHERE m.{quoted(self.related.by)} = cells.id"


RELATED = [
    "some(team, true)",
    "some(team, person = user)",
    "some(team, share is null)",
    "not some(team, share > 50%) and vip",
    "count(team)",
    "count(team, person = user and share >= 10%)",
    "count(team) > 1 or some(team, since < date '2025-01-01')",
]


@pytest.fixture(scope="module")
def team(ask):
    """Who works on which deal, with nulls, in both engines and as leaves."""
    random = Random(3)
    people, shares = ["li", "wu", "王伟", None], [Decimal("0.1"), Decimal("0.5"), Decimal("0.6"), None]
    days = [date(2024, 1, 1), None]
    rows = [
        (random.randrange(300), *(random.choice(options) for options in (people, shares, days))) for _ in range(500)
    ]
    lines = ", ".join("(" + ", ".join(map(literal, row)) + ")" for row in rows)
    for run in ask[1].values():
        run("DROP TABLE IF EXISTS deal_team")
        run('CREATE TABLE deal_team (deal BIGINT, person VARCHAR, share DECIMAL(9,6), "from" DATE)')
        run(f"INSERT INTO deal_team VALUES {lines}")
    kinds = {"person": Kind("ref", "person"), "share": Kind("percent"), "from": Kind("date")}
    leaves = [Leaf(kind, "many", (name,)) for name, kind in kinds.items()]
    return [(row[0], dict(zip(leaves, row[1:], strict=True))) for row in rows]


@pytest.mark.parametrize("text", RELATED)
def test_related_rows_are_the_same_everywhere(ask, team, text):
    rows, engines = ask
    tree = meaning(text)
    closure = Closure(tree)
    (of_deal,) = closure.related_reads
    expected = []
    for number, row in enumerate(rows):
        mine = [member for deal, member in team if deal == number]
        flat = {**row, of_deal: [[member[leaf] for leaf in closure.related_reads[of_deal]] for member in mine]}
        expected.append(value(tree, {**row, of_deal: mine}))
        assert closure.value([flat[leaf] for leaf in closure.reads]) == expected[-1]
    assert len(set(expected)) > 1
    for dialect, run in engines.items():
        sql = to_sql(tree, lambda leaf: f"cells.{quoted(column_of(leaf))}", dialect, Team)
        assert [found for (found,) in run(f"SELECT {sql} FROM cells ORDER BY id").fetchall()] == expected


LEAVE = [("li", date(2026, 1, 5), date(2026, 1, 9)), ("wu", date(2026, 1, 5), None)]
LIMITS = {("east", "rep"): 100, ("west", "rep"): 50}
TABLES = {
    **PRODUCT,
    "leave": lambda who, day: any(p == who and a <= day and (b is None or day < b) for p, a, b in LEAVE),
    "hold_max": lambda region, role: LIMITS.get((region, role)),
}
NEW_YEAR = [date(2025, 12, 30) + timedelta(at) for at in range(8)]  # days off, and a Sunday that is worked
MOMENTS = ["12-31 11:59", "12-31 12:00", "12-31 12:30", "12-31 18:00", "12-31 17:59:59.5", "12-28 10:00", "12-27 10:15"]
LOOKUPS = [
    *(f"date '{day}' {sign} {count}wd" for day in NEW_YEAR for sign in "+-" for count in (1, 3)),
    *(f"timestamp '2025-{at}' {sign} {count}wh" for at in MOMENTS for sign in "+-" for count in (1, 3, 20)),
    "made_on + 250wd",
    "made_on - 250wd",
    "called_at + 1wh",
    "seen_at - 9wh",
    "called_at + 2000wh - 2000wh",
    "seen_at - 40wh + 40wh + 1wh",
    "on_leave(owner, date '2026-01-08')",
    "on_leave(owner, date '2026-01-09')",
    "not on_leave(user, made_on)",
    "hold_max(region, post.role) >= 60",
    "hold_max('华东', 'rep') + n",
]


@pytest.fixture(scope="module")
def tables(ask):
    """The tables that lookups read, in both engines."""
    leave = ", ".join(f"({literal(who)}, {literal(start)}, {literal(end)})" for who, start, end in LEAVE)
    limits = ", ".join(f"('{region}', '{role}', {limit})" for (region, role), limit in LIMITS.items())
    for run in ask[1].values():
        make_tables(run)
        for table, columns, lines in (
            ('"#leave"', 'person VARCHAR, "from" DATE, "to" DATE', leave),
            ('"table hold_max"', "k1 VARCHAR, k2 VARCHAR, value BIGINT", limits),
        ):
            run(f"DROP TABLE IF EXISTS {table}")
            run(f"CREATE TABLE {table} ({columns})")
            run(f"INSERT INTO {table} VALUES {lines}")


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("text", LOOKUPS)
def test_lookups_are_the_same_everywhere(ask, text):
    rows, engines = ask
    tree = meaning(text)
    closure = Closure(tree, TABLES)
    expected = [value(tree, row, TABLES | WALKED) for row in rows]
    assert [closure.value([row[leaf] for leaf in closure.reads]) for row in rows] == expected
    assert set(expected) != {None}
    for dialect, run in engines.items():
        sql = to_sql(tree, lambda leaf: f"cells.{quoted(column_of(leaf))}", dialect)
        assert [found for (found,) in run(f"SELECT {sql} FROM cells ORDER BY id").fetchall()] == expected
