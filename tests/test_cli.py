"""The verbs as people type them: what they print, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from salesrules.cli import main
from salesrules.demo import Made


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def test_the_demo_gives_three_people_three_answers(tmp_path: Path) -> None:
    result = run("demo", "--keep", str(tmp_path / "kept"))
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines() if line.startswith(" P-")]
    assert len(lines) == 3
    assert len({tuple(words[3:]) for words in lines}) == 3
    assert "Why P-0005 does not see the Phone of" in result.stdout
    assert "policies/standard/grants.csv:3" in result.stdout
    again = run("demo", "--keep", str(tmp_path / "kept"))
    assert again.exit_code == 2
    assert "is not empty" in again.stderr


def test_the_demo_speaks_chinese() -> None:
    result = run("demo", "--lang", "zh")
    assert result.exit_code == 0
    assert "为什么 P-0005 看不到" in result.stdout
    assert "销售代表 在数据范围「我负责的」内允许" in result.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("validate",), 0, "no errors"),
        (("see", "--as", "P-0005", "customer", "--limit", "3"), 0, "through Mine, My patch"),
        (("see", "--as", "P-0001", "customer"), 0, "no grant shows you any"),
        (("see", "--as", "P-0005", "customr"), 2, "did you mean `customer`"),
        (("see", "--as", "nobody", "customer"), 5, "nobody with the id"),
        (("kpi", "--as", "P-0005", "signed", "--by", "product"), 0, "line_a"),
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
    words = ("kpi", "--as", "P-0001", "signed", "--by", "product", "--workspace", str(demo_folder[0]), "--output")
    table = run(*words, "csv").stdout.splitlines()
    assert table[0] == "product,signed,rows,hidden"
    rows = json.loads(run(*words, "json").stdout)["rows"]
    assert [f"{row['product'] or ''},{row['signed']},{row['rows']}," for row in rows] == table[1:]
