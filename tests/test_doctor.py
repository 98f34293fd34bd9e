"""What the doctor says of the sources, and the rows that it hands back with their reasons."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from salesrules.cli import main
from salesrules.overseeing import Overseer
from salesrules.workspace import Workspace
from tests.tiny_company import make

STAGES = """\
# yaml-language-server: $schema=../../salesrules/schema/stages.schema.json
processes:
  sale:
    label: {en: Sale, zh: 销售}
    entity: order
    stages:
      - {id: offered, label: {en: Offered, zh: 报价}, next: [signed]}
      - {id: signed, label: {en: Signed, zh: 签约}, next: []}
    variants:
      short: {label: {en: Short, zh: 简版}, stages: [{id: done, is: signed, label: {en: Done, zh: 完成}}]}
"""


@pytest.fixture
def dirty(tmp_path: Path) -> Path:
    """The tiny company whose rows have something of everything wrong with them."""
    root = make(tmp_path)
    (root / "rules/tiny/stages.yaml").write_text(STAGES, encoding="utf-8")
    edit(root / "rules/tiny/entities.yaml", "amount:   {type", "stage:    {type: stage, process: sale, category: deal}")
    dimensions = root / "rules/tiny/dimensions.yaml"
    aliases = "aliases: {region: {沪: 上海}, sale: {报价: offered}}\n"
    dimensions.write_text(dimensions.read_text(encoding="utf-8") + aliases, encoding="utf-8")
    (root / "data/order.csv").write_text(
        "number;line;customer;amount;stage;note\n"
        "S-1;1;C-1;10;offered;kept\n"
        "S-2;1;C-1;10;报价;another name\n"
        "S-3;1;C-1;10;done;a step of another list\n"
        "S-4;1;C-1;10;lost;no such stage\n"
        "S-5;1;C-9;10;;leads nowhere\n"
        "S-6;1;C-9;ten;lost;two reasons\n"
        ";1;C-1;10;;no key\n"
        "S-8;1;C-1;10;;twice\n"
        "S-8;1;C-1;20;;twice\n",
        encoding="utf-8",
    )
    customers = root / "data/customer.csv"
    more = "C-5,MÃ¼ller,沪,,\nC-6,#N/A,华南,,\n"
    customers.write_text(customers.read_text(encoding="utf-8") + more, encoding="utf-8")
    posts = root / "data/post.csv"
    posts.write_text(posts.read_text(encoding="utf-8") + "P-9,rep,上海,,\nP-1,rep,,,\n", encoding="utf-8")
    return root


def edit(path: Path, before: str, line: str) -> None:
    """Put a line above the one that holds a text."""
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(number for number, found in enumerate(lines) if before in found)
    indent = " " * (len(lines[at]) - len(lines[at].lstrip()))
    path.write_text("\n".join([*lines[:at], indent + line, *lines[at:]]) + "\n", encoding="utf-8")


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


LEFT_OUT = {  # field, cause and row of each line of order.rejects.csv
    ("stage", "no such stage", 5),
    ("customer", "leads nowhere", 6),
    ("stage", "no such stage", 7),
    ("amount", "not of the declared type", 7),
    ("number, line", "without a key", 8),
    ("number, line", "the key stands twice", 9),
    ("number, line", "the key stands twice", 10),
}


def test_every_row_that_was_left_out_comes_back_with_its_reason(dirty: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mend"
    folder.mkdir()
    (folder / "person.rejects.csv").write_text("of yesterday")
    result = run("doctor", "--workspace", str(dirty), "--rejects", str(folder), "--lang", "en")
    assert result.exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "customer.rejects.csv",
        "order.rejects.csv",
        "post.rejects.csv",
    ]
    with (folder / "order.rejects.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        "#file",
        "#row",
        "#field",
        "#reason",
        *["number", "line", "customer", "amount", "stage", "note"],
    ]
    assert {(row["#field"], row["#reason"], int(row["#row"])) for row in rows} == LEFT_OUT
    assert len(rows) == len(LEFT_OUT)
    assert {row["#file"] for row in rows} == {str(dirty / "data/order.csv")}
    assert {row["note"] for row in rows if row["#row"] == "7"} == {"two reasons"}
    assert {row["amount"] for row in rows if row["#row"] == "7"} == {"ten"}


def test_the_files_have_as_many_lines_as_were_counted(dirty: Path) -> None:
    workspace = Workspace.open(dirty)
    counted = {(reject.entity, reject.field, reject.reason): reject.rows for reject in workspace.rejects}
    lines = Counter(
        (table.entity, row.field, row.reason) for table in Overseer(workspace).rejected() for row in table.rows
    )
    assert lines == counted
    kept = [row[0] for row in workspace.engine.rows('SELECT number FROM "order" ORDER BY 1')]
    assert kept == ["S-1", "S-2", "S-3", "S-5"]
    stages = [row[0] for row in workspace.engine.rows('SELECT stage FROM "order" ORDER BY number')]
    assert stages == ["offered", "offered", "signed", None]


def test_what_the_doctor_says(dirty: Path) -> None:
    said = run("doctor", "--workspace", str(dirty), "--lang", "en").stdout
    for line in (
        f"order: 9 rows from {dirty}/data/order.csv (utf-8, columns parted by `;`)",
        "order.amount: 1 rows left out, not of the declared type, for example `ten`",
        "customer.name: 1 rows left out, a spreadsheet could not calculate it, for example `#N/A`",
        "post.person: 1 references lead nowhere, for example `P-9`",
        "customer.region: `沪` is read as `上海` in 1 rows",
        "order.stage: `报价` is read as `offered` in 1 rows",
        "order.stage: `done` is read as `signed` in 1 rows",
        "customer.name: 1 rows, for example `MÃ¼ller`, which would be `Müller`",
    ):
        assert line in said
    chinese = run("doctor", "--workspace", str(dirty), "--lang", "zh").stdout
    assert "order.stage：`报价` 按 `offered` 读取，1 行" in chinese


def test_the_doctor_speaks_to_programs(dirty: Path) -> None:
    found = json.loads(run("doctor", "--workspace", str(dirty), "--output", "json").stdout)
    assert {reject["reason"]: reject["rows"] for reject in found["rejects"] if reject["field"] == "stage"} == {
        "reject.unknown_stage": 2
    }
    assert {"entity": "order", "field": "stage", "alias": "done", "member": "signed", "rows": 1} in found["aliases"]
    (cache,) = (dirty / ".salesrules/cache").glob("*.duckdb")
    assert (found["cache"]["file"], found["cache"]["size"]) == (str(cache), cache.stat().st_size)


def test_mending_is_asked_for_and_done(dirty: Path) -> None:
    toml = dirty / "salesrules.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace('folder = "data"', 'folder = "data"\nencoded_twice = true'), encoding="utf-8")
    workspace = Workspace.open(dirty)
    assert workspace.engine.rows("SELECT name FROM customer WHERE id = 'C-5'") == [("Müller",)]
    assert Overseer(workspace).doctor().garbled == ()
    assert [alias.alias for alias in Overseer(workspace).doctor().aliases] == ["沪", "done", "报价"]


def test_an_asker_is_not_told_how_many_rows_are_missing_nor_which(dirty: Path) -> None:
    said = run("see", "--workspace", str(dirty), "--as", "P-1", "customer", "--lang", "en").output
    assert "could not be read" not in said  # the number moves with references that the asker does not see
    for hidden in ("ten", "C-9", "P-9", "#N/A", "lost"):
        assert hidden not in said


def test_an_alias_of_a_process_means_one_of_its_stages(dirty: Path) -> None:
    path = dirty / "rules/tiny/dimensions.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("报价: offered", "报价: offred"), encoding="utf-8")
    said = run("validate", "--workspace", str(dirty), "--lang", "en").stderr
    assert "dimensions.yaml:6:39: stage.unknown_stage: process `sale` has no stage `offred`" in said
    assert "did you mean `offered`" in said
