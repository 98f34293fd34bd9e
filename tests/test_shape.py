"""The walls of the house: imports go down, no rings, Casbin stays in access/, pages ask the door."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

MODULES = sorted([*ROOT.glob("salesrules/**/*.py"), *ROOT.glob("web/**/*.py")])


def test_imports_go_down() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_opens_with_a_sentence(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert said
    assert said.split("\n", 1)[0].rstrip().endswith(".")
    assert path.stem not in {"utils", "helpers", "manager", "base", "core", "misc"}
