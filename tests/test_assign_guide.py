"""The guide to assignment: what it quotes is what the demo company says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.demo import make
from tests.conftest import ROOT

GUIDES = {"en": ROOT / "docs/assignment.md", "zh": ROOT / "docs/zh/assignment.md"}


def commands() -> list[tuple[str, str, str]]:
    found = []
    for lang, path in GUIDES.items():
        blocks = re.findall(r"^```console\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        parts = [part for block in blocks for part in block.split("$ salesrules ")[1:]]
        found += [(lang, *part.partition("\n")[::2]) for part in parts]
    return found


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    make(folder)
    return folder


@pytest.mark.parametrize(("lang", "words", "printed"), commands(), ids=[" ".join(c[:2]) for c in commands()])
def test_a_command_prints_what_the_guide_says(
    demo: Path, lang: str, words: str, printed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(demo)
    result = CliRunner().invoke(main, [*words.split(), "--lang", lang])
    assert [line.strip() for line in result.output.splitlines()] == [line.strip() for line in printed.splitlines()]
