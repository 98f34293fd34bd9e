"""What a client's database can have wrong, or do while it is asked: it is told, nothing opens, nothing stays there."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from salesrules.demo import make
from salesrules.issue import EngineError, PackError
from salesrules.sources.settings.bindings import read_settings
from tests.client_database import DEAL, GOOD, Client, bad, client, left_out
from tests.in_place import VARIABLE

__all__ = ["client"]


def test_rows_are_live_and_nothing_is_left_in_the_database(client: Client) -> None:
    tables = "SELECT count(*) FROM pg_class"
    (before,) = client.postgres.execute(tables).fetchone()
    workspace = client.open()
    assert client.seen() == ["D1"]
    client.run("INSERT INTO h.deal (id, region, amount) VALUES ('D0', 'east', 7)")
    assert client.seen() == ["D0", "D1"]
    assert client.seen("region") == ["east", "east"]
    client.run("UPDATE h.deal SET region = 'nowhere' WHERE id = 'D1'")
    assert client.seen() == ["D0"]
    workspace.engine.close()
    time.sleep(0.5)  # the server drops what was temporary when it notices
    assert client.postgres.execute(tables).fetchone() == (before,)


def test_questions_cannot_write(client: Client) -> None:
    engine = client.open().engine
    client.run("GRANT ALL ON h.deal TO reader")
    for statement in ("DELETE FROM h.deal", "CREATE TABLE h.x (a int)", "CREATE TEMPORARY TABLE x (a int)"):
        with pytest.raises(EngineError) as refused:
            engine.rows(statement)
        assert "read-only" in refused.value.said


def test_the_owner_may_change_tables_while_they_are_read(client: Client) -> None:
    client.open()
    client.run("ALTER TABLE h.deal ADD COLUMN more text")
    assert client.seen() == ["D1"]
    client.run("ALTER TABLE h.person RENAME TO people")
    client.run("ALTER TABLE h.deal DROP COLUMN made_on")


CHANGES = [
    "ALTER TABLE h.deal DROP COLUMN amount",
    "ALTER TABLE h.deal RENAME COLUMN amount TO price",
    "ALTER TABLE h.deal ALTER COLUMN seen_at TYPE timestamp",
    "ALTER TABLE h.deal ALTER COLUMN pieces TYPE text",
    "ALTER TABLE h.deal DROP CONSTRAINT deal_pkey",
    "DROP TABLE h.deal",
    "DROP TABLE h.deal; CREATE TABLE h.deal AS SELECT 1 AS id",
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_table_that_changes_is_told_and_not_misread(client: Client, change: str) -> None:
    client.open()
    client.run(change)
    with pytest.raises(EngineError) as refused:
        client.seen()
    assert [issue.code for issue in refused.value.issues] == ["engine.changed"]


def test_a_view_and_strange_names_are_read(client: Client) -> None:
    client.run("""ALTER TABLE h.deal RENAME TO "Old. 'Deals'"; GRANT SELECT ON h."Old. 'Deals'" TO reader""")
    client.run("""ALTER TABLE h."Old. 'Deals'" RENAME made_on TO "MADE ""on"" $day %s" """)
    path = client.root / "salesrules.toml"
    before = path.read_text(encoding="utf-8")
    mapped = "columns = {made_on = 'MADE \"on\" $day %s'}"
    client.settings("""table = '"h"."deal"'""", f"""table = "h.\\"Old. 'Deals'\\""\n{mapped}""")
    client.open()
    assert client.seen() == ["D1"]
    client.workspace.engine.close()
    client.run("""CREATE VIEW h.deal AS SELECT *, "MADE ""on"" $day %s" AS made_on FROM h."Old. 'Deals'" """)
    client.run("GRANT SELECT ON h.deal TO reader")
    path.write_text(before, encoding="utf-8")
    client.open()
    client.run("""INSERT INTO h."Old. 'Deals'" (id) VALUES ('D2')""")
    assert client.seen() == ["D1", "D2"]


def test_keys_that_stand_twice_are_left_out_also_later(client: Client) -> None:
    client.deals(DEAL, [GOOD, GOOD, ("D2", *GOOD[1:])], key="")
    workspace = client.open()
    assert left_out(workspace) == {"id": ("duplicate_key", 2, "D1")}
    assert client.seen() == ["D2"]
    client.run("INSERT INTO h.deal (id) VALUES ('D2'), ('D3')")
    assert client.seen() == ["D3"]


def test_a_table_that_others_inherit_from_is_not_taken_for_unique(client: Client) -> None:
    client.run("CREATE TABLE h.child () INHERITS (h.deal); INSERT INTO h.child (id) VALUES ('D1'), ('D2')")
    assert left_out(client.open()) == {"id": ("duplicate_key", 2, "D1")}
    assert client.seen() == ["D2"]


def test_references_that_lead_nowhere_are_emptied_and_counted(client: Client) -> None:
    client.deals(DEAL, [GOOD, bad(id="D2", owner="P9"), bad(id="D3", owner="P1 "), bad(id="D4", owner="")])
    assert left_out(client.open()) == {"owner": ("dangling", 2, "P1 ")}
    assert client.seen("owner") == ["P1", None, None, None]


def test_row_level_security_of_the_database_holds(client: Client) -> None:
    client.run("INSERT INTO h.deal (id) VALUES ('D2')")
    client.run("ALTER TABLE h.deal ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON h.deal USING (id <> 'D2')")
    client.open()
    assert client.seen() == ["D1"]


def test_rows_come_in_the_order_of_their_characters(client: Client) -> None:
    keys = ["b", "B", "a", "é", "客", "_", "Ä", "10", "9", "a b", "ab"]
    client.deals(
        {**DEAL, "id": 'text COLLATE "ucs_basic"', "owner": 'varchar(9) COLLATE "C"'}, [bad(id=k) for k in keys]
    )
    client.open()
    assert client.seen() == sorted(keys)
    assert set(client.seen("owner")) == {"P1"}


def test_functions_of_the_database_do_not_stand_in_for_those_of_postgresql(client: Client) -> None:
    client.deals({**DEAL, "region": "varchar"}, [GOOD])
    client.run("CREATE FUNCTION public.btrim(varchar) RETURNS text LANGUAGE sql AS $$ SELECT 'west'::text $$")
    try:
        client.open()
        assert client.seen("region") == ["east"]
    finally:
        client.run("DROP FUNCTION public.btrim(varchar)")


PASSWORD = 'a password does not belong into salesrules.toml: write url = "env:NAME" and set NAME in the environment'
REFUSED: dict[str, tuple[Callable[[Client], None], list[str]]] = {
    "no such table": (
        lambda c: c.settings('"deal"\'', '"deals"\''),
        [f'env:{VARIABLE} has no table `"h"."deals"`; did you mean `h.deal`?'],
    ),
    "no such column": (
        lambda c: c.run("ALTER TABLE h.deal RENAME COLUMN amount TO amounts"),
        ['"h"."deal" has no column `amount`; did you mean `amounts`?'],
    ),
    "no right to the table": (
        lambda c: c.run("REVOKE SELECT ON h.deal FROM reader"),
        ['the login may not read `"h"."deal"`: GRANT USAGE on its schema and SELECT on it'],
    ),
    "no right to the schema": (
        lambda c: c.run("REVOKE USAGE ON SCHEMA h FROM reader"),
        [
            f'the login may not read `"h"."{table}"`: GRANT USAGE on its schema and SELECT on it'
            for table in ("person", "deal")
        ],
    ),
    "no right to a column": (
        lambda c: c.run(
            "REVOKE SELECT ON h.deal FROM reader; GRANT SELECT (id, owner, region, pieces, share, weight, big, made_on,"
            " seen_at) ON h.deal TO reader"
        ),
        ['"h"."deal" has no column `amount`'],
    ),
    "a part elsewhere": (
        lambda c: c.settings('[sources.crm."deal"]', "[sources.files.deal]\nfile = 'x.csv'\n[sources.crm.other]"),
        [
            "`crm` is read in place, but deal are not bound to it: bind them to tables there too, or read all of them"
            " from files"
        ],
    ),
    "a password": (
        lambda c: c.settings(f"env:{VARIABLE}", "postgresql://reader:secret@host/db"),
        [PASSWORD],
    ),
    "a password among options": (
        lambda c: c.settings(f"env:{VARIABLE}", "postgresql://host/db?password=secret"),
        [PASSWORD],
    ),
    "another database": (
        lambda c: c.settings(f"env:{VARIABLE}", "mysql://host/db"),
        [
            "the address of source `crm` is none of PostgreSQL: postgresql://user:password@host/database, with"
            " %2F for `/` and %40 for `@` in a password"
        ],
    ),
    "no variable": (
        lambda c: c.settings(VARIABLE, "SALESRULES_NOWHERE"),
        ["the environment has no variable `SALESRULES_NOWHERE`"],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_told_with_what_to_do(client: Client, case: str) -> None:
    spoil, texts = REFUSED[case]
    spoil(client)
    assert client.refusals() == texts


SETTINGS = {  # what stands in a source, and what is said of it
    'url = "env:X"\nin_place = "yes"': "workspace.wrong",
    'url = "env:X"\nstatement_timeout = "30s"': "workspace.missing_key",
    'url = "postgresql://u:secret@[::1/db"\nin_place = true': "workspace.password",
    'url = "env:X"\nin_place = true\nstatement_timeout = 30': "workspace.wrong",
    'url = "env:X"\nin_place = true\nstatement_timeout = "30 s"': "workspace.wrong",
    'url = "env:X"\nin_place = true\nfolder = "data"': "workspace.not_in_place",
    'url = "env:X"\nin_place = true\ndeal = {file = "deal.csv"}': "workspace.not_in_place",
    'url = "env:X"\nin_place = true\ndeal = {table = "deal", sheet = "x"}': "workspace.not_in_place",
    'in_place = true\ndeal = {table = "deal"}': "workspace.missing_key",
}


@pytest.mark.parametrize("text", SETTINGS)
def test_settings_are_checked(text: str, tmp_path: Path) -> None:
    (tmp_path / "salesrules.toml").write_text(f"[sources.crm]\n{text}", encoding="utf-8")
    with pytest.raises(PackError) as refused:
        read_settings(tmp_path)
    assert SETTINGS[text] in {issue.code for issue in refused.value.issues}
    assert all(issue.text("zh") for issue in refused.value.issues)


def test_the_driver_is_wanted_only_where_it_is_needed(client: Client) -> None:
    code = "import sys; sys.modules['psycopg'] = None; from pathlib import Path; import salesrules.cli"
    code += "; from salesrules.workspace import Workspace; Workspace.open(Path(sys.argv[1]))"
    run = subprocess.run([sys.executable, "-c", code, str(client.root)], capture_output=True, text=True, check=False)
    assert run.stderr.splitlines()[-1].endswith(
        "source.needs_extra: to read crm install the extra: pip install 'salesrules[postgres]'"
    )
    make(client.root)
    assert subprocess.run([sys.executable, "-c", code, str(client.root)], check=False).returncode == 0


@pytest.mark.parametrize("url", ["postgresql://u:pa/ss@host:1/db", "postgresql://u:secret@[::1/db"])
def test_an_address_is_never_repeated(client: Client, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, url)
    with pytest.raises((EngineError, PackError)) as refused:
        client.open()
    assert not [word for word in ("pa", "ss@", "secret") if word in str(refused.value).replace("password", "")]


END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'"


def test_a_lost_connection_is_made_anew(client: Client) -> None:
    client.open()
    assert client.seen() == ["D1"]
    for _ in range(3):
        client.run(END)
        assert client.seen("region") == ["east"]


def test_what_is_large_lies_in_temporary_tables_that_come_back(client: Client) -> None:
    client.run("INSERT INTO h.person SELECT 'Q' || n, 'P1' FROM generate_series(1, 300) AS n")
    engine = client.open().engine
    temporary = "SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relname = 'tree person'"
    for _ in range(2):
        assert client.postgres.execute(temporary).fetchone() == (1,)
        assert engine.rows('SELECT count(*), max(rgt) FROM "tree person" WHERE depth = 1') == [(300, 301)]
        client.run(END)
        assert client.seen() == ["D1"]


def test_a_server_that_goes_in_the_middle_of_a_question_is_asked_again_or_told(client: Client) -> None:
    engine = client.open().engine
    done: list[Any] = []

    def asks() -> None:
        try:
            done.append(engine.rows("SELECT pg_sleep(2), 1"))
        except EngineError as error:
            done.append(error)

    asking = threading.Thread(target=asks)
    asking.start()
    time.sleep(0.5)
    client.run(END)
    asking.join()
    assert [row[1] for row in done[0]] == [1]
    client.run("ALTER ROLE reader NOLOGIN")
    client.run(END)
    try:
        with pytest.raises(EngineError, match=r"engine\.failed"):
            client.seen()
    finally:
        client.run("ALTER ROLE reader LOGIN")
    assert client.seen() == ["D1"]


def test_a_question_that_takes_too_long_is_ended(client: Client) -> None:
    client.settings("in_place = true", 'in_place = true\nstatement_timeout = "300ms"')
    engine = client.open().engine
    with pytest.raises(EngineError, match=r"engine\.timeout"):
        engine.rows("SELECT pg_sleep(5)")
    assert client.seen() == ["D1"]


def test_many_threads_ask_at_once(client: Client) -> None:
    client.open()
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(client.seen())) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["D1"]] * 12
    (count,) = client.postgres.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'").fetchone()
    assert count <= 4
