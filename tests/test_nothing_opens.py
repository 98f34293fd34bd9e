"""Ways by which something could open in silence, each closed: drawn groups, missing columns, unread files, caches."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from salesrules.demo import Made, make
from salesrules.issue import AccessDenied, PackError, QuestionError
from salesrules.sources.cache import FOLDER
from salesrules.workspace import Workspace
from tests.conftest import ROOT


@pytest.fixture
def company(tmp_path: Path) -> Path:
    make(tmp_path)
    for folder in ("rules", "policies"):
        shutil.copytree(ROOT / folder / "standard", tmp_path / folder / "standard", dirs_exist_ok=True)
    return tmp_path


def refused(root: Path) -> list[str]:
    with pytest.raises(PackError) as error:
        Workspace.open(root)
    return [issue.code for issue in error.value.issues]


@pytest.mark.parametrize(
    "by", ["id in ('O-00001', 'O-00002')", "amount > 5", "1", "'x'", "today()", "not (stage = 'won')"]
)
def test_groups_are_fields_and_never_drawn_around_records(demo: tuple[Workspace, Made], by: str) -> None:
    workspace, made = demo
    with pytest.raises(QuestionError):
        workspace.kpi(workspace.person(made.auditor), "signed", (by,))


@pytest.mark.parametrize(
    ("file", "column"), [("data/person.csv", "left_on"), ("org/posts.csv", "to"), ("org/posts.csv", "region")]
)
def test_a_missing_column_is_no_empty_column(company: Path, file: str, column: str) -> None:
    path = company / file
    path.write_text(path.read_text(encoding="utf-8").replace(column, f"{column}x", 1), encoding="utf-8")
    assert refused(company) == ["source.no_column"]


def test_a_column_may_be_said_to_be_missing(company: Path) -> None:
    settings = company / "salesrules.toml"
    mapped = 'file = "person.csv"\ncolumns = {left_on = "-"}'
    settings.write_text(settings.read_text().replace('file = "person.csv"', mapped))
    assert set(Workspace.open(company).engine.rows("SELECT left_on FROM person")) == {(None,)}


@pytest.mark.parametrize(
    "file", ["policies/standard/deny.csv", "policies/standard/more/grants.csv", "rules/standard/grants.csv"]
)
def test_grants_that_are_not_read_are_told(company: Path, file: str) -> None:
    path = company / file
    path.parent.mkdir(exist_ok=True)
    shutil.copy(company / "policies/standard/grants.csv", path)
    assert refused(company) == ["file.not_read"]


def test_the_cache_is_its_owners_alone_and_notices_a_file_with_an_old_time(company: Path) -> None:
    Workspace.open(company)
    (cache,) = (company / FOLDER).glob("*.duckdb")
    assert (cache.stat().st_mode & 0o77, (company / FOLDER).stat().st_mode & 0o77) == (0, 0)
    posts, region = company / "org/posts.csv", company / "org/region.csv"
    text = posts.read_text(encoding="utf-8")
    posts.write_text(text.replace("P-0005,sales_rep,shanghai", "P-0005,sales_rep,shenzhen"), encoding="utf-8")
    shutil.copystat(region, posts)  # as tools do that keep times
    scope = Workspace.open(company).snapshot.organisation.posts["P-0005"][0].scope
    assert scope["region"] == "shenzhen"


@pytest.mark.parametrize(("new", "rows"), [("5000000%", 1), ("15%%", 1), ("15%", 0)])
def test_a_percent_that_does_not_fit_is_left_out_and_counted(company: Path, new: str, rows: int) -> None:
    entities = company / "rules/standard/entities.yaml"
    text = entities.read_text(encoding="utf-8")
    entities.write_text(text.replace("name: {type: text,", "name: {type: percent,", 1), encoding="utf-8")
    people = company / "data/person.csv"
    header, first, *_ = people.read_text(encoding="utf-8").splitlines()
    cells = first.split(",")
    people.write_text("\n".join([header, ",".join([cells[0], new, *cells[2:]])]) + "\n", encoding="utf-8")
    found = [r for r in Workspace.open(company).rejects if (r.entity, r.reason) == ("person", "reject.type")]
    assert sum(reject.rows for reject in found) == rows


@pytest.mark.parametrize("day", ["10000-01-01", "0044-03-15 (BC)", "infinity"])
def test_a_day_that_no_calendar_holds_is_left_out(company: Path, day: str) -> None:
    deals = company / "data/opportunity.csv"
    lines = deals.read_text(encoding="utf-8").splitlines()
    lines[1] = ",".join([*lines[1].split(",")[:-1], day])
    deals.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (reject,) = [r for r in Workspace.open(company).rejects if r.field == "closes_on"]
    assert (reject.rows, reject.example) == (1, day)


def test_without_a_grant_nothing_is_seen(company: Path) -> None:
    grants = company / "policies/standard/grants.csv"
    grants.write_text(grants.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    workspace = Workspace.open(company)
    for person in workspace.people():
        assert all(workspace.see(person, entity).total == 0 for entity in workspace.pack.entities)
        assert (workspace.entities(person), workspace.kpis(person)) == ((), ())
        for kpi in workspace.pack.kpis:
            with pytest.raises(AccessDenied):
                workspace.kpi(person, kpi)
