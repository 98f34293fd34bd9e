"""The guide to assignment: what it quotes is what the demo company says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.demo import make
from salesrules.load.shapes import keys_of, shapes_of
from salesrules.pack.assignment import Fairness
from salesrules.reading import read_program
from salesrules.sources.settings.bindings import read_settings
from tests.conftest import ROOT

GUIDES = {"en": ROOT / "docs/assignment.md", "zh": ROOT / "docs/zh/assignment.md"}


def commands() -> list[tuple[str, str, str]]:
    found = []
    for lang, path in GUIDES.items():
        blocks = re.findall(r"^```console\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        parts = [part for block in blocks for part in block.split("$ salesrules ")[1:]]
        found += [(lang, *part.partition("\n")[::2]) for part in parts]
    return found


@pytest.mark.parametrize("lang", GUIDES)
def test_the_block_of_fairness_loads(lang: str, tmp_path: Path) -> None:
    """In place of that of the pack which the guide quotes, with every word that its keys take beside."""
    (block,) = re.findall(
        r"^```yaml\nassignments:\n  new_leads:\n(    fairness:.*?)^```",
        GUIDES[lang].read_text(encoding="utf-8"),
        re.M | re.S,
    )
    for folder in ("rules", "policies"):
        shutil.copytree(ROOT / folder / "standard", tmp_path / folder / "standard")
    file = tmp_path / "rules/standard/assignment.yaml"
    text = file.read_text(encoding="utf-8")
    (line,) = re.findall(r"^    fairness: .*\n", text, re.M)
    file.write_text(text.replace(line, block), encoding="utf-8")
    (tmp_path / "salesrules.toml").write_text('pack = "standard"\n', encoding="utf-8")
    found = read_program(read_settings(tmp_path), None)
    assert [issue.line() for issue in found.issues if issue.severity == "error"] == []
    assert found.program is not None
    (limit,) = [one.fairness for one in found.program.pack.assignments.values() if one.fairness is not None]
    assert (limit.measure, limit.of, limit.stops, str(limit.at_most)) == ("max_to_min", "load", "draft", "2.5")
    named = {word for key in keys_of(Fairness) for word in shapes_of(key.type).options}
    assert {word for word in named if not re.search(rf"\b{word}\b", block)} == set()


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
