"""What comes with the product alone is enough for every verb and page; extras are asked for where they are needed."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULES = {"psycopg[binary]": "psycopg", "openpyxl": "openpyxl", "ortools": "ortools", "atheris": "atheris"}
NEED_A_DRIVER = {"salesrules.engines.postgres", "salesrules.sources.client.in_place"}

IMPORT_EVERYTHING = """
import importlib, pkgutil, sys
for name in {absent!r}:
    sys.modules[name] = None
import salesrules, salesrules_web
for package in (salesrules, salesrules_web):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not found.name.endswith("__main__"):
            try:
                importlib.import_module(found.name)
            except ImportError:
                print(found.name)
"""


def test_only_what_reads_a_database_in_place_needs_an_extra_to_be_imported() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    named = {line.split(">=")[0] for name, lines in extras.items() if name != "test" for line in lines}
    assert named == set(MODULES)
    code = IMPORT_EVERYTHING.format(absent=list(MODULES.values()))
    paths = f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'web')]!r}"
    done = subprocess.run([sys.executable, "-c", paths + code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == NEED_A_DRIVER
