"""The guide to binding tables: its settings are read without a mistake, its commands print what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.sources.settings.bindings import read_settings
from salesrules.sources.settings.settings_schema import KEYS
from tests.conftest import ROOT
from tests.tiny_company import make

GUIDES = {"en": ROOT / "docs/sources.md", "zh": ROOT / "docs/zh/sources.md"}
ACCOUNTS = """\
Customer No.;Customer Name;Territory;Sales;Mobile;Fax
C-1;Far Hills;Shanghai;P-1;138;
C-2;MÃ¼ller;Shanghai;P-2;139;
C-3;White Cloud;华东;P-2;NULL;
C-5;Fir;华南;;;
C-9;Nobody;Nowhere;;;
"""


def fenced(lang: str, info: str) -> list[str]:
    text = GUIDES[lang].read_text(encoding="utf-8")
    return re.findall(rf"^```{info}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("lang", GUIDES)
def test_the_settings_of_a_guide_have_no_mistake(lang: str, tmp_path: Path) -> None:
    (settings,) = fenced(lang, "toml")
    (tmp_path / "salesrules.toml").write_text(settings, encoding="utf-8")
    assert set(read_settings(tmp_path).sources) == {"crm", "erp"}


@pytest.mark.parametrize("lang", GUIDES)
def test_every_key_of_the_settings_stands_in_the_guide(lang: str) -> None:
    text = GUIDES[lang].read_text(encoding="utf-8")
    assert [key for key in sorted(KEYS) if not re.search(rf"(`{key}`|^{key} = )", text, re.MULTILINE)] == []


@pytest.mark.parametrize("lang", GUIDES)
def test_the_commands_of_a_guide_print_what_it_says(lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make(tmp_path)
    (root / "exports").mkdir()
    (root / "exports/accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    dimensions = root / "rules/tiny/dimensions.yaml"
    aliases = fenced(lang, "yaml")[0]
    dimensions.write_text(dimensions.read_text(encoding="utf-8") + aliases, encoding="utf-8")
    toml = root / "salesrules.toml"
    bound = '[sources.tiny.customer]\nfile = "customer.csv"\n'
    toml.write_text(toml.read_text(encoding="utf-8").replace(bound, ""), encoding="utf-8")
    monkeypatch.chdir(root)
    first, second = (block.removeprefix("$ salesrules ").split("\n", 1) for block in fenced(lang, "console"))
    guessed = CliRunner().invoke(main, [*first[0].split(), "--lang", lang])
    assert guessed.output == first[1]
    CliRunner().invoke(main, [*first[0].split(), "--write", "--lang", lang])
    examined = CliRunner().invoke(main, [*second[0].split(), "--lang", lang])
    cached = re.sub(r"^  .*\.duckdb.*$", "  …", examined.output, flags=re.MULTILINE)
    assert cached == second[1]
