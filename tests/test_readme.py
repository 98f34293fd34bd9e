"""The READMEs: every command can be typed as it stands, in order, on the company that the first one makes."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from string import Template

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from tests.conftest import ROOT

PAGES = {"en": ROOT / "README.md", "zh": ROOT / "docs/zh/README.md"}
MAKES = "salesrules demo --keep my-demo"
ELSEWHERE = {
    "serve",  # does not end
    "test",  # takes a minute, and tests/test_packtest.py runs it
    "import",  # takes a file of the reader's own, as FILE says
}
ENDS = {  # how commands end otherwise than with 0, and what they say then
    "can": (5, "no"),
    "advance": (5, "in the way"),
    "assign": (1, "more unequal than"),
    "replay": (1, "more unequal than"),
}
SHOWS = {  # where an answer with nothing in it would leave the reader alone
    "why": "may not read Phone",
    "delegate --as P-0002": "P-0008",
    "see --as P-0008 --for": "in the place of P-0002",
    "claim": "can be claimed",
    "return": "can be returned",
    "transfer": "can be transferred",
    "appeals": "my region",
    "done": "task done",
    "approve": "approved",
    "history": "sample sent",
    "violations": "1",
}


def blocks(lang: str, info: str = "[a-z]*") -> list[str]:
    text = PAGES[lang].read_text(encoding="utf-8")
    return re.findall(rf"^```{info}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def typed(lang: str) -> list[str]:
    """What is to be typed, from the command on that makes the company; without what is said of it."""
    lines = [line.split(" # ")[0].strip() for block in blocks(lang, "sh") for line in block.splitlines()]
    start, end = lines.index(MAKES), next(n for n, line in enumerate(lines) if n > 2 and ".[test]" in line)
    return [part for line in lines[start + 1 : end] for part in line.split(" && ") if part]


def named(folder: Path) -> dict[str, str]:
    """What a shell knows after `today.sh`, of what that sets."""
    script = "set -eua; . ./today.sh; env"
    told = subprocess.run(["/bin/sh", "-c", script], cwd=folder, env={}, capture_output=True, text=True, check=True)
    return dict(line.split("=", 1) for line in told.stdout.splitlines())


def wrong(line: str, code: int, printed: str) -> str | None:
    """What a command did otherwise than the page says."""
    other = ENDS.get(line.split()[1], (0, ""))
    shown = [part for start, part in SHOWS.items() if line.startswith(f"salesrules {start} ")]
    ended = code == 0 or (code == other[0] and other[1] in printed)
    said = printed.strip() and all(part in printed and not printed.startswith("0 ") for part in shown)
    return None if ended and said else f"{line}: {code}: {printed}"


def test_every_command_does_what_it_is_there_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "my-demo"
    made = CliRunner().invoke(main, [*MAKES.split()[1:3], str(folder), "--size", "small", "--lang", "en"])
    assert all(
        f"  {line}\n" in made.stdout for line in (folder / "today.sh").read_text(encoding="utf-8").splitlines()[1:]
    )
    monkeypatch.chdir(folder)
    names, found, verbs = named(folder), [], set()
    assert set(re.findall(r"\$(\w+)", "\n".join(typed("en")))) == names.keys() - {"PWD"}
    for line in typed("en"):
        words = shlex.split(Template(line).substitute(names))
        if words[0] in ("mkdir", "cp"):
            subprocess.run(words, check=True)
        elif words[0] == "salesrules" and words[1] not in ELSEWHERE:
            verbs.add(words[1])
            result = CliRunner().invoke(main, words[1:], env={"SALESRULES_LANG": "en"})
            found.append(wrong(line, result.exit_code, result.output))
    assert [each for each in found if each is not None] == []
    assert {start.split()[0] for start in SHOWS} | ENDS.keys() <= verbs


def test_both_readmes_have_the_same_to_type() -> None:
    def bare(line: str) -> str:
        return re.sub(r'"[^"=]*"', '""', line)  # notes and reasons are in the language of the page

    assert [bare(line) for line in typed("zh")] == [bare(line) for line in typed("en")]


def test_both_readmes_have_the_same_parts() -> None:
    def parts(lang: str) -> list[str]:
        return re.findall(r"^(#+ |```\w*$)", PAGES[lang].read_text(encoding="utf-8"), re.MULTILINE)

    assert parts("zh") == parts("en")


def test_both_readmes_lead_to_the_same_pages() -> None:
    def names(lang: str) -> set[str]:
        links = re.findall(r"\]\((?!https?:)([^)#]+)", PAGES[lang].read_text(encoding="utf-8"))
        return {Path(link).name for link in links} - {"README.md", "zh"}

    assert names("zh") == names("en")
