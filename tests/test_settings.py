"""What salesrules.toml can have wrong: each is told with its line, and nothing is half-read."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from salesrules.issue import PackError
from salesrules.sources.settings.bindings import read_settings
from salesrules.sources.settings.toml_places import places

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
    "[sources.a]\nfile = 'x.csv'\nurl = 'env:X'": ["3 workspace.two_places"],
    "[sources.a.b]\nfile = 'x.csv'\nfiles = '*.csv'": ["3 workspace.two_places"],
    "[sources.a.b]\nfile = 'x.csv'\n\ntable = 'b'": ["4 workspace.no_table_in"],
    "[sources.a]\nurl = 'env:X'\nrefresh = 'soon'": ["3 workspace.wrong"],
    "[sources.a]\nurl = 'mysql://me:hush@host/db'": ["2 workspace.password"],
    "[sources.a]\nurl = 'postgresql://host/db?password=hush'": ["2 workspace.password"],
    "[sources.a]\ndates = 'DD/MM/YYYY'": ["2 workspace.bad_dates"],
    "[sources.a]\ndates = '%m/%d'": ["2 workspace.bad_dates"],
    "[sources.a]\ndates = '%m/%d/%Q'": ["2 workspace.bad_dates"],
    "[sources.a]\ndecimal = ','\nthousands = ','": ["3 workspace.same_signs"],
    "[sources.a]\ndecimal = ';'": ["2 workspace.wrong"],
    "[sources.a]\ntrue = ['Y']": ["2 workspace.missing_key"],
    "[sources.a]\ntrue = ['Y']\nfalse = ['y']": ["3 workspace.true_and_false"],
    "[sources.a]\nencoding = 'latin-9000'": ["2 workspace.unknown_encoding"],
    "[sources.a.b]\nfile = 'x.csv'\nscale = {c = 10}": ["3 workspace.wrong"],
    "[sources.a.b]\nfile = 'x.csv'\nmaster = {owner = 'crm'}": ["3 workspace.wrong"],
    "[sources.a]\n\nb = {file = 'x.csv', columns = {c = 3}}": ["3 workspace.wrong"],
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


def test_a_file_that_an_editor_marked_as_utf_8_is_read(tmp_path: Path) -> None:
    (tmp_path / "salesrules.toml").write_bytes(b"\xef\xbb\xbfpack = 'a'\r\n")
    assert read_settings(tmp_path).pack == "a"


HOSTILE = """\
# [not.a.table]
a = "x # y"   # b = 1
\t"quoted key" = 'c = 2'
d.e . "f.g" = [1, 2.5, "h = 3", {i = 1}, # j = 4
  [ "]", 1979-05-27T07:32:00Z ]]
[ k . "l m" ]  # a header
n = \"\"\"
o = 5 \\\"\"\"
[p]\"\"\"
q = {r = {s = {}}, t = -1.5e+3}
u = '''
v = 6'''
[[w]]
x = true
"""


def test_every_key_has_its_place_and_nothing_else_has_one() -> None:
    found = places(HOSTILE, "f")
    lines = HOSTILE.splitlines()
    assert {path: lines[s.line - 1][s.column - 1 : s.end_column - 1] for path, s in found.items()} == {
        ("a",): "a",
        ("quoted key",): '"quoted key"',
        ("d", "e", "f.g"): 'd.e . "f.g"',
        ("d", "e", "f.g", "i"): "i",
        ("k", "l m"): '[ k . "l m"',
        ("k", "l m", "n"): "n",
        ("k", "l m", "q"): "q",
        ("k", "l m", "q", "r"): "r",
        ("k", "l m", "q", "r", "s"): "s",
        ("k", "l m", "q", "t"): "t",
        ("k", "l m", "u"): "u",
        ("w",): "[[w",
        ("w", "x"): "x",
    }
    assert tomllib.loads(HOSTILE)["k"]["l m"]["q"] == {"r": {"s": {}}, "t": -1500.0}
