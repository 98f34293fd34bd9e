"""What goes wrong with files on the way: each is refused as a whole or told, and nothing is answered from yesterday."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import duckdb
import pytest
from openpyxl import Workbook

from salesrules.issue import PackError
from salesrules.overseeing import Overseer
from salesrules.sources import cache
from salesrules.sources.cache import FOLDER
from salesrules.sources.raw.workbooks import LARGEST
from salesrules.workspace import Workspace
from tests.conftest import ROOT
from tests.tiny_company import make

CUSTOMER = "data/customer.csv"


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return make(tmp_path)


def refused(root: Path) -> list[str]:
    with pytest.raises(PackError) as error:
        Workspace.open(root)
    assert list((root / FOLDER).iterdir()) == []
    return [issue.line() for issue in error.value.issues]


def customers(root: Path) -> list[str]:
    return [row[0] for row in Workspace.open(root).engine.rows("SELECT name FROM customer ORDER BY id")]


def rebind(root: Path, lines: str) -> None:
    toml = root / "salesrules.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('file = "customer.csv"', lines), encoding="utf-8")


def text(root: Path) -> str:
    return (root / CUSTOMER).read_text(encoding="utf-8")


def nul(root: Path) -> None:
    (root / CUSTOMER).write_text(text(root).replace("远山", "远\0山"), encoding="utf-8")


def utf_16_without_a_mark(root: Path) -> None:
    (root / CUSTOMER).write_bytes(text(root).replace("远山机械", "Yuanshan").encode("utf-16-le"))


def western(root: Path) -> None:
    (root / CUSTOMER).write_bytes(
        "id,name,region,owner,phone\nC-1,Müller & Söhne,,,\nC-2,Café Zoë,,,\n".encode("cp1252")
    )


def open_quote(root: Path) -> None:
    (root / CUSTOMER).write_text(text(root).replace("晨光化工", '"晨光化工'), encoding="utf-8")


def ragged(root: Path) -> None:
    (root / CUSTOMER).write_text(text(root).replace("晨光化工", "晨光,化工"), encoding="utf-8")


def mixed_lines(root: Path) -> None:
    (root / CUSTOMER).write_bytes(text(root).encode().replace(b"\n", b"\r\n", 2))


def endless_header(root: Path) -> None:
    with (root / CUSTOMER).open("wb") as file:
        for _ in range(200):
            file.write(b"x" * (1 << 20))


def endless_quoted_header(root: Path) -> None:
    (root / CUSTOMER).write_text('id,"' + "name\n" * 300_000, encoding="utf-8")


def many_columns(root: Path) -> None:
    (root / CUSTOMER).write_text(",".join(f"c{n}" for n in range(100_000)) + ",c7\n", encoding="utf-8")


def bomb(root: Path) -> None:
    rebind(root, 'file = "customer.xlsx"')
    with ZipFile(root / "data/customer.xlsx", "w", ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", "xl/workbook.xml"):
            archive.writestr(name, "<x/>")
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as entry:
            for _ in range((LARGEST >> 20) + 1):
                entry.write(bytes(1 << 20))


def formulas_without_results(root: Path) -> None:
    rebind(root, 'file = "customer.xlsx"')
    book = Workbook()
    for row in (["id", "name", "region", "owner", "phone"], ["C-1", "a", None, None, 1], ["C-2", "=B2&C2"]):
        book.active.append(row)
    book.save(root / "data/customer.xlsx")


def nested_parquet(root: Path) -> None:
    rebind(root, 'file = "customer.parquet"')
    query = "SELECT 'C-1' AS id, ['a', 'b'] AS name, NULL AS region, NULL AS owner, {'a': 1} AS phone"
    duckdb.execute(f"COPY ({query}) TO '{root / 'data/customer.parquet'}'")


def other_columns(root: Path) -> None:
    (root / CUSTOMER).write_text(text(root).replace("region", "area", 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (nul, ["7:1: source.unreadable", "NUL characters"]),
        (utf_16_without_a_mark, ["7:1: source.unreadable", "utf-16-le"]),
        (western, ["7:1: source.unreadable", "encoding = 'cp1252'"]),
        (open_quote, ["7:1: source.open_quote", "customer.csv, line 3:"]),
        (ragged, ["7:1: source.ragged", "customer.csv, line 3: 6 cells, the header has 5"]),
        (mixed_lines, ["7:1: source.mixed_lines", "save it again"]),
        (endless_header, ["7:1: source.unreadable", "the first line has more than 1,048,576 characters"]),
        (endless_quoted_header, ["7:1: source.unreadable", "field larger than field limit"]),
        (many_columns, ["7:1: source.unreadable", "column c7 stands twice"]),
        (bomb, ["7:1: source.unreadable", "unpacked it has 513 MB"]),
        (formulas_without_results, ["7:1: source.no_result", "the first in B3"]),
        (nested_parquet, ["6:1: source.nested", "column `name`"]),
        (other_columns, ["6:1: source.no_column", "no column `region`"]),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused(tiny: Path, spoil: Callable[[Path], None], said: list[str]) -> None:
    spoil(tiny)
    found = refused(tiny)
    assert all(part in found[0] for part in said), found


@pytest.mark.parametrize(
    ("encoding", "key"), [("utf-16", ""), ("gb18030", ""), ("cp1252", "cp1252"), ("utf-16-le", "utf-16-le")]
)
def test_an_encoding_is_detected_or_named(tiny: Path, encoding: str, key: str) -> None:
    names = ["Müller", "Zoë"] if key == "cp1252" else ["远山机械", "晨光化工"]
    lines = "".join(f"C-{n},{name},,,\n" for n, name in enumerate(names))
    (tiny / CUSTOMER).write_bytes(f"id,name,region,owner,phone\n{lines}".encode(encoding))
    if key:
        rebind(tiny, f'file = "customer.csv"\nencoding = "{key}"')
    assert customers(tiny) == names
    assert [s.encoding for s in Overseer(Workspace.open(tiny)).doctor().sources if s.what == "customer"] == [
        key or encoding
    ]


def test_columns_that_changed_since_yesterday_are_no_answer_of_yesterday(tiny: Path) -> None:
    assert len(customers(tiny)) == 4
    other_columns(tiny)
    with pytest.raises(PackError, match=r"source\.no_column"):
        Workspace.open(tiny)


def test_columns_without_a_name_are_passed_over(tiny: Path) -> None:
    header, *rows = text(tiny).splitlines()
    lines = [f",{header},", *(f"{n},{row},left over" for n, row in enumerate(rows))]
    (tiny / CUSTOMER).write_text("\n".join(lines), encoding="utf-8")
    assert len(customers(tiny)) == 4


def test_several_files_of_one_shape_are_one_table(tiny: Path) -> None:
    inbox = tiny / "data/inbox"
    inbox.mkdir()
    header, *rows = text(tiny).splitlines()
    (inbox / "a.csv").write_text("\n".join([header, *rows[:2]]), encoding="utf-8")
    turned = ["phone;id;name;region;owner", "1;C-3;c;;", "2;C-4;d;Nirgends;"]  # other order, other separator
    (inbox / "b.csv").write_text("\n".join(turned), encoding="utf-8")
    (inbox / "~$b.csv").write_text("what a spreadsheet locks with")
    rebind(tiny, 'files = "inbox/*.csv"')
    workspace = Workspace.open(tiny)
    assert customers(tiny) == ["远山机械", "晨光化工", "c"]
    (table,) = [table for table in Overseer(workspace).rejected() if table.entity == "customer"]
    assert [(row.file, row.row, row.cells[0]) for row in table.rows] == [(str(inbox / "b.csv"), 3, "C-4")]
    (inbox / "c.csv").write_text("id,name,area,owner,phone\nC-5,e,,,\n", encoding="utf-8")
    with pytest.raises(PackError) as error:
        Workspace.open(tiny)
    assert [(issue.code, issue.words["columns"]) for issue in error.value.issues] == [
        ("source.columns_differ", "+area -region")
    ]
    for path in inbox.iterdir():
        path.unlink()
    with pytest.raises(PackError, match=r"source\.no_files"):
        Workspace.open(tiny)


def changing(monkeypatch: pytest.MonkeyPatch, path: Path, times: int) -> None:
    """Let a file get another row each time that everything has just been read, so often."""
    real, left = cache.build, iter(range(times))

    def build(*given: object) -> None:
        real(*given)  # type: ignore[arg-type]
        if (n := next(left, None)) is not None:
            path.write_text(path.read_text(encoding="utf-8") + f"N-{n},new,,,\n", encoding="utf-8")

    monkeypatch.setattr(cache, "build", build)


def test_a_file_that_changes_while_it_is_read_is_read_again(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changing(monkeypatch, tiny / CUSTOMER, 1)
    assert customers(tiny)[-1] == "new"


def test_a_file_that_keeps_changing_is_not_read_half(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changing(monkeypatch, tiny / CUSTOMER, 99)
    assert [line.split(": ")[1] for line in refused(tiny)] == ["source.changing"]


@pytest.mark.parametrize("size", [1, 200_000, 1_000_000, 2_000_000])
def test_a_disk_that_is_full_leaves_nothing_half_read(tiny: Path, size: int) -> None:
    """The limit is of the size of a file, which the system tells like a disk that is full."""
    code = f"import sys; sys.path[:0] = [{str(ROOT)!r}]; from pathlib import Path\n"
    code += "from salesrules.workspace import Workspace; from salesrules.issue import PackError\n"
    code += f"try: Workspace.open(Path({str(tiny)!r}))\nexcept PackError as e: print([i.code for i in e.issues])\n"

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    said = subprocess.run(
        [sys.executable, "-c", code], preexec_fn=limited, capture_output=True, text=True, check=False, timeout=120
    )
    assert said.stdout == "['source.no_space']\n", said.stderr
    assert list((tiny / FOLDER).iterdir()) == []
    assert len(customers(tiny)) == 4


def test_the_rows_are_kept_where_the_environment_says(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tiny / "elsewhere"
    monkeypatch.setenv("SALESRULES_CACHE", str(elsewhere))
    assert len(customers(tiny)) == 4
    assert [path.suffix for path in elsewhere.iterdir()] == [".duckdb"]
    assert not (tiny / FOLDER).exists()
