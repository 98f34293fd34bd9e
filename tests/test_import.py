"""Bindings that are guessed: which column is which field, what is unsure, and how they come into salesrules.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from salesrules.cli import main
from salesrules.overseeing import Overseer
from salesrules.workspace import Workspace
from tests.conftest import SHARED
from tests.tiny_company import make

SETTINGS = 'pack = "tiny"\n[sources.tiny]\nfolder = "data"\n'


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """The tiny company before anything is bound."""
    root = make(tmp_path)
    (root / "salesrules.toml").write_text(SETTINGS, encoding="utf-8")
    return root


def run(root: Path, *words: str, lang: str = "en") -> Result:
    return CliRunner().invoke(main, ["import", "--guess", "--workspace", str(root), "--lang", lang, *words])


def guessed(root: Path, text: str, *words: str, name: str = "rows.csv") -> tuple[dict[str, Any], str]:
    """The tables that a file of this text gives, by entity, and what is printed."""
    path = root / "data" / name
    path.write_text(text, encoding="utf-8")
    result = run(root, str(path), *words)
    assert result.exit_code == 0, result.output
    return tomllib.loads(result.stdout)["sources"]["tiny"], result.stdout


HEADINGS = [  # heading of a file of customers, and the columns that are found
    (
        "id,name,region,owner,phone",
        {"id": "id", "name": "name", "region": "region", "owner": "owner", "phone": "phone"},
    ),
    (
        "客户编号,客户名称,区域,负责人,联系电话",
        {"id": "客户编号", "name": "客户名称", "region": "区域", "owner": "负责人", "phone": "联系电话"},
    ),
    (
        "Customer No.;Customer Name;Territory;Account Manager;Mobile",
        {
            "id": "Customer No.",
            "name": "Customer Name",
            "region": "Territory",
            "owner": "Account Manager",
            "phone": "Mobile",
        },
    ),
    ("CUSTOMER_ID\tCUST_NAME\tPHONE", {"id": "CUSTOMER_ID", "phone": "PHONE"}),
]


@pytest.mark.parametrize(("heading", "columns"), HEADINGS)
def test_headings_are_matched_by_ids_labels_and_other_words(tiny: Path, heading: str, columns: dict[str, str]) -> None:
    found, _ = guessed(tiny, heading + "\n", "--entity", "customer")
    assert {field: found["customer"]["columns"].get(field) for field in columns} == columns


def test_what_is_unsure_is_said_and_what_is_missing_is_not_bound(tiny: Path) -> None:
    found, said = guessed(tiny, "客户编号,客户简称,负责人工号,备注\nC-1,a,P-1,x\n", "--entity", "customer")
    assert found["customer"]["columns"] == {"id": "客户编号", "name": "客户简称", "owner": "负责人工号"}
    assert 'owner = "负责人工号"  # unsure: look at it' in said
    assert '# no column looks like `region`: add it, or region = "-" if there is none' in said
    assert 'id = "客户编号"\n' in said
    chinese = run(tiny, str(tiny / "data/rows.csv"), "--entity", "customer", lang="zh").stdout
    assert "# 没有像 `region` 的列" in chinese


WAYS = [  # amounts of orders, and how they are written
    ("1000.50 3", {}),
    ("1.000,50 3", {"decimal": ",", "thousands": "."}),
    ("1,000.50 3", {"thousands": ","}),
    ("0,5 3", {"decimal": ","}),
    ("1.234 2.345", {}),
    ("NULL 3", {"nulls": ["NULL"]}),
]


@pytest.mark.parametrize(("amounts", "keys"), WAYS)
def test_how_numbers_are_written_is_found_in_the_rows(tiny: Path, amounts: str, keys: dict[str, object]) -> None:
    rows = "".join(f"S-{n};1;C-1;{amount}\n" for n, amount in enumerate(amounts.split()))
    found, said = guessed(tiny, f"number;line;customer;amount\n{rows}", "--entity", "order")
    assert {key: value for key, value in found["order"].items() if key not in ("file", "columns")} == keys
    assert ("it can be read in two ways" in said) == (amounts == "1.234 2.345")


DAYS = [
    ("2024-03-04", None, False),
    ("7/14/1996", "%m/%d/%Y", False),
    ("14/7/1996", "%d/%m/%Y", False),
    ("2024年3月4日", "%Y年%m月%d日", False),
    ("4.3.2024", "%d.%m.%Y", False),
    ("3/4/1996", None, True),
    ("soon", None, False),
]


@pytest.mark.parametrize(("written", "dates", "ambiguous"), DAYS)
def test_how_days_are_written_is_found_and_two_ways_are_not_chosen_between(
    tiny: Path, written: str, dates: str | None, ambiguous: bool
) -> None:
    path = tiny / "rules/tiny/entities.yaml"
    text = path.read_text(encoding="utf-8")
    line = "      amount:   {type: money, category: deal, label: {en: Amount, zh: 金额}}\n"
    path.write_text(text.replace(line, line + "      signed_on: {type: date, category: deal}\n"), encoding="utf-8")
    found, said = guessed(tiny, f"number,line,customer,amount,Signed on\nS-1,1,C-1,5,{written}\n", "--entity", "order")
    assert found["order"].get("dates") == dates
    assert ("it can be read in two ways" in said) == ambiguous
    assert ("nothing in it can be read" in said) == (written == "soon")


def test_the_entity_is_guessed_too_and_not_when_nothing_speaks_for_one(tiny: Path) -> None:
    found, _ = guessed(tiny, "number,line,customer,amount\nS-1,1,C-1,5\n")
    assert list(found) == ["order"]
    (tiny / "data/rows.csv").write_text("a,b\n1,2\n")
    result = run(tiny, str(tiny / "data/rows.csv"))
    assert (result.exit_code, "guess.no_entity" in result.stderr) == (2, True)


def test_what_is_written_can_be_read_and_undone(tiny: Path) -> None:
    files = [str(tiny / "data" / name) for name in ("person.csv", "customer.csv", "order.csv")]
    settings = tiny / "salesrules.toml"
    assert run(tiny, *files).exit_code == 0
    assert settings.read_text(encoding="utf-8") == SETTINGS
    first = run(tiny, files[0], "--write")
    assert first.exit_code == 0
    assert (tiny / "salesrules.toml.before").read_text(encoding="utf-8") == SETTINGS
    one = settings.read_text(encoding="utf-8")
    assert run(tiny, *files[1:], "--write").exit_code == 0
    assert (tiny / "salesrules.toml.before1").read_text(encoding="utf-8") == one
    workspace = Workspace.open(tiny)
    assert (Overseer(workspace).row_count(), workspace.rejects) == (13, ())
    again = run(tiny, files[0], "--write")
    assert (again.exit_code, "salesrules.toml:5:1: guess.bound" in again.stderr) == (2, True)


def test_a_source_that_nothing_can_be_added_to_is_left_as_it_is(tiny: Path) -> None:
    settings = tiny / "salesrules.toml"
    text = 'pack = "tiny"\nsources = {tiny = {folder = "data"}}\n'
    settings.write_text(text, encoding="utf-8")
    result = run(tiny, str(tiny / "data/person.csv"), "--write")
    assert (result.exit_code, "guess.not_appended" in result.stderr) == (2, True)
    assert settings.read_text(encoding="utf-8") == text
    assert not (tiny / "salesrules.toml.before").exists()


def test_a_sheet_of_a_workbook_elsewhere(tiny: Path, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.create_sheet("客户")
    for row in (["客户编号", "客户名称", 'odd "name"\n# line'], ["C-1", "a", "b"]):
        sheet.append(row)
    elsewhere = tmp_path / "exports"
    elsewhere.mkdir()
    book.save(elsewhere / "客户.xlsx")
    result = run(tiny, str(elsewhere / "客户.xlsx"), "--sheet", "客户", "--entity", "customer")
    bound = tomllib.loads(result.stdout)["sources"]["imported"]["customer"]
    assert (bound["file"], bound["sheet"], bound["columns"]["id"]) == ("exports/客户.xlsx", "客户", "客户编号")


def test_mistakes_of_those_who_ask(tiny: Path) -> None:
    person, order = str(tiny / "data/person.csv"), str(tiny / "data/order.csv")
    assert "guess.one_file" in run(tiny, person, order, "--entity", "person").stderr
    assert "did you mean `person`" in run(tiny, person, "--entity", "persn").stderr
    plain = CliRunner().invoke(main, ["import", person, "--workspace", str(tiny)])
    assert (plain.exit_code, "guess.say_guess" in plain.stderr) == (2, True)
    twice = tiny / "data/person2.csv"
    twice.write_bytes(Path(person).read_bytes())
    assert "guess.twice" in run(tiny, person, str(twice)).stderr


def test_rows_that_nobody_here_wrote(tiny: Path) -> None:
    file = SHARED / "northwind/customers.csv"
    if not file.is_file():
        pytest.skip(f"the real rows are not there: {file}")
    result = run(tiny, str(file), "--entity", "customer")
    columns = tomllib.loads(result.stdout)["sources"]["imported"]["customer"]["columns"]
    assert (columns["id"], columns["region"], columns["phone"]) == ("CustomerID", "Region", "Phone")
    assert result.stdout == run(tiny, str(file), "--entity", "customer").stdout
