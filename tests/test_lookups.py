"""Value tables: the most specific row of the day, by SQL and by function as by a slow search; ties and bad cells."""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path
from random import Random

import pytest

from salesrules.expr.dialects import DUCKDB
from salesrules.expr.sql import literal
from salesrules.issue import PackError
from salesrules.sources.lookups import lookup_sql
from salesrules.workspace import Workspace
from tests.related_company import REGIONS, company, write

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


def some_lines(draw: Random) -> list[Line]:
    """Rows of a table, in any order; some tables have ties."""
    days = ["", "", "2026-01-01", "2026-04-01", "2026-07-01"]
    lines = []
    for n in range(draw.randint(1, 7)):
        start, end = draw.choice(days), draw.choice(days)
        end = "" if end <= start else end
        lines.append((draw.choice([*REGIONS, "*", "*"]), draw.choice(["rep", "boss", "*", "*"]), n, start, end))
    return lines


def table(root: Path, lines: list[Line]) -> Workspace:
    return Workspace.open(write(root, company(0), {"asked": {}}, [], limits=list(lines)))


def test_the_most_specific_row_of_the_day_is_found(tmp_path: Path) -> None:
    answers: set[object] = set()
    for seed in range(40):
        lines = some_lines(Random(seed))
        true = {asked: found_by_hand(lines, *asked) for asked in ASKED}
        if "tie" in true.values():
            with pytest.raises(PackError) as refused:
                table(tmp_path, lines)
            assert {issue.code for issue in refused.value.issues} == {"table.tie"}
            answers.add("tie")
            continue
        workspace = table(tmp_path, lines)
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
    assert str(issue.span).startswith("rules/related/tables.yaml:")
