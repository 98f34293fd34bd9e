"""Files as organisations have them: encodings, workbooks, broken lines; and the cache that many processes share."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from openpyxl import Workbook

from salesrules.demo import make
from salesrules.engines.duckdb import DuckDB
from salesrules.issue import PackError
from salesrules.sources.cache import FOLDER, KEPT
from salesrules.workspace import Workspace
from tests import tiny_company
from tests.conftest import ROOT

CUSTOMERS = "data/customer.csv"


@pytest.fixture
def company(tmp_path: Path) -> Path:
    make(tmp_path)
    return tmp_path


def names(root: Path) -> list[tuple[object, ...]]:
    return Workspace.open(root).engine.rows("SELECT id, name FROM customer ORDER BY id")


def bind(root: Path, file: str, extra: str = "") -> None:
    settings = root / "salesrules.toml"
    settings.write_text(settings.read_text().replace('file = "customer.csv"', f'file = "{file}"\n{extra}'))


def as_gb18030(root: Path) -> None:
    path = root / CUSTOMERS
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))


def with_bom(root: Path) -> None:
    path = root / CUSTOMERS
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())


def with_semicolons(root: Path) -> None:
    path = root / CUSTOMERS
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")


def with_carriage_returns(root: Path) -> None:
    path = root / CUSTOMERS
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def as_workbook(root: Path) -> None:
    book = Workbook()
    book.active.title = "other"
    sheet = book.create_sheet("客户")
    for line in (root / CUSTOMERS).read_text(encoding="utf-8").splitlines():
        sheet.append([cell or None for cell in line.split(",")])
    book.save(root / "data/customer.xlsx")
    bind(root, "customer.xlsx", 'sheet = "客户"')


def as_parquet(root: Path) -> None:
    source, target = root / CUSTOMERS, root / "data/customer.parquet"
    duckdb.execute(f"COPY (SELECT * FROM read_csv('{source}')) TO '{target}'")
    bind(root, "customer.parquet")


@pytest.mark.parametrize(
    "rewrite", [as_gb18030, with_bom, with_semicolons, with_carriage_returns, as_workbook, as_parquet]
)
def test_the_same_rows_come_from_every_kind_of_file(company: Path, rewrite: Callable[[Path], None]) -> None:
    before = names(company)
    rewrite(company)
    assert names(company) == before
    assert len(before) == 600


def broken_bytes(root: Path) -> None:
    (root / CUSTOMERS).write_bytes(b"id,name\n1,\xff\xff\xff\n")


def nothing_in_it(root: Path) -> None:
    (root / CUSTOMERS).write_bytes(b"")


def a_name_twice(root: Path) -> None:
    path = root / CUSTOMERS
    path.write_text(path.read_text(encoding="utf-8").replace("phone", "name", 1), encoding="utf-8")


def a_ragged_line(root: Path) -> None:
    path = root / CUSTOMERS
    path.write_text(path.read_text(encoding="utf-8") + "C-9,x,y,z" + ",1" * 20 + "\n", encoding="utf-8")


def no_workbook(root: Path) -> None:
    (root / "data/customer.xlsx").write_text("not a workbook")
    bind(root, "customer.xlsx")


def no_sheet(root: Path) -> None:
    as_workbook(root)
    bind_again = root / "salesrules.toml"
    bind_again.write_text(bind_again.read_text().replace("客户", "客服"))


def another_kind(root: Path) -> None:
    shutil.copy(root / CUSTOMERS, root / "data/customer.dbf")
    bind(root, "customer.dbf")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (broken_bytes, "source.unreadable"),
        (a_ragged_line, "source.ragged"),
        (nothing_in_it, "source.unreadable"),
        (a_name_twice, "source.unreadable"),
        (no_workbook, "source.unreadable"),
        (no_sheet, "source.unreadable"),
        (another_kind, "source.unknown_kind"),
    ],
)
def test_a_file_that_cannot_be_read_whole_is_refused_whole(
    company: Path, spoil: Callable[[Path], None], code: str
) -> None:
    spoil(company)
    with pytest.raises(PackError) as refused:
        Workspace.open(company)
    assert [(issue.code, str(issue.span)) for issue in refused.value.issues] == [(code, "salesrules.toml:11:1")]
    assert list((company / FOLDER).glob("*")) == []


def test_unchanged_sources_are_read_once(company: Path) -> None:
    names(company)
    (first,) = (company / FOLDER).glob("*.duckdb")
    written = first.stat().st_mtime_ns
    names(company)
    assert [first] == list((company / FOLDER).glob("*.duckdb"))
    assert first.stat().st_mtime_ns == written


def test_a_changed_source_is_read_again_and_old_caches_go(company: Path) -> None:
    path = company / CUSTOMERS
    for number in range(KEPT + 2):
        path.write_text(path.read_text(encoding="utf-8") + f"X-{number},new,,shanghai,direct,,,,,,\n", encoding="utf-8")
        assert len(names(company)) == 601 + number
    assert len(list((company / FOLDER).glob("*"))) == KEPT


def test_a_damaged_cache_is_built_again(company: Path) -> None:
    before = names(company)
    (cache,) = (company / FOLDER).glob("*.duckdb")
    cache.write_bytes(cache.read_bytes()[:5000])
    assert names(company) == before


def test_a_build_that_fails_leaves_nothing_behind(company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: DuckDB, *_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(DuckDB, "insert", full)
    with pytest.raises(PackError, match=r"source\.no_space.*No space left"):
        Workspace.open(company)
    monkeypatch.undo()
    assert list((company / FOLDER).glob("*")) == []
    assert len(names(company)) == 600


def test_many_processes_load_at_once(tmp_path: Path) -> None:
    company = tiny_company.make(tmp_path)
    code = f"import sys; sys.path[:0] = [{str(ROOT)!r}]; from pathlib import Path"
    code += "; from salesrules.workspace import Workspace"
    code += f"; print(len(Workspace.open(Path({str(company)!r})).engine.rows('SELECT id FROM customer')))"
    count = len(Workspace.open(company).engine.rows("SELECT id FROM customer"))
    for kept in (company / FOLDER).iterdir():
        kept.unlink()
    workers = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [worker.communicate(timeout=120)[0].strip() for worker in workers] == [str(count)] * 4
    assert len(list((company / FOLDER).glob("*"))) == 1


def test_a_workspace_that_may_not_be_written_is_read_all_the_same(company: Path) -> None:
    (company / ".salesrules").write_text("a file where the folder would be")
    assert len(names(company)) == 600


def test_other_names_of_a_member_mean_it(company: Path) -> None:
    for part in ("rules", "policies"):
        shutil.copytree(ROOT / part / "standard", company / part / "standard", dirs_exist_ok=True)
    path = company / "rules/standard/dimensions.yaml"
    text = path.read_text(encoding="utf-8")
    assert "{id: line_a, label" in text
    path.write_text(text.replace("{id: line_a, label", "{id: line_a, names: [L1, 一线], label"), encoding="utf-8")
    deals = company / "data/opportunity.csv"
    deals.write_text(deals.read_text(encoding="utf-8").replace(",line_a,", ",一线,"), encoding="utf-8")
    workspace = Workspace.open(company)
    assert [reject for reject in workspace.rejects if reject.entity == "opportunity"] == []
    assert workspace.engine.rows("SELECT DISTINCT product FROM opportunity ORDER BY 1") == [
        ("line_a",),
        ("line_b",),
        ("line_c",),
    ]
