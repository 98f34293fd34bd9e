"""A bulk change of stage that is killed in the middle: all of it is in the log, or none, and it can be done again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from salesrules.working import Working
from tests import working_company
from tests.conftest import ROOT

RECORDS = 60
KILLED = """
import os, signal, sys
from pathlib import Path
from salesrules.working import Working
import salesrules.store.log as log
kept, calls, at = log._append, [], int(sys.argv[2])
def append(connection, table, lines):
    lines = list(lines)
    calls.append(len(lines))
    if len(calls) == at:
        kept(connection, table, lines[: len(lines) // 2])  # half of it reaches the database
        os.kill(os.getpid(), signal.SIGKILL)
    return kept(connection, table, lines)
log._append = append
working = Working.open(Path(sys.argv[1]))
li = working.workspace.person("li")
keys = working.workspace.see(li, "deal", None, where="stage = 'offer'").keys
working.advance(li, "deal", keys, "lost")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = working_company.make(tmp_path_factory.mktemp("many"))
    with (root / "data/deal.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"M-{n},li,east,offer,true,false,5000,0.00\n" for n in range(RECORDS))
    return root


def run(folder: Path, at: int) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'web'}"}
    command = [sys.executable, "-c", KILLED, str(folder), str(at)]
    return subprocess.run(command, env=environment, check=False, capture_output=True, text=True)


def kinds(folder: Path) -> Counter[str]:
    working = Working.open(folder)
    assert working.verify().broken == ()
    return Counter(event.kind for event in working.store.events())


def test_a_bulk_advance_that_is_killed_has_not_happened(folder: Path) -> None:
    """Killed while it notes what is seen first, then while it writes the moves themselves; then left alone."""
    written = 2 + RECORDS  # the deals of the company that are offered too
    for at in (1, 3):
        assert run(folder, at).returncode == -signal.SIGKILL
        assert kinds(folder) == {}
    done = run(folder, 0)
    assert done.returncode == 0, done.stderr
    assert kinds(folder) == {"observed": written, "advanced": written}
