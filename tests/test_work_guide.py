"""The guides to work and to pools: the commands of each run in order on one workspace, and print what it says."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from tests import working_company
from tests.conftest import ROOT
from tests.guide_company import MAKERS
from tests.test_guide import trimmed

GUIDES = [(page, lang) for page in MAKERS for lang in ("en", "zh")]


def text_of(page: str, lang: str) -> str:
    return (ROOT / "docs" / ("zh" if lang == "zh" else "") / page).read_text(encoding="utf-8")


STEP = re.compile(  # the moment, in UTC, of what follows; an edit of a file; or commands with what they print
    r"^<!-- now: (?P<now>\S+) -->$|^<!-- edit: (?P<file>\S+): (?P<old>\S+) => (?P<new>\S+) -->$"
    r"|^```console\n(?P<console>.*?)^```",
    re.MULTILINE | re.DOTALL,
)


@pytest.mark.parametrize(("page", "lang"), GUIDES)
def test_the_commands_of_the_guide_print_what_it_says(
    page: str, lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(MAKERS[page](tmp_path))
    commands = 0
    for step in STEP.finditer(text_of(page, lang)):
        if step["now"]:
            moment = datetime.fromisoformat(step["now"])
            monkeypatch.setattr("salesrules.working._now", lambda moment=moment: moment)
            today = (moment + timedelta(hours=8)).date()  # in Shanghai
            monkeypatch.setattr("salesrules.workspace.Workspace.today", lambda _, today=today: today)
        elif step["file"]:
            working_company.change(tmp_path, step["old"], step["new"], step["file"])
        for part in (step["console"] or "").split("$ salesrules ")[1:]:
            words, _, printed = part.partition("\n")
            output = CliRunner().invoke(main, [*words.split(), "--lang", lang]).output
            assert [shortened(line) for line in trimmed(output)] == trimmed(printed), words
            commands += 1
    assert commands >= 12


def shortened(line: str) -> str:
    """A line as the guide has it: of a hash only how it begins, as it hangs on the pack."""
    return re.sub(r"\b[0-9a-f]{64}\b", "…", line)


@pytest.mark.parametrize(("page", "lang"), GUIDES)
def test_what_the_guide_quotes_of_the_pack_stands_there(page: str, lang: str, tmp_path: Path) -> None:
    root = MAKERS[page](tmp_path)
    quoted = re.findall(r"^```yaml\n# (\S+\.yaml)\n(.*?)^```", text_of(page, lang), re.MULTILINE | re.DOTALL)
    assert quoted
    for file, block in quoted:
        held = [line.strip() for line in (root / file).read_text(encoding="utf-8").splitlines()]
        assert [line.strip() for line in block.splitlines() if line.strip() not in held] == []
