"""The guides to writing packs: their blocks make one pack without a mistake, and what they quote is what is said."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.check import check
from salesrules.cli import main
from salesrules.load import load
from salesrules.load.schema import KINDS
from tests.conftest import ROOT

GUIDES = {"en": (ROOT / "docs/packs.md", "alder"), "zh": (ROOT / "docs/zh/packs.md", "hengchuan")}
ACCESS = {"en": ROOT / "docs/access.md", "zh": ROOT / "docs/zh/access.md"}  # asks more of the same pack
BLOCK = re.compile(  # its file stands in its first line or, above a CSV block, in a comment
    r"^(?:<!-- file: (\S+) -->\n)?```(?:yaml|csv|toml)\n(?:# (\S+\.(?:yaml|toml))\n)?(.*?)^```",
    re.MULTILINE | re.DOTALL,
)


def fenced(lang: str, info: str) -> list[str]:
    text = GUIDES[lang][0].read_text(encoding="utf-8")
    return re.findall(rf"^```{info}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def consoles(path: Path) -> list[str]:
    return re.findall(r"^```console\n(.*?)^```", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def assembled(lang: str, root: Path) -> Path:
    """The workspace that a guide writes, file by file, over the rows that stand beside the tests."""
    shutil.copytree(ROOT / "tests/guide" / lang, root, dirs_exist_ok=True)
    for above, inside, body in BLOCK.findall(GUIDES[lang][0].read_text(encoding="utf-8")):
        path = root / (above or inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        assert not path.exists(), f"{path} stands twice"
        path.write_text((schema_line(path, body) if path.suffix == ".yaml" else "") + body, encoding="utf-8")
    return root


def schema_line(path: Path, body: str) -> str:
    """Line 1 as the guides ask for it; they leave it out where the kind can be read off the keys."""
    names = set(re.findall(r"^(\w+):", body, flags=re.MULTILINE))
    (kind,) = [kind for kind, noun in KINDS.items() if names <= set(noun.__dataclass_fields__)]
    up = "../" * (3 if path.parent.name in ("changes", "tests") else 2)
    return f"# yaml-language-server: $schema={up}salesrules/schema/{kind}.schema.json\n"


def issues_of(lang: str, root: Path) -> list[str]:
    name = GUIDES[lang][1]
    pack, issues = load(root / "rules" / name, root / "policies" / name, root)
    found = issues if pack is None else check(pack)[1]
    # the guides say in words that `growth` cannot be asked for yet
    told = [issue.line(lang) for issue in found if issue.code != "run.kpi_not_yet"]
    return told


@pytest.mark.parametrize("lang", GUIDES)
def test_the_blocks_of_a_guide_are_one_pack_without_a_mistake(lang: str, tmp_path: Path) -> None:
    root = assembled(lang, tmp_path)
    kinds = {path.stem for path in root.rglob("*.yaml")}
    assert kinds >= set(KINDS) - {"change", "test"}
    assert list((root / "rules" / GUIDES[lang][1] / "changes").glob("*.yaml"))
    assert list((root / "rules" / GUIDES[lang][1] / "tests").glob("*_test.yaml"))
    assert issues_of(lang, root) == []
    assert fenced(lang, "console")
    assert fenced(lang, "diff")


def commands() -> list[tuple[str, str, str]]:
    found = []
    for lang in GUIDES:
        for block in (*fenced(lang, "console"), *consoles(ACCESS[lang])):
            found += [(lang, *part.partition("\n")[::2]) for part in block.split("$ salesrules ")[1:]]
    return found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {lang: assembled(lang, tmp_path_factory.mktemp(lang)) for lang in GUIDES}


@pytest.mark.parametrize(("lang", "words", "printed"), commands(), ids=[" ".join(c[:2]) for c in commands()])
def test_a_command_prints_what_the_guide_says(
    running: dict[str, Path], lang: str, words: str, printed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(running[lang])
    result = CliRunner().invoke(main, [*words.split(), "--lang", lang])
    assert trimmed(result.output) == trimmed(printed)


def trimmed(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def mistakes() -> list[tuple[str, str, str, str, list[str]]]:
    """Guide, file, what is written instead of what, and what is said of it."""
    found = []
    for lang in GUIDES:
        for case in "".join(fenced(lang, "diff")).split("--- ")[1:]:
            file, old, new, *said = case.strip().splitlines()
            assert (old[:2], new[:2]) == ("- ", "+ "), case
            found.append((lang, file, old[2:].strip(), new[2:].strip(), said))
    return found


@pytest.mark.parametrize(("lang", "file", "old", "new", "said"), mistakes(), ids=[c[0] + c[3] for c in mistakes()])
def test_a_mistake_is_told_as_the_guide_says(
    lang: str, file: str, old: str, new: str, said: list[str], tmp_path: Path
) -> None:
    path = assembled(lang, tmp_path) / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert issues_of(lang, tmp_path) == said
