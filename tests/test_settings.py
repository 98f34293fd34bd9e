"""What salesrules.toml can have wrong: each is told with its line, and nothing is half-read."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesrules.issue import PackError
from salesrules.sources.bindings import read_settings

CASES = {
    "sources = 3": ["1 workspace.wrong"],
    "pack = 3": ["1 workspace.wrong"],
    'pack = "../x"': ["1 workspace.wrong"],
    "[sources]\nx = 3": ["2 workspace.wrong"],
    "[sources.a.b]\nfile = 5": ["2 workspace.wrong"],
    "[sources.a.b]\nsheet = 's'": ["1 workspace.missing_key"],
    "[sources.a]\nfolder = 3": ["2 workspace.wrong"],
    "[sources.a]\nnulls = 'NULL'": ["2 workspace.wrong"],
    "[sources.a.b]\nfile = 'x.csv'\ncolumn = {id = 'x'}": ["3 workspace.unknown_key"],
    "[source.a.b]\nfile = 'x.csv'": ["1 workspace.unknown_key"],
    "pack = ": ["1 workspace.toml"],
    'pack = "a"\n[sources.crm.customer]\nfile = "x.xlsx"\nsheet = "s"\ncolumns = {id = "编号"}': [],
}


@pytest.mark.parametrize("text", CASES)
def test_settings_are_checked(text: str, tmp_path: Path) -> None:
    (tmp_path / "salesrules.toml").write_text(text, encoding="utf-8")
    if not CASES[text]:
        assert read_settings(tmp_path).pack == "a"
        return
    with pytest.raises(PackError) as refused:
        read_settings(tmp_path)
    assert [f"{issue.span.line} {issue.code}" for issue in refused.value.issues] == CASES[text]
    assert all(issue.text("zh") for issue in refused.value.issues)


def test_settings_in_another_encoding_are_told(tmp_path: Path) -> None:
    (tmp_path / "salesrules.toml").write_bytes("pack = '华辰'".encode("gb18030"))
    with pytest.raises(PackError, match=r"workspace\.not_utf8"):
        read_settings(tmp_path)
