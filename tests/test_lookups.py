"""Value tables: the most specific row of the day, by SQL and by function as by a slow search; ties and bad cells."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from pathlib import Path
from random import Random

import openpyxl
import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.expr.dialects import DUCKDB
from salesrules.expr.sql import literal
from salesrules.issue import Issue, PackError
from salesrules.sources.org.lookups import lookup_sql
from salesrules.workspace import Workspace
from tests.related_company import REGIONS, company, write, write_csv
from tests.workspace_files import write_files

Line = tuple[str, str, int, str, str]
DAYS = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 31), date(2026, 4, 1), date(2026, 6, 30), date(2026, 7, 1)]
ASKED = list(product([*REGIONS, "*"], ["rep", "boss", "*"], DAYS))  # a post may be bound to all members


def above(region: str) -> list[str]:
    """A region and all that it lies below, from the most specific to `*`."""
    found: list[str] = []
    at: str | None = region
    while at is not None and at != "*":
        found.append(at)
        at = REGIONS[at]
    return [*found, "*"]


def found_by_hand(lines: list[Line], region: str, role: str, day: date) -> int | str | None:
    """The value of the one row that says as much as every other row that holds, `tie` if there is none."""
    regions, roles = above(region), [role, "*"]
    held = [
        line
        for line in lines
        if line[0] in regions
        and line[1] in roles
        and (not line[3] or date.fromisoformat(line[3]) <= day)
        and (not line[4] or day < date.fromisoformat(line[4]))
    ]
    best = [
        line
        for line in held
        if all(
            regions.index(line[0]) <= regions.index(other[0]) and roles.index(line[1]) <= roles.index(other[1])
            for other in held
        )
    ]
    return None if not held else best[0][2] if len(best) == 1 else "tie"


def has_hole(lines: list[Line], true: dict[tuple[str, str, date], int | str | None]) -> bool:
    """Whether two members have no value on a day from the first to the last that the table names."""
    named = [date.fromisoformat(line[3]) for line in lines if line[3]]
    named += [date.fromisoformat(line[4]) - timedelta(1) for line in lines if line[4]]
    first, last = (min(named), max(named)) if named else (DAYS[0], DAYS[-1])
    return any(
        value is None and "*" not in (region, role) and first <= day <= last
        for (region, role, day), value in true.items()
    )


def some_lines(draw: Random) -> list[Line]:
    """Rows of a table, in any order; some tables have ties."""
    days = ["", "", "2026-01-01", "2026-04-01", "2026-07-01"]
    lines = []
    for n in range(draw.randint(1, 7)):
        start, end = draw.choice(days), draw.choice(days)
        end = "" if end <= start else end
        lines.append((draw.choice([*REGIONS, "*", "*"]), draw.choice(["rep", "boss", "*", "*"]), n, start, end))
    return lines


FILES = {
    "salesrules.toml": 'pack = "limits"\n[sources.data.person]\nfile = "person.csv"\n',
    "person.csv": "id\nP-1\n",
    "posts.csv": "person,role,region,from,to\nP-1,rep,*,,\n",
    "rules/limits/pack.yaml": """
        # yaml-language-server: $schema=../../schema/pack.schema.json
        pack: limits
        version: 1.0.0
        label: {en: Limits, zh: 限额}
        currency: CNY
        timezone: Asia/Shanghai
        """,
    "rules/limits/dimensions.yaml": """
        # yaml-language-server: $schema=../../schema/dimensions.schema.json
        dimensions:
          region: {label: {en: R, zh: 区}, members: {north: {beijing: {}}, east: {上海: {pudong: {}}}}}
        """,
    "rules/limits/entities.yaml": """
        # yaml-language-server: $schema=../../schema/entities.schema.json
        categories:
          basics: {label: {en: B, zh: 基}, steward: rep, smallest_group: 1}
        entities:
          person: {label: {en: P, zh: 人}, key: id, fields: {id: {type: text, category: basics}}}
        """,
    "rules/limits/roles.yaml": """
        # yaml-language-server: $schema=../../schema/roles.schema.json
        roles:
          rep: {label: {en: R, zh: 销}, scope: [region]}
          boss: {label: {en: B, zh: 主}, scope: [region]}
        posts: {file: posts.csv}
        """,
    "rules/limits/tables.yaml": """
        # yaml-language-server: $schema=../../schema/tables.schema.json
        tables:
          limit: {label: {en: L, zh: 限}, keys: [region, role], value: integer, file: limit.csv}
        """,
    "policies/limits/slices.yaml": """
        # yaml-language-server: $schema=../../schema/slices.schema.json
        slices:
          all: {label: {en: A, zh: 全}, rows: {"*": "true"}}
        """,
    "policies/limits/grants.csv": "effect,role,action,object,category,slice,from,to,note\n",
}


def table(root: Path, lines: list[Line]) -> Workspace:
    """As little of a workspace as has a table of limits."""
    write_files(root, FILES)
    write_csv(root / "limit.csv", ["region", "role", "value", "from", "to"], lines)
    return Workspace.open(root)


def test_the_most_specific_row_of_the_day_is_found(tmp_path: Path) -> None:
    answers: set[object] = set()
    for seed in range(40):
        lines = some_lines(Random(seed))
        true = {asked: found_by_hand(lines, *asked) for asked in ASKED}
        if "tie" in true.values():
            with pytest.raises(PackError) as refused:
                table(tmp_path, lines)
            assert {i.code for i in refused.value.issues if i.severity == "error"} == {"table.tie"}
            answers.add("tie")
            continue
        workspace = table(tmp_path, lines)
        assert [i.code for i in workspace.warnings] == ["table.hole"] * has_hole(lines, true), lines
        limit = workspace.pack.tables["limit"]
        columns = [
            lookup_sql(limit, [literal(region), literal(role)], literal(day), DUCKDB) + f" AS c{at}"
            for at, (region, role, day) in enumerate(ASKED)
        ]
        by_sql = dict(zip(ASKED, workspace.engine.rows("SELECT " + ", ".join(columns))[0], strict=True))
        functions = {day: workspace.snapshot.organisation.lookups.on(day)["limit"] for day in DAYS}
        assert by_sql == true, lines
        assert {(r, role, day): functions[day](r, role) for r, role, day in ASKED} == true, lines
        answers |= set(true.values())
    assert {"tie", None, 0, 3} <= answers


@pytest.mark.parametrize(
    ("line", "code", "word"),
    [
        (("mars", "rep", 1, "", ""), "table.unknown_member", "mars"),
        (("", "rep", 1, "", ""), "table.unknown_member", ""),
        (("east", "nobody", 1, "", ""), "table.unknown_member", "nobody"),
        (("east", "rep", "many", "", ""), "table.bad_cell", "many"),
        (("east", "rep", "1.5", "", ""), "table.bad_cell", "1.5"),
        (("east", "rep", "20%", "", ""), "table.bad_cell", "20%"),
        (("east", "rep", "nan", "", ""), "table.bad_cell", "nan"),
        (("east", "rep", "", "", ""), "table.bad_cell", ""),
        (("east", "rep", 1, "2026-02-30", ""), "table.bad_cell", "2026-02-30"),
        (("east", "rep", 1, "", "soon"), "table.bad_cell", "soon"),
    ],
)
def test_a_cell_that_means_nothing_is_refused(line: Line, code: str, word: str, tmp_path: Path) -> None:
    with pytest.raises(PackError) as refused:
        table(tmp_path, [("*", "*", 1, "", ""), line])
    (issue,) = refused.value.issues
    assert (issue.code, word in issue.words.values()) == (code, True)
    assert str(issue.span) == "limit.csv:3:1"


def lines_of(issues: tuple[Issue, ...], lang: str = "en") -> list[str]:
    return [issue.line(lang) for issue in issues]


def test_ties_stand_at_the_lines_of_the_file_however_it_is_laid_out(tmp_path: Path) -> None:
    root = write(tmp_path, company(0), {"asked": {}}, [])
    text = 'note;region;role;value\n"two\nlines";上海;*;1\n\n;*;*;2\n"a ""b""\n\nc";*;rep;3\n'
    (root / "limit.csv").write_bytes(text.encode("gb18030"))
    with pytest.raises(PackError) as refused:
        Workspace.open(root)
    assert lines_of(refused.value.issues) == [
        "limit.csv:6:1: table.tie: table `limit` has two rows for {region: 上海, role: rep}, neither more specific than"
        " the other (the other one: limit.csv:2:1)"
    ]
    write_csv(root / "limit.csv", ["region", "role", "value"], [("mars", "rep", 1), ("*", "*", 2), ("*", "*", "x")])
    with pytest.raises(PackError) as refused:
        Workspace.open(root)
    assert [str(issue.span) for issue in refused.value.issues] == ["limit.csv:2:1", "limit.csv:4:1"]


def test_a_row_of_a_workbook_is_named_by_its_number(tmp_path: Path) -> None:
    root = write(tmp_path, company(0), {"asked": {}}, [])
    tables = root / "rules" / "related" / "tables.yaml"
    tables.write_text(tables.read_text("utf-8").replace("limit.csv", "limit.xlsx"), "utf-8")
    book = openpyxl.Workbook()
    for row in (("region", "role", "value"), ("*", "*", 1), ("上海", "rep", "many")):
        book.active.append(row)
    book.save(root / "limit.xlsx")
    with pytest.raises(PackError) as refused:
        Workspace.open(root)
    assert [str(issue.span) for issue in refused.value.issues] == ["limit.xlsx:3:1"]


HOLES: dict[str, list[str]] = {
    "region,role,value\neast,rep,1\n": ["{role: boss}, {region: north}"],
    "region,role,value\neast,*,1\nnorth,rep,2\n": ["{region: north, role: boss}"],
    "region,role,value,from,to\n*,*,1,,2026-01-01\n*,*,2,2026-02-01,\n": ["{today: 2026-01-01}"],
    "region,role,value,from,to\n*,*,1,2026-01-01,2026-02-01\n*,*,2,2026-02-01,2026-03-01\n": [],
    "region,role,value\n*,*,1\n": [],
}


@pytest.mark.parametrize("text", HOLES)
def test_a_hole_is_told_with_a_witness_each_time_the_data_is_opened(text: str, tmp_path: Path) -> None:
    root = write(tmp_path, company(0), {"asked": {}}, [])
    (root / "limit.csv").write_text(text, "utf-8")
    expected = [
        f"limit.csv:1:1: table.hole: table `limit` has no row for some keys and gives no value for them, for example"
        f" {examples}; a row with `*` gives one"
        for examples in HOLES[text]
    ]
    for _ in range(2):  # the second time out of the cache
        assert lines_of(Workspace.open(root).warnings) == expected


def test_validate_prints_the_warnings_about_the_data(tmp_path: Path) -> None:
    root = write(tmp_path, company(0), {"asked": {}}, [])
    (root / "limit.csv").write_text("region,role,value\neast,*,1\n", "utf-8")
    result = CliRunner().invoke(main, ["validate", "--workspace", str(root), "--lang", "zh"])
    assert result.exit_code == 0
    assert "limit.csv:1:1: table.hole: 参数表 `limit` 有些组合没有写，查不到值，例如 {region: north}" in result.output
