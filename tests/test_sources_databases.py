"""Tables of databases: DuckDB files, SQLite and PostgreSQL, only ever read, and what is said when they cannot be."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from salesrules.issue import PackError
from salesrules.overseeing import Overseer
from salesrules.sources.cache import FOLDER
from salesrules.workspace import Workspace
from tests.tiny_company import make

HOSTILE = 'cust"omers; drop'
ROWS = [
    ("C-1", "远山机械", "上海", "P-1", "1"),
    ("C-2", 'a "quoted", name\nof two lines', "上海", "P-2", ""),
    ("C-3", "it's", None, None, None),
]
READ = [("C-1", "远山机械", "P-1"), ("C-2", 'a "quoted", name\nof two lines', "P-2"), ("C-3", "it's", None)]
CUSTOMERS = "SELECT id, name, owner FROM customer ORDER BY id"
TABLE = "(id text, name text, region text, owner text, phone text)"


def bind(root: Path, lines: str, source: str = "") -> Path:
    """Read the customers of the tiny company from somewhere else."""
    toml = root / "salesrules.toml"
    text = toml.read_text(encoding="utf-8").replace('[sources.tiny.customer]\nfile = "customer.csv"\n', "")
    toml.write_text(f"{text}\n[sources.db]\n{source}\n[sources.db.customer]\n{lines}\n", encoding="utf-8")
    return root


def codes(root: Path) -> list[tuple[str, str]]:
    with pytest.raises(PackError) as refused:
        Workspace.open(root)
    return [(issue.code, str(issue.span)) for issue in refused.value.issues]


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return make(tmp_path)


@pytest.fixture
def duck(tiny: Path) -> Path:
    with duckdb.connect(str(tiny / "crm.duckdb")) as made:
        made.execute("CREATE SCHEMA sales")
        made.execute(f"CREATE SCHEMA archive; CREATE TABLE archive.customer {TABLE}")
        for table in (f'"{HOSTILE.replace(chr(34), chr(34) * 2)}"', "customer", "sales.client"):
            made.execute(f"CREATE TABLE {table} {TABLE}")
            made.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)", ROWS)
        made.execute("CREATE VIEW old AS SELECT *, {'a': 1} AS nested FROM customer")
    return tiny


@pytest.mark.parametrize("table", ["", f"table = '{HOSTILE}'", 'table = "sales.client"', 'table = "old"'])
def test_a_table_of_a_duckdb_file(duck: Path, table: str) -> None:
    workspace = Workspace.open(bind(duck, f'file = "crm.duckdb"\n{table}'))
    assert workspace.engine.rows(CUSTOMERS) == READ
    with duckdb.connect(str(duck / "crm.duckdb")) as again:  # it is let go of
        again.execute("DELETE FROM customer")


def test_a_duckdb_file_that_changes_is_read_again(duck: Path) -> None:
    root = bind(duck, 'file = "crm.duckdb"')
    assert len(Workspace.open(root).engine.rows(CUSTOMERS)) == 3
    with duckdb.connect(str(duck / "crm.duckdb")) as made:
        made.execute("INSERT INTO customer VALUES ('C-4', 'new', NULL, NULL, NULL)")
    assert len(Workspace.open(root).engine.rows(CUSTOMERS)) == 4


def test_a_duckdb_file_that_another_process_writes(duck: Path) -> None:
    root = bind(duck, 'file = "crm.duckdb"')
    code = f"import duckdb, sys; held = duckdb.connect({str(duck / 'crm.duckdb')!r}); print('held', flush=True)"
    holder = subprocess.Popen(
        [sys.executable, "-c", f"{code}; sys.stdin.read()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert codes(root) == [("source.locked", "salesrules.toml:12:1")]
    finally:
        holder.communicate()
    assert Workspace.open(root).engine.rows(CUSTOMERS) == READ


@pytest.mark.parametrize(
    ("lines", "code", "line"),
    [
        ('file = "crm.duckdb"\ntable = "custmer"', "source.no_table", 13),
        ('file = "crm.duckdb"\ntable = "old"\ncolumns = {phone = "nested"}', "source.nested", 14),
        ('file = "not.duckdb"', "source.unreadable", 12),
        ('file = "crm.duckdb"\nencoded_twice = true', "source.cannot_mend", 13),
    ],
)
def test_what_a_duckdb_file_can_have_wrong(duck: Path, lines: str, code: str, line: int) -> None:
    (duck / "not.duckdb").write_text("not a database " * 1000)
    assert [(c, place.split(":")[1]) for c, place in codes(bind(duck, lines))] == [(code, str(line))]


@pytest.fixture
def lite(tiny: Path) -> Path:
    made = sqlite3.connect(tiny / "crm.sqlite")
    for table in ('"' + HOSTILE.replace('"', '""') + '"', "customer", '"a.b"'):
        made.execute(f"CREATE TABLE {table} {TABLE}")
        made.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)", ROWS)
    made.commit()
    made.close()
    return tiny


@pytest.mark.parametrize("table", ["", f"table = '{HOSTILE}'", 'table = "a.b"', 'table = "main.customer"'])
def test_a_table_behind_a_url(lite: Path, table: str) -> None:
    root = bind(lite, table, 'url = "sqlite:///crm.sqlite"')
    assert Workspace.open(root).engine.rows(CUSTOMERS) == READ


def test_a_database_is_looked_at_again_when_its_time_is_over(lite: Path) -> None:
    root = bind(lite, "", 'url = "sqlite:///crm.sqlite"\nrefresh = "0s"')
    assert len(Workspace.open(root).engine.rows(CUSTOMERS)) == 3
    made = sqlite3.connect(lite / "crm.sqlite")
    made.execute("INSERT INTO customer VALUES ('C-4', 'new', NULL, NULL, NULL)")
    made.commit()
    assert len(Workspace.open(root).engine.rows(CUSTOMERS)) == 4
    toml = root / "salesrules.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('"0s"', '"100000d"'), encoding="utf-8")
    assert len(Workspace.open(root).engine.rows(CUSTOMERS)) == 4
    made.execute("DELETE FROM customer")
    made.commit()
    assert len(Workspace.open(root).engine.rows(CUSTOMERS)) == 4


def test_a_sqlite_file_that_is_not_there_is_not_made(tiny: Path) -> None:
    assert codes(bind(tiny, "", 'url = "sqlite:///crm.sqlite"')) == [("source.unreachable", "salesrules.toml:10:1")]
    assert not (tiny / "crm.sqlite").exists()


def test_a_column_of_sqlite_may_hold_anything(lite: Path) -> None:
    made = sqlite3.connect(lite / "crm.sqlite")
    made.execute("CREATE TABLE lines (number text, line int, customer text, amount decimal(10, 2), signed date)")
    rows = [("S-1", 1, "C-1", 1.234, "7/4/1996"), ("S-2", 1, "C-1", "1.234,5", None), ("S-3", 1, "C-1", "x", "soon")]
    made.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?)", rows)
    made.commit()
    toml = lite / "salesrules.toml"
    text = toml.read_text(encoding="utf-8").replace('[sources.tiny.order]\nfile = "order.csv"\n', "")
    said = 'url = "sqlite:///crm.sqlite"\ndecimal = ","\nthousands = "."\n[sources.db.order]\ntable = "lines"\n'
    toml.write_text(f"{text}\n[sources.db]\n{said}", encoding="utf-8")
    opened = Workspace.open(lite)
    found = opened.engine.rows('SELECT number, amount FROM "order" ORDER BY 1')
    assert [(number, str(amount)) for number, amount in found] == [("S-1", "1.23"), ("S-2", "1234.50")]
    assert [(reject.field, reject.example) for reject in opened.rejects] == [("amount", "x")]


def test_what_must_be_installed_is_named(lite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = bind(lite, "", 'url = "sqlite:///crm.sqlite"')
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(PackError, match=r"source\.needs_extra.*salesrules\[sql\]"):
        Workspace.open(root)


def test_secrets_stand_in_the_environment_only(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    literal = bind(tiny, "", 'url = "postgresql://crm:hush@localhost/crm"')
    assert codes(literal) == [("workspace.password", "salesrules.toml:10:1")]
    toml = tiny / "salesrules.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("postgresql://crm:hush@localhost/crm", "env:CRM_URL"))
    assert codes(tiny) == [("source.no_variable", "salesrules.toml:10:1")]
    monkeypatch.setenv("CRM_URL", "no url")
    assert codes(tiny) == [("source.bad_url", "salesrules.toml:10:1")]
    monkeypatch.setenv("CRM_URL", "nosuch://crm:hush@localhost/crm")
    assert codes(tiny) == [("source.needs_driver", "salesrules.toml:10:1")]
    monkeypatch.setenv("CRM_URL", "postgresql://crm:hush@/crm?host=/nowhere/hush")
    with pytest.raises(PackError) as refused:
        Workspace.open(tiny)
    assert [issue.code for issue in refused.value.issues] == ["source.unreachable"]
    assert "hush" not in refused.value.issues[0].line()


@pytest.fixture
def server(postgres: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """A schema of its own on the server, whose address stands in the environment, for statements."""
    postgres.execute("DROP SCHEMA IF EXISTS crm CASCADE")
    postgres.execute("CREATE SCHEMA crm")
    found = psycopg.conninfo.conninfo_to_dict(postgres.info.dsn)
    address = f"postgresql://{found['user']}@/{found['dbname']}?host={found['host']}"
    monkeypatch.setenv("CRM_URL", address)
    yield postgres.execute
    postgres.execute("DROP SCHEMA crm CASCADE")


def test_postgres_types_arrive_as_they_are(tiny: Path, server: Callable[..., Any]) -> None:
    server("""
        CREATE TABLE crm.lines AS SELECT 'S-' || n AS number, n AS line, 'C-1'::varchar AS customer,
            1000.50::numeric(12, 2) AS amount FROM generate_series(1, 12000) AS n
    """)
    toml = tiny / "salesrules.toml"
    text = toml.read_text(encoding="utf-8").replace('[sources.tiny.order]\nfile = "order.csv"\n', "")
    bound = '[sources.crm]\nurl = "env:CRM_URL"\ndecimal = ","\n[sources.crm.order]\ntable = "crm.lines"\n'
    toml.write_text(f"{text}\n{bound}", encoding="utf-8")
    workspace = Workspace.open(tiny)
    found = workspace.engine.rows('SELECT count(*), sum(amount), min(CAST(line AS INT)) FROM "order"')
    assert [str(cell) for cell in found[0]] == ["12000", "12006000.00", "1"]
    assert workspace.rejects == ()
    assert "env:CRM_URL" in Overseer(workspace).doctor().sources[-2].file


def test_nothing_can_be_written_through_a_source(tiny: Path, server: Callable[..., Any]) -> None:
    server(f"CREATE TABLE crm.log (seen int); CREATE TABLE crm.people {TABLE}")
    server("INSERT INTO crm.people VALUES ('C-1', 'a', NULL, NULL, NULL)")
    server("""CREATE FUNCTION crm.noted(id text) RETURNS text LANGUAGE sql
        AS $$ INSERT INTO crm.log VALUES (1); SELECT id $$""")
    server("CREATE VIEW crm.customer AS SELECT crm.noted(id) AS id, name, region, owner, phone FROM crm.people")
    root = bind(tiny, 'table = "crm.customer"', 'url = "env:CRM_URL"')
    with pytest.raises(PackError, match=r"source\.unreachable.*read-only transaction"):
        Workspace.open(root)
    assert server("SELECT count(*) FROM crm.log").fetchone() == (0,)


def test_a_value_that_no_day_holds_is_told(tiny: Path, server: Callable[..., Any]) -> None:
    server(f"CREATE TABLE crm.customer {TABLE}; ALTER TABLE crm.customer ALTER phone TYPE date USING NULL")
    server("INSERT INTO crm.customer VALUES ('C-1', 'a', NULL, NULL, 'infinity')")
    root = bind(tiny, 'table = "crm.customer"', 'url = "env:CRM_URL"')
    assert codes(root) == [("source.unreachable", "salesrules.toml:10:1")]


def test_a_database_that_goes_away_in_the_middle(tiny: Path, server: Callable[..., Any]) -> None:
    server("""
        CREATE VIEW crm.customer AS SELECT 'C-' || n AS id,
            CASE WHEN n = 20000 THEN pg_terminate_backend(pg_backend_pid())::text ELSE 'a' END AS name,
            NULL::text AS region, NULL::text AS owner, NULL::text AS phone FROM generate_series(1, 30000) AS n
    """)
    root = bind(tiny, 'table = "crm.customer"', 'url = "env:CRM_URL"')
    assert codes(root) == [("source.unreachable", "salesrules.toml:10:1")]
    assert list((root / FOLDER).iterdir()) == []


def test_tables_that_a_pack_names_come_from_databases_too(tiny: Path, server: Callable[..., Any]) -> None:
    server("CREATE TABLE crm.posts (person text, role text, region text, since date, until timestamp)")
    server("INSERT INTO crm.posts VALUES ('P-1', 'rep', '上海', '2001-01-01', '2001-12-31 00:00:00')")
    roles = tiny / "rules/tiny/roles.yaml"
    text = roles.read_text(encoding="utf-8")
    said = "{source: hr, file: crm.posts, columns: {from: since, to: until}}"
    roles.write_text(text.replace("{file: data/post.csv}", said), encoding="utf-8")
    toml = tiny / "salesrules.toml"
    bound = '\n[sources.hr]\nurl = "env:CRM_URL"\nto_inclusive = true\n'
    toml.write_text(toml.read_text(encoding="utf-8") + bound, encoding="utf-8")
    (post,) = Workspace.open(tiny).snapshot.organisation.posts["P-1"]
    assert (str(post.start), str(post.end)) == ("2001-01-01", "2002-01-01")
