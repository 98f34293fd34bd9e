"""Layout changes how a file looks and nothing of what it says."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from salesrules.load.layout import layout
from salesrules.load.places import Value
from salesrules.load.yaml_data import read
from tests.conftest import ROOT
from tests.test_load_fuzz import TEXTS, mutated

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "load" / "layout.yaml").read_text(encoding="utf-8"))
PACK_FILES = sorted(ROOT.glob("rules/*/*.yaml")) + sorted(ROOT.glob("policies/*/*.yaml"))


@pytest.mark.parametrize("case", CASES, ids=[case["title"] for case in CASES])
def test_a_file_is_laid_out(case: dict[str, str]) -> None:
    laid_out, _ = layout(case["text"], "f")
    assert laid_out == case["becomes"]
    assert layout(laid_out, "f")[0] == laid_out


@pytest.mark.parametrize("path", PACK_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_shipped_files_keep_their_meaning_and_their_comments(path: Path) -> None:
    keeps_everything(path.read_text(encoding="utf-8"))


def said(value: Value | None) -> Any:
    """All data of a file with the text of every scalar."""
    if value is None:
        return None
    if isinstance(value.data, dict):
        return [(key, said(part)) for key, part in value.entries()]
    if isinstance(value.data, list):
        return [said(part) for part in value.items()]
    return value.data, value.text


def keeps_everything(text: str) -> str:
    laid_out, _ = layout(text, "f")
    assert said(read(laid_out, "f")[0]) == said(read(text, "f")[0])
    again, _ = layout(laid_out, "f")
    assert again == laid_out
    breaks = [len(re.findall(r"\r\n|\r|\n", found)) for found in (text.rstrip(), laid_out.rstrip())]
    assert breaks[0] == breaks[1]
    return laid_out


SCALARS = st.one_of(
    st.sampled_from(
        ["x", "true", "NO", "12:30", "1.10", "a b", "f(b)", "it's", "区域（省）", "'q'", '"q, {}"', "a = 'b'", "-1"]
    ),
    st.sampled_from(["|\nx\n y", ">-\nx\ny"]),
)
KEYS = st.sampled_from(["a", "b", "区域", "'c: d'", "e_f", "7", "two words"])
DATA = st.recursive(
    SCALARS, lambda part: st.one_of(st.lists(part, max_size=4), st.dictionaries(KEYS, part, max_size=4)), max_leaves=15
)


class Untidy:
    """Writes data as YAML with odd spaces, indentations, comments and blank lines wherever they may stand."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.comments = 0

    def spaces(self, least: int) -> str:
        return " " * (least + self.random.choice([0, 0, 1, 3]))

    def end(self) -> str:
        self.comments += 1
        tail = self.random.choice(["", "", "  ", f"   # comment {self.comments}"])
        return tail + "\n" + self.random.choice(["", "", "", "\n", f"{self.spaces(0)}# above {self.comments}\n"])

    def flow(self, data: Any) -> str:
        gap = self.spaces
        if isinstance(data, dict):
            return "{" + ",".join(f"{gap(0)}{k}{gap(0)}:{gap(1)}{self.flow(v)}{gap(0)}" for k, v in data.items()) + "}"
        if isinstance(data, list):
            return "[" + f"{gap(0)},{gap(0)}".join(self.flow(part) for part in data) + "]"
        return "z" if data[0] in "|>" else data.replace(",", "")

    def block(self, data: Any, indent: int) -> str:
        """The value as it stands behind a key or dash."""
        if not data or isinstance(data, str) or self.random.random() < 0.3:
            if isinstance(data, str) and data[0] in "|>":
                header, *lines = data.split("\n")
                inner = " " * (indent + self.random.randint(1, 4))
                return f" {header}\n" + "".join(f"{inner}{line}\n" for line in lines)
            return f"{self.spaces(1)}{self.flow(data)}{self.end()}"
        inner = indent + self.random.randint(1, 4)
        return "\n" + self.entries(data, inner)

    def entries(self, data: Any, indent: int) -> str:
        lead = " " * indent
        if isinstance(data, dict):
            return "".join(f"{lead}{key}{self.spaces(0)}:{self.block(part, indent)}" for key, part in data.items())
        return "".join(f"{lead}-{self.block(part, indent)}" for part in data)


@given(st.dictionaries(KEYS, DATA, min_size=1, max_size=5), st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_untidy_files_keep_their_meaning_and_become_tidy(data: dict[str, Any], seed: int) -> None:
    text = "# first\n" + Untidy(seed).entries(data, 0)
    value, issues = read(text, "f")
    assert value is not None, [issue.line() for issue in issues]
    laid_out = keeps_everything(text)
    comments = re.findall(r"# (?:comment|above) [0-9]+", text)
    assert re.findall(r"# (?:comment|above) [0-9]+", laid_out) == comments
    if "|" not in text and ">" not in text:
        assert all((len(line) - len(line.lstrip(" "))) % 2 == 0 for line in laid_out.split("\n") if "#" not in line)
        assert not re.search(r"[ \t]$", laid_out, flags=re.MULTILINE)


@given(st.one_of(TEXTS, mutated().map(lambda case: case[1])))
@settings(max_examples=300, deadline=None)
def test_any_text_keeps_what_it_says(text: str) -> None:
    laid_out, issues = layout(text, "f")
    value, before = read(text, "f")
    if value is None:
        assert laid_out == text
    else:
        assert said(read(laid_out, "f")[0]) == said(value)
        assert len(issues) <= len(before)
