"""Real processes that note what tables show, at once or killed in the middle: in any database each fact stands once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from salesrules.store import open_store
from salesrules.working import Working
from tests import working_company
from tests.conftest import ROOT
from tests.test_store import place  # noqa: F401  (the two databases)

SYNC = """
import os, signal, sys
from pathlib import Path
import sqlalchemy as sql
from salesrules.working import Working
working = Working.open(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
if len(sys.argv) > 2:
    @sql.event.listens_for(working.store._engine, "after_cursor_execute")
    def killing(connection, cursor, statement, *_):
        if statement.startswith(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
print(len(working.sync()), flush=True)
"""
SHOWN = 8 + 4  # deals and leads of the tables


def syncing(folder: Path, place: str, *killed_after: str) -> subprocess.Popen[str]:  # noqa: F811
    """Another process that is ready to note what the tables show; it dies behind a statement, if one is named."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'web'}", "SALESRULES_STORE": place}
    command = [sys.executable, "-c", SYNC, str(folder), *killed_after]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environment)


def noted(processes: Sequence[subprocess.Popen[str]]) -> list[int | None]:
    """How many facts each wrote when all were let go at the same moment; None where it died."""
    for each in processes:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in processes:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    found = []
    for each in processes:
        told, _ = each.communicate(timeout=120)
        assert each.returncode == (0 if told else -signal.SIGKILL)
        found.append(int(told) if told else None)
    return found


def test_of_processes_that_sync_at_once_one_notes_each_record(tmp_path: Path, place: str) -> None:  # noqa: F811
    folder = working_company.make(tmp_path)
    found = noted([syncing(folder, place) for _ in range(2)])
    assert sorted(each for each in found if each is not None) == [0, SHOWN]
    assert kept(place) == SHOWN


def test_a_sync_that_is_killed_leaves_nothing_and_blocks_nobody(
    tmp_path: Path,
    place: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed when all rows are written, and the log does not say any more how far it is."""
    folder = working_company.make(tmp_path)
    assert noted([syncing(folder, place, "DELETE FROM salesrules_head")]) == [None]
    assert kept(place) == 0
    monkeypatch.setenv("SALESRULES_STORE", place)
    working = Working.open(folder)
    assert len(working.sync()) == SHOWN
    working.store.close()
    assert kept(place) == SHOWN


def kept(place: str) -> int:  # noqa: F811
    """How many facts a store has, none of them twice and all as they were written."""
    store = open_store(place)
    events = list(store.events())
    assert store.verify().broken == ()
    assert len({(event.entity, event.key) for event in events}) == len(events) == store.last()
    store.close()
    return len(events)
