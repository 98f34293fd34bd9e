"""Lists of the tiny company, each with its difficulty in sight: masks, files, trees, mistakes, two posts."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from salesrules.cli import main
from salesrules.export import FORMATS, as_file
from salesrules.issue import AccessDenied, PackError, QuestionError
from salesrules.workspace import Answer, Mark, Masked, Workspace
from tests import tiny_company

REP, MANAGER = "P-1", "P-2"
Change = tuple[str, str, str]
MASK = ("rules/tiny/entities.yaml", "category: contact, label", "category: contact, mask: {keep_last: 4}, label")
EXPORTS = (
    "policies/tiny/grants.csv",
    "allow,auditor,aggregate,order",
    "allow,rep,export,customer,basics,mine,,,\nallow,manager,export,order,*,my_patch,,,\nallow,auditor,aggregate,order",
)


def company(folder: Path, *changes: Change) -> Path:
    """The tiny company with some of its text changed."""
    root = tiny_company.make(folder)
    for name, old, new in changes:
        text = (root / name).read_text(encoding="utf-8")
        assert old in text
        (root / name).write_text(text.replace(old, new), encoding="utf-8")
    return root


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., Workspace]:
    return lambda *changes: Workspace.open(company(tmp_path, *changes))


def see(workspace: Workspace, person: str, entity: str = "customer", **question: str) -> Answer:
    return workspace.see(workspace.person(person, date(2026, 3, 15)), entity, **question)


# Masks: the end of a text, at most half of it, only where the record is seen, and still hidden for every other use.


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800000002", "••••0002"),
        ("1234567", "••••567"),
        ("12", "••••2"),
        ("1", "••••"),
        ("", "••••"),  # whether there is anything is not told either
        ("电话：一二三四", "••••二三四"),
    ],
)
def test_a_mask_shows_the_end_and_at_most_half(opened: Any, phone: str, shown: str) -> None:
    answer = see(opened(MASK, ("data/customer.csv", "13800000002", phone)), REP, columns="id,phone")
    assert {row[0]: str(row[1]) for row in answer.rows} == {"C-1": "13800000001", "C-2": shown}
    assert isinstance(answer.rows[1][1], Masked)


def test_a_mask_of_a_record_that_is_not_seen_is_no_mask(opened: Any) -> None:
    """An order of mine whose customer is not in my slices: the way there is open, the record is not."""
    grants = ("policies/tiny/grants.csv", "allow,rep,read,order,deal,mine", "allow,rep,read,order,deal,all")
    answer = see(opened(MASK, grants), REP, "order", columns="number,customer,customer.phone", sort="number,line")
    assert [str(row[2]) for row in answer.rows[:3]] == ["13800000001", "13800000001", "••••0002"]
    assert [row[2] for row in answer.rows[3:]] == [Mark.HIDDEN] * 2


def test_a_masked_cell_counts_as_hidden_for_filter_and_order(opened: Any) -> None:
    workspace = opened(MASK)
    found = see(workspace, REP, where="phone like '%2'")
    assert (found.total, found.uncompared) == (0, 1)
    assert [see(workspace, REP, sort=sort).keys for sort in ("phone", "-phone")] == [("C-1", "C-2")] * 2


@pytest.mark.parametrize("mask", ["{keep_last: 0}", "{keep_last: -3}"])
def test_a_mask_that_keeps_no_end_is_an_issue(opened: Any, mask: str) -> None:
    with pytest.raises(PackError, match=r"entity\.bad_mask"):
        opened((MASK[0], MASK[1], MASK[2].replace("{keep_last: 4}", mask)))


# Files.


def rows_of(made: bytes, kind: str, folder: Path) -> list[dict[str, Any]]:
    if kind == "csv":
        return list(csv.DictReader(io.StringIO(made.decode())))
    if kind == "json":
        return list(json.loads(made)["rows"])
    if kind == "xlsx":
        heads, *rows = load_workbook(io.BytesIO(made)).active.iter_rows(values_only=True)
        return [dict(zip(heads, row, strict=True)) for row in rows]
    path = folder / "made.parquet"
    path.write_bytes(made)
    found = duckdb.sql(f"FROM '{path}'")
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_holds_what_may_leave_and_names_the_rest(opened: Any, tmp_path: Path, kind: str) -> None:
    workspace = opened(EXPORTS, MASK, ("data/customer.csv", "远山机械", "=1+1"))
    answer = workspace.export(workspace.person(REP), "customer", columns="id,name,phone")
    # C-2 is seen, but nothing of it may be exported; the phone of C-1 is seen, but may not leave
    assert (answer.total, answer.not_exported, answer.rows) == (1, 1, (("C-1", "=1+1", Mark.NOT_EXPORTED),))
    (row,) = rows_of(as_file(answer, kind), kind, tmp_path)
    assert row["id"] == "C-1"
    assert row["name"] == ("'=1+1" if kind == "csv" else "=1+1")
    assert not row["phone"]
    assert row["hidden"] in ("phone", ["phone"])


@pytest.mark.parametrize("kind", FORMATS)
def test_money_keeps_every_digit(opened: Any, tmp_path: Path, kind: str) -> None:
    workspace = opened(EXPORTS, ("data/order.csv", "1000.50", "9007199254740993.01"))
    answer = workspace.export(workspace.person(MANAGER), "order", 2, columns="amount", sort="-amount")
    rows = rows_of(as_file(answer, kind), kind, tmp_path)
    exact = [Decimal("9007199254740993.01"), Decimal("40000.00")]
    assert [Decimal(str(row["amount"])) for row in rows] == exact
    if kind == "parquet":
        assert [row["amount"] for row in rows] == exact


def test_a_workbook_has_no_formulas(opened: Any) -> None:
    workspace = opened(EXPORTS, ("data/customer.csv", "远山机械", "=1+1"))
    made = as_file(workspace.export(workspace.person(REP), "customer", columns="name"), "xlsx", ["=2+2"])
    sheet = load_workbook(io.BytesIO(made)).active
    assert [(cell.value, cell.data_type) for cell in (sheet["A1"], sheet["A2"])] == [("=2+2", "s"), ("=1+1", "s")]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3", "'-2+3"),
        ("+cmd", "'+cmd"),
        ("＝1", "'＝1"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("-12.50", "-12.50"),
        ("+8613800000001", "+8613800000001"),
        ("1-1", "1-1"),
        ("李娜", "李娜"),
    ],
)
def test_csv_is_harmless_in_a_spreadsheet_and_json_is_exact(text: str, written: str) -> None:
    answer = Answer("customer", ("name",), ((text,),), 1, {})
    assert next(csv.DictReader(io.StringIO(as_file(answer, "csv").decode(), newline="")))["name"] == written
    assert json.loads(as_file(answer, "json"))["rows"][0]["name"] == text


def test_without_a_grant_to_export_nothing_is(opened: Any) -> None:
    workspace = opened()
    with pytest.raises(AccessDenied, match=r"access\.export_refused"):
        workspace.export(workspace.person(REP), "customer")


# Trees of records: where somebody stands is made of fields that may be hidden.

BOSS = "      boss: {type: ref, to: person, category: deal}\n"
NAME = "name: {type: text, category: basics, label: {en: Name, zh: 姓名}}\n"
TREE = (
    ("rules/tiny/entities.yaml", NAME + "  customer", NAME + BOSS + "  customer"),
    (
        "data/person.csv",
        "id,name\nP-1,李娜\nP-2,王伟\nP-3,赵敏\n",
        "id,name,boss\nP-1,李娜,P-2\nP-2,王伟,P-3\nP-3,赵敏,\n",
    ),
    ("data/person.csv", "P-4,孙莉", "P-4,孙莉,P-1"),
)


def below(workspace: Workspace, boss: str, word: str = "") -> tuple[tuple[str, ...], int]:
    answer = see(workspace, REP, where=f"{word} reports_to(owner, '{boss}')")
    return answer.keys, answer.uncompared


def test_a_tree_is_climbed_only_where_each_step_is_read(opened: Any) -> None:
    grants = "policies/tiny/grants.csv"
    some = (grants, "allow,rep,read,order", "allow,rep,read,person,*,me,,,\nallow,rep,read,order")
    me = (
        "policies/tiny/slices.yaml",
        "all:\n",
        'me:\n    label: {en: me, zh: 本人}\n    rows: {person: id = user, "*": "false"}\n  all:\n',
    )
    workspace = opened(*TREE, some, me)
    # the boss of 李娜 is read, the boss of that boss is not: neither customer is compared
    assert below(workspace, "P-2") == ((), 2)


def test_nothing_lies_below_who_is_not_seen_or_does_not_exist(opened: Any) -> None:
    workspace = opened(
        *TREE,
        ("policies/tiny/grants.csv", "allow,rep,read,order", "allow,rep,read,person,*,all,,,\nallow,rep,read,order"),
    )
    assert below(workspace, "P-2") == (("C-1", "C-2"), 0)
    assert below(workspace, "P-1") == (("C-1",), 0)
    for who in ("P-4", "nobody"):
        assert below(workspace, who) == ((), 0)
        assert below(workspace, who, "not") == (("C-1", "C-2"), 0)


# Other difficulties.


def test_a_filter_that_fails_on_a_hidden_row_tells_nothing(opened: Any) -> None:
    """The product is beyond what the engine can hold; that a hidden row would reach it must not be known."""
    level = ("rules/tiny/entities.yaml", "phone:  {type: text, ", "phone:  {type: integer, ")
    answer = see(opened(level, ("data/customer.csv", "13800000002", str(2**53))), REP, where="phone * 1025 > 0")
    assert (answer.keys, answer.uncompared) == (("C-1",), 1)


def test_categories_that_two_posts_open_by_one_slice_stay_apart(opened: Any) -> None:
    posts = ("data/post.csv", "P-1,rep,上海,,", "P-1,rep,上海,,\nP-1,caller,华南,,")
    roles = (
        "rules/tiny/roles.yaml",
        "  auditor:",
        "  caller: {label: {en: Caller, zh: 电话销售}, scope: [region]}\n  auditor:",
    )
    grants = (
        "policies/tiny/grants.csv",
        "allow,rep,read,customer,*,mine",
        "allow,caller,read,customer,contact,my_patch",
    )
    answer = see(opened(posts, roles, grants), REP, columns="id,name,phone")
    assert answer.rows == (
        ("C-1", "远山机械", Mark.HIDDEN),
        ("C-2", "晨光化工", Mark.HIDDEN),
        ("C-4", Mark.HIDDEN, "13800000004"),
    )


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        ({"where": "regin = '华东'", "sort": "nme", "columns": "id,fone"}, {"expr.unknown_field"}),
        ({"where": "name"}, {"expr.wrong_result"}),
        ({"where": "name = user.name"}, {"ask.user_alone"}),
        ({"where": "sum(phone) > 1"}, {"expr.aggregate_not_here"}),
        ({"columns": "name || phone"}, {"expr.other_dialect"}),
        ({"sort": "lower(name)"}, {"ask.is_a_path"}),
    ],
)
def test_mistakes_are_told_at_their_place(opened: Any, question: dict[str, str], codes: set[str]) -> None:
    with pytest.raises(QuestionError) as refused:
        see(opened(), REP, **question)
    assert {issue.span.file for issue in refused.value.issues} == {f"--{name}" for name in question}
    assert {issue.code for issue in refused.value.issues} == codes


def test_a_refused_filter_is_refused_before_any_row_is_looked_at(opened: Any) -> None:
    workspace = opened(
        ("policies/tiny/grants.csv", "allow,rep,read,customer,*,mine", "allow,rep,read,customer,basics,mine")
    )
    for question in ({"where": "phone is null"}, {"sort": "phone"}):
        with pytest.raises(AccessDenied, match=r"access\.list_refused"):
            see(workspace, REP, **question)


# The verb.


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    root = company(tmp_path / "tiny", EXPORTS)
    return lambda *words: CliRunner().invoke(main, ["see", *words, "--workspace", str(root), "--lang", "en"])


def test_the_verb_filters_sorts_and_pages(run: Any) -> None:
    result = run("--as", MANAGER, "customer", "--where", "owner = user", "--sort", "-name", "--columns", "id,owner")
    assert "2 records match (2 in full), through mine, my patch" in result.stdout
    lines = [line.split() for line in result.stdout.splitlines() if line.startswith(" C-")]
    assert lines == [["C-2", "P-2"], ["C-3", "P-2"]]
    result = run("--as", MANAGER, "customer", "--limit", "2")
    assert "More with --page 2" in result.stdout
    result = run("--as", MANAGER, "customer", "--limit", "2", "--all")
    assert "C-3" in result.stdout


def test_the_verb_writes_files_and_says_what_is_left_out(run: Any, tmp_path: Path) -> None:
    for kind in FORMATS:
        file = tmp_path / f"out.{kind}"
        result = run("--as", REP, "customer", "--all", "--columns", "id,phone", "--file", str(file), "--labels")
        assert result.exit_code == 0, result.output
        assert f"wrote 1 row to {file}" in result.stderr
        assert "1 cell that is seen may not be exported and is empty" in result.stderr
        assert "1 record is left out" in result.stderr
        assert file.stat().st_size
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "Number,Phone,hidden\nC-1,,phone\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--output", "xlsx"), 2, "name a file with --file"),
        (("--file", "out.doc"), 2, "ends in none of"),
        (("--file", "/nowhere/out.csv"), 2, "cannot be written"),
        (("--where", "nme = 'x'"), 2, "did you mean `name`?\n    1 | nme = 'x'\n        ^^^"),
    ],
)
def test_what_cannot_be_done_is_said(run: Any, words: tuple[str, ...], code: int, said: str) -> None:
    result = run("--as", REP, "customer", *words)
    assert (result.exit_code, said in result.stderr) == (code, True), result.stderr


def test_without_the_right_to_export_no_format_prints_anything(run: Any) -> None:
    for kind in ("csv", "json"):
        result = run("--as", REP, "order", "--output", kind)
        assert (result.exit_code, result.stdout) == (5, "")
