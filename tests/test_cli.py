"""The verbs as people type them: what they print, and how they end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from salesrules.cli import main
from salesrules.demo import Made
from tests.conftest import ROOT


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def test_the_demo_gives_three_people_three_answers(tmp_path: Path) -> None:
    result = run("demo", "--size", "small", "--keep", str(tmp_path / "kept"))
    assert result.exit_code == 0
    lines = [line.split("  ") for line in result.stdout.splitlines() if line.startswith(" P-")]
    assert len(lines) == 3
    assert len({tuple(words[1:]) for words in lines}) == 3
    assert "Why P-0005 Li Na 李娜 does not see the Phone of" in result.stdout
    assert "policies/standard/grants.csv:3" in result.stdout
    again = run("demo", "--size", "small", "--keep", str(tmp_path / "kept"))
    assert again.exit_code == 2
    assert "is not empty" in again.stderr


def test_the_demo_speaks_chinese() -> None:
    result = run("demo", "--size", "small", "--lang", "zh")
    assert result.exit_code == 0
    assert "为什么 P-0005 李娜 看不到" in result.stdout
    assert "销售代表 在数据范围「我负责的」内可以查看" in result.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("validate",), 0, "0 errors, 0 warnings in 26 files"),
        (("see", "--as", "P-0005", "customer", "--limit", "3"), 0, "through I take part in, Mine, My patch"),
        (("see", "--as", "P-0001", "customer"), 0, "no grant shows you any"),
        (("see", "--as", "P-0005", "customr"), 2, "did you mean `customer`"),
        (("see", "--as", "nobody", "customer"), 5, "nobody with the id"),
        (("kpi", "--as", "P-0005", "signed", "--by", "product"), 0, "Line A"),
        (("kpi", "--as", "P-0005", "signed", "--by", "customer.phone"), 0, "Signed amount"),
        (("kpi", "--as", "P-0001", "signed", "--by", "customer.phone"), 5, "no grant opens"),
        (("kpi", "--as", "P-0005", "signed", "--by", "regin"), 2, "unknown field"),
        (("can", "--as", "P-0005", "read", "customer", "C-00000"), 5, "no such record, or not yours"),
        (("why", "--as", "P-0002", "customer", "C-00000"), 5, "no such record, or not yours"),
        (("validate", "--workspace", "/nowhere"), 3, "there is no salesrules.toml"),
        (("validate", "--pack", "standart"), 3, "did you mean `standard`"),
    ],
)
def test_verbs_end_as_they_say(demo_folder: tuple[Path, Made], words: tuple[str, ...], code: int, said: str) -> None:
    given = words if "--workspace" in words else (*words, "--workspace", str(demo_folder[0]))
    result = run(*given)
    assert said in result.output
    assert result.exit_code == code
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_can_is_why_as_an_exit_code(demo_folder: tuple[Path, Made]) -> None:
    folder = ("--workspace", str(demo_folder[0]), "--as", "P-0005")
    listed = run("see", "customer", "--limit", "100", *folder).stdout.splitlines()
    keys = [line.split()[0] for line in listed if line.startswith(" C-")]
    codes = {key: run("can", "read", "customer", key, "--field", "phone", *folder).exit_code for key in keys[:12]}
    reasons = {key: run("why", "customer", key, "--field", "phone", *folder).stdout for key in keys[:12]}
    assert set(codes.values()) == {0, 5}
    assert all(reasons[key].startswith("may read" if code == 0 else "may not read") for key, code in codes.items())


def test_figures_for_other_programs_keep_every_digit(demo_folder: tuple[Path, Made]) -> None:
    words = ("kpi", "--as", "P-0006", "open_pipeline", "--by", "stage", "--workspace", str(demo_folder[0]), "--output")
    table = run(*words, "csv").stdout.splitlines()
    assert table[0] == "stage,open_pipeline,rows,hidden"
    rows = json.loads(run(*words, "json").stdout)["rows"]
    assert [f"{row['stage'] or ''},{row['open_pipeline'] or ''},{row['rows']}," for row in rows] == table[1:]


@pytest.fixture
def own_pack(tmp_path: Path) -> Path:
    """A workspace with a pack of its own, in which one field is misspelt."""
    folder = tmp_path / "own"
    assert run("demo", "--size", "small", "--keep", str(folder)).exit_code == 0
    for part in ("rules", "policies"):
        shutil.copytree(ROOT / part / "standard", folder / part / "standard", dirs_exist_ok=True)
    path = folder / "policies/standard/slices.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("owner = user", "ownr = user", 1), encoding="utf-8")
    return folder


def test_validate_points_at_the_mistake(own_pack: Path) -> None:
    result = run("validate", "--workspace", str(own_pack))
    assert result.exit_code == 3
    assert "slices.yaml:6:17: expr.unknown_field: unknown field `ownr` in `customer`; did you mean `owner`?" in (
        result.stderr
    )
    line, carets = result.stderr.splitlines()[1:3]
    assert line[carets.index("^") : carets.rindex("^") + 1] == "ownr"
    assert "1 error, 0 warnings" in result.stdout


def test_validate_speaks_to_programs(own_pack: Path) -> None:
    found = json.loads(run("validate", "--workspace", str(own_pack), "--output", "json").stdout)
    assert [(issue["code"], issue["line"], issue["column"]) for issue in found] == [("expr.unknown_field", 6, 17)]
    sarif = json.loads(run("validate", "--workspace", str(own_pack), "--output", "sarif").stdout)
    assert [result["ruleId"] for result in sarif["runs"][0]["results"]] == ["expr.unknown_field"]


def test_format_changes_the_layout_and_no_more(own_pack: Path) -> None:
    path = own_pack / "policies/standard/slices.yaml"
    tidy = path.read_text(encoding="utf-8")
    untidy = tidy.replace("{en: Mine, zh: 我负责的}", "{ en:   Mine,zh: 我负责的 }  # whose")
    path.write_text(untidy, encoding="utf-8")
    assert run("format", "--check", "--workspace", str(own_pack)).exit_code == 3
    assert path.read_text(encoding="utf-8") == untidy
    assert run("format", "--workspace", str(own_pack)).exit_code == 0
    assert path.read_text(encoding="utf-8") == tidy.replace("我负责的}", "我负责的}  # whose")
    assert run("format", "--check", "--workspace", str(own_pack)).exit_code == 0
    assert "nothing to change" in run("format", str(path)).stdout


def test_shipped_packs_are_laid_out() -> None:
    files = [str(path) for part in ("rules", "policies") for path in sorted((ROOT / part).rglob("*.yaml"))]
    assert run("format", "--check", *files).stdout == "nothing to change\n"


def test_schema_writes_what_the_files_name(tmp_path: Path) -> None:
    result = run("schema", "--workspace", str(tmp_path))
    assert result.exit_code == 0
    names = {path.name for path in (tmp_path / "salesrules/schema").iterdir()}
    assert {path.name for path in (ROOT / "salesrules/schema").iterdir()} == names


def test_pages_are_for_this_machine_only(demo_folder: tuple[Path, Made]) -> None:
    result = run("serve", "--host", "0.0.0.0", "--workspace", str(demo_folder[0]))
    assert (result.exit_code, "on this machine only" in result.stderr) == (2, True)


def test_format_keeps_the_line_ends_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "pack.yaml"
    path.write_bytes(b"# a comment\r\npack:   x\r\n\r\nversion: 1.0.0")
    run("format", str(path))
    assert path.read_bytes() == b"# a comment\r\npack: x\r\n\r\nversion: 1.0.0\r\n"


def test_format_tells_what_it_cannot_read(tmp_path: Path) -> None:
    path = tmp_path / "pack.yaml"
    path.write_bytes("pack:   线索".encode("gb18030"))
    result = run("format", str(path))
    assert (result.exit_code, "file.in_encoding" in result.output, "Traceback" in result.output) == (3, True, False)
    assert path.read_bytes() == "pack:   线索".encode("gb18030")
    zh = run("format", "--lang", "zh", str(path))
    assert "GB18030" in zh.output
