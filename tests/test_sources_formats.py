"""How organisations write days, numbers and words: each is read as the settings say, or left out and said."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import duckdb
import pytest
from openpyxl import Workbook

from salesrules.issue import PackError
from salesrules.overseeing import Overseer
from salesrules.reading import read_program
from salesrules.sources.raw.encodings import mended
from salesrules.sources.settings.bindings import read_settings
from salesrules.workspace import Workspace
from tests.conftest import SHARED
from tests.tiny_company import make

FIELDS = {"day": "date", "moment": "timestamp", "amount": "money", "share": "percent", "vip": "boolean", "n": "integer"}
CASES = [  # settings, field, what stands in the file, what is read (None: the row is left out)
    ("", "day", "2024-03-04", "2024-03-04"),
    ("", "day", "2024/3/4", "2024-03-04"),
    ("", "day", "01/02/03", None),
    ("", "moment", "01/02/03 10:00", None),
    ('dates = "%m/%d/%Y"', "day", "7/4/1996", "1996-07-04"),
    ('dates = "%m/%d/%Y"', "day", "7/4/1996 00:00:00", "1996-07-04"),
    ('dates = "%m/%d/%Y"', "day", "13/4/1996", None),
    ('dates = "%m/%d/%Y"', "day", "1996-07-04", None),
    ('dates = "%m/%d/%Y"', "day", "01/02/03", None),
    ('dates = "%d.%m.%Y"', "moment", "04.07.1996 10:30", "1996-07-04 02:30:00"),
    ("", "amount", "1,234.50", None),
    ("decimal = ','\nthousands = '.'", "amount", "1.234,50", "1234.50"),
    ("decimal = ','\nthousands = '.'", "amount", "-1.234.567,8", "-1234567.80"),
    ("decimal = ','\nthousands = '.'", "amount", "1234,5", "1234.50"),
    ("decimal = ','\nthousands = '.'", "amount", "1234.5", None),
    ("decimal = ','\nthousands = '.'", "amount", "12.34", None),
    ("thousands = ','", "amount", "1,234,567.89", "1234567.89"),
    ("thousands = ','", "amount", "1,23", None),
    ('thousands = "\'"', "n", "1'234", "1234"),
    ("", "share", "15%", "0.150000"),
    ("scale = {share = 100}", "share", "15", "0.150000"),
    ("scale = {share = 100}", "share", "15%", "0.150000"),
    ("scale = {share = 100}\ndecimal = ','", "share", "12,5", "0.125000"),
    ("true = ['是', 'Y']\nfalse = ['否', 'N']", "vip", "是", "True"),
    ("true = ['是', 'Y']\nfalse = ['否', 'N']", "vip", "n", "False"),
    ("true = ['是', 'Y']\nfalse = ['否', 'N']", "vip", "yes", None),
    ("nulls = ['-', '待定']", "n", "待定", "None"),
    ("", "n", "\u3000 7 \u00a0", "7"),
    ("", "n", "1.5", None),
    ("", "n", "7.0", "7"),
    ("decimal = ','", "n", "1,5", None),
    ("", "n", "1e3", None),
]


def workspace(folder: Path, settings: str, rows: str) -> Path:
    """The tiny company with fields of every type on an order, read from rows of (number, line, field)."""
    make(folder)
    entities = folder / "rules/tiny/entities.yaml"
    fields = "".join(f"\n      {name}: {{type: {kind}, category: deal}}" for name, kind in FIELDS.items())
    old = "      amount:   {type: money, category: deal, label: {en: Amount, zh: 金额}}"
    text = entities.read_text(encoding="utf-8")
    assert old in text
    entities.write_text(text.replace(old, fields[1:]), encoding="utf-8")
    toml = folder / "salesrules.toml"
    absent = ", ".join(f'{name} = "-"' for name in (*FIELDS, "customer") if name not in rows.split("\n")[0].split(";"))
    bound = f'file = "order.csv"\ncolumns = {{{absent}}}\n{settings}\n'
    toml.write_text(toml.read_text(encoding="utf-8").replace('file = "order.csv"\n', bound), encoding="utf-8")
    (folder / "data/order.csv").write_text(rows, encoding="utf-8")
    return folder


@pytest.mark.parametrize(("settings", "field", "written", "read"), CASES)
def test_a_value_is_read_as_its_source_writes_it(
    settings: str, field: str, written: str, read: str | None, tmp_path: Path
) -> None:
    opened = Workspace.open(workspace(tmp_path, settings, f"number;line;{field}\nS-1;1;{written}\n"))
    rows = [str(row[0]) for row in opened.engine.rows(f'SELECT "{field}" FROM "order"')]
    assert rows == ([] if read is None else [read])
    lost = [(reject.field, reject.reason, reject.example) for reject in opened.rejects]
    assert lost == ([(field, "reject.type", written)] if read is None else [])


def test_typed_cells_of_a_workbook_are_not_read_by_the_signs_of_its_texts(tmp_path: Path) -> None:
    from datetime import date, datetime

    settings = "decimal = ','\nthousands = '.'\ndates = '%d.%m.%Y'\ntrue = ['ja']\nfalse = ['nein']"
    root = workspace(tmp_path, settings, "number;line;day;moment;amount;vip;n\n")
    book = Workbook()
    for row in (
        ["number", "line", "day", "moment", "amount", "vip", "n", None],
        ["S-1", 1, date(2024, 3, 4), datetime(2024, 3, 4, 10, 30), 1.234, True, 1234],
        [None] * 7,
        ["S-2", 1, "04.03.2024", "04.03.2024 10:30", "1.234,00", "nein", "1.234"],
    ):
        book.active.append(row)
    book.save(root / "data/order.xlsx")
    toml = root / "salesrules.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("order.csv", "order.xlsx"), encoding="utf-8")
    opened = Workspace.open(root)
    found = opened.engine.rows('SELECT number, day::VARCHAR, moment::VARCHAR, amount, vip, n, "#at" FROM "order"')
    assert [[str(cell) for cell in row] for row in found] == [
        ["S-1", "2024-03-04", "2024-03-04 02:30:00", "1.23", "True", "1234", "2"],
        ["S-2", "2024-03-04", "2024-03-04 02:30:00", "1234.00", "False", "1234", "4"],
    ]


def test_a_cell_that_is_shown_as_a_percent_is_one_whatever_the_scale(tmp_path: Path) -> None:
    root = workspace(tmp_path, "scale = {share = 100}", "number;line;share\n")
    book = Workbook()
    for row in (["number", "line", "share"], ["S-1", 1, 0.15], ["S-2", 1, 15], ["S-3", 1, "15%"]):
        book.active.append(row)
    book.active["C2"].number_format = "0.00%"
    book.save(root / "data/order.xlsx")
    toml = root / "salesrules.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("order.csv", "order.xlsx"), encoding="utf-8")
    found = Workspace.open(root).engine.rows('SELECT share FROM "order"')
    assert [str(row[0]) for row in found] == ["0.150000"] * 3


def test_a_sheet_that_says_it_is_smaller_is_read_whole(tmp_path: Path) -> None:
    root = workspace(tmp_path, "", "number;line;n\n")
    book = Workbook()
    for row in (["number", "line", "n"], ["S-1", 1, 7], ["S-2", 1, 8]):
        book.active.append(row)
    book.save(tmp_path / "true.xlsx")
    with ZipFile(tmp_path / "true.xlsx") as old, ZipFile(root / "data/order.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'<dimension ref="A1:C3"', b'<dimension ref="A1:B2"'))
        assert b'<dimension ref="A1:C3"' in old.read("xl/worksheets/sheet1.xml")
    toml = root / "salesrules.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("order.csv", "order.xlsx"), encoding="utf-8")
    assert Workspace.open(root).engine.rows('SELECT number, n FROM "order"') == [("S-1", 7), ("S-2", 8)]


def test_typed_columns_of_parquet_are_not_read_by_the_signs_of_texts(tmp_path: Path) -> None:
    root = workspace(tmp_path, "decimal = ','\nthousands = '.'", "number;line;amount;n\n")
    query = "SELECT 'S-1' AS number, 1 AS line, 1.234::DOUBLE AS amount, '1.234' AS n"
    duckdb.execute(f"COPY ({query}) TO '{root / 'data/order.parquet'}'")
    toml = root / "salesrules.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("order.csv", "order.parquet"), encoding="utf-8")
    assert [str(c) for c in Workspace.open(root).engine.rows('SELECT amount, n FROM "order"')[0]] == ["1.23", "1234"]


@pytest.mark.parametrize(
    ("twice", "meant"),
    [
        ("MÃ©xico D.F.", "México D.F."),
        ("ä¸­æ–‡", "中文"),
        ("itâ€™s", "it’s"),
        ("Ã¼»", "ü»"),
        ("São Paulo", "São Paulo"),
        ("Ã", "Ã"),
        ("中文 Müller", "中文 Müller"),
        ("ð\x9f\x98\x80", "😀"),
    ],
)
def test_text_that_was_encoded_twice_is_mended_and_the_rest_stays(twice: str, meant: str) -> None:
    assert mended(twice) == meant


@pytest.mark.parametrize("inclusive", [False, True])
def test_the_last_day_of_a_post_counts_where_the_table_says_so(inclusive: bool, tmp_path: Path) -> None:
    root = make(tmp_path)
    post = root / "data/post.csv"
    post.write_text("person,role,region,from,to\nP-1,rep,上海,2001-01-01,2001-12-31\nP-2,rep,上海,,9999-12-31\n")
    roles = root / "rules/tiny/roles.yaml"
    said = "posts: {file: data/post.csv, to_inclusive: true}" if inclusive else "posts: {file: data/post.csv}"
    text = roles.read_text(encoding="utf-8")
    roles.write_text(text.replace("posts: {file: data/post.csv}", said), encoding="utf-8")
    posts = Workspace.open(root).snapshot.organisation.posts
    assert str(posts["P-1"][0].end) == ("2002-01-01" if inclusive else "2001-12-31")
    assert str(posts["P-2"][0].end) == "9999-12-31"


def test_a_binding_says_only_what_its_fields_can_have(tmp_path: Path) -> None:
    settings = 'scale = {amount = 100}\nmaster = {custmer = "table"}'
    with pytest.raises(PackError) as refused:
        Workspace.open(workspace(tmp_path, settings, "number;line;amount\n"))
    assert [(issue.code, issue.near) for issue in refused.value.issues] == [
        ("source.scale_of", None),
        ("source.master_of", "customer"),
    ]


def test_a_master_of_what_the_log_does_not_follow_is_warned_of(tmp_path: Path) -> None:
    settings = 'master = {customer = "log", number = "table"}'
    read = read_program(read_settings(workspace(tmp_path, settings, "number;line;amount\n")))
    assert [(issue.code, issue.severity, str(issue.span)) for issue in read.issues] == [
        ("source.not_followed", "warning", "salesrules.toml:11:11")
    ]
    assert read.program is not None


@pytest.fixture
def northwind() -> Path:
    folder = SHARED / "northwind"
    if not folder.is_dir():
        pytest.skip(f"the real rows are not there: {folder}")
    return folder


def test_rows_that_nobody_here_wrote_encoded_twice(northwind: Path, tmp_path: Path) -> None:
    root = make(tmp_path)
    toml = root / "salesrules.toml"
    columns = '{id = "CustomerID", name = "City", phone = "Phone", region = "-", owner = "-"}'
    bound = f'file = "{northwind}/customers.csv"\ncolumns = {columns}'
    text = toml.read_text(encoding="utf-8").replace('file = "customer.csv"', bound)
    toml.write_text(text, encoding="utf-8")
    before = Workspace.open(root)
    assert Overseer(before).row_count() == 4 + 91 + 5
    (garbled,) = Overseer(before).doctor().garbled
    assert (garbled.field, garbled.example, garbled.meant) == ("name", "BrÃ¤cke", "Bräcke")
    toml.write_text(text.replace(columns, f"{columns}\nencoded_twice = true"), encoding="utf-8")
    mended_ = Workspace.open(root)
    assert Overseer(mended_).doctor().garbled == ()
    cities = "SELECT count(*) FROM customer WHERE name IN ('México D.F.', 'Århus', 'Bräcke')"
    assert mended_.engine.rows(cities) == [(7,)]


def test_rows_that_nobody_here_wrote_with_days_of_another_order(northwind: Path, tmp_path: Path) -> None:
    root = workspace(tmp_path, 'dates = "%m/%d/%Y"', "number;line;day;n\n")
    toml = root / "salesrules.toml"
    columns = ', number = "OrderID", line = "ShipVia", day = "OrderDate", n = "EmployeeID"}'
    text = toml.read_text(encoding="utf-8").replace("}", columns)
    toml.write_text(text.replace("order.csv", f"{northwind}/orders.csv"), encoding="utf-8")
    opened = Workspace.open(root)
    found = opened.engine.rows('SELECT count(*), min(day)::VARCHAR, max(day)::VARCHAR FROM "order"')
    assert (found, opened.rejects) == ([(830, "1996-07-04", "1998-05-06")], ())
