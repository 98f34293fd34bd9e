"""What a run did to many records, sealed: it reads as rows do, and whatever is changed, gone or exchanged is found."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from salesrules.engines.duckdb import DuckDB
from salesrules.issue import EngineError
from salesrules.store import Batch, Event, Store, Wanted, reading, verify
from salesrules.store.databases import open_database
from salesrules.store.seals import RUN
from salesrules.work.state import States
from salesrules.work.watched import Watched
from tests.conftest import ROOT
from tests.test_store import behind, place  # noqa: F401  (the two databases)

NOON = datetime(2026, 3, 15, 4, 0, tzinfo=UTC)
CLAIM = Event(NOON, "lead", "L-1", "claimed", "li", {"owner": "li"}, "pool", "a1")


def batch(run: str = "run 1", first: int = 0, at: datetime = NOON) -> Batch:
    """Four records: two for a person with a name that needs care, one for another, and one that waits."""
    columns = {
        "key": [f"L-{first + n}'\"客" for n in range(4)],
        "rule": ["r1", "r1", "r2", ""],
        "person": ["O'Neil", "O'Neil", "李", None],
        "pool": [None, None, None, "waiting"],
        "values": ['{"owner":"O\'Neil"}', '{"owner":"O\'Neil"}', '{"owner":"李"}', '{"pool":"waiting"}'],
        "kind": np.array([0, 0, 1, 2]),
        "number": np.array([0.1, 2.5, 0.0, 0.0]),
    }
    texts = ("lead", "new_leads", "assigned", "salesrules", "a1b2", "7'")
    return Batch(run, at, *texts, columns, {"packed": "x"})


@pytest.fixture
def sealing(place: str) -> Iterator[Store]:  # noqa: F811
    opened = Store(open_database(place), 1)
    yield opened
    opened.close()


def filled(store: Store) -> Store:
    """Rows, a run, rows, a run of another day, and rows."""
    store.append([CLAIM])
    store.keep(batch())
    store.append([replace(CLAIM, kind="returned")])
    store.keep(batch("run 2", 2, NOON + timedelta(2)))
    store.append([CLAIM])
    return store


QUESTIONS: list[dict[str, Any]] = [
    {},
    {"key": "L-2'\"客"},
    {"run": "run 2"},
    {"entity": "deal"},
    {"keys": ("L-3'\"客", "L-0'\"客", "none")},
    {"since": NOON + timedelta(1), "given": True},
    {"until": NOON + timedelta(1), "given": True},
    {"after": 3, "before": 8},
    {"after": 7},
]


def test_sealed_runs_read_as_rows_do(sealing: Store, tmp_path: Path) -> None:
    rows = filled(Store(open_database(str(tmp_path / "rows.sqlite")), 1_000))
    filled(sealing)
    assert sealing.verify().rows == {"event": 3 + 2 * 5, "decision": 2 * 5}
    told = [replace(event, seq=0) for event in rows.events()]
    assert [replace(event, seq=0) for event in sealing.events() if event.entity != RUN] == told
    assert [event.seq for event in sealing.events()] == list(range(1, 14))
    assert [event.kind for event in sealing.events(after=4)][:3] == ["assigned", "assigned", "returned"]
    assert [e.kind for e in sealing.events(entity="lead", key="L-2'\"客")] == ["assigned", "assigned"]
    for one, other in zip(sealing.decisions(), rows.decisions(), strict=True):
        both = (dict(one.detail) | {"rows": 4, "sha256": ""}, dict(other.detail) | {"rows": 4, "sha256": ""})
        assert replace(one, detail={}) == replace(other, detail={})
        assert both[0] == both[1] or one.key == ""
    for question in QUESTIONS:
        wanted, names = Wanted(**question), ("key", "person", "rule", "kind")
        assert by_key(sealing.decision_columns(names, wanted)) == by_key(rows.decision_columns(names, wanted)), question
        for names in (("person",), ("rule", "person"), ("person", "kind")):
            assert sealing.decision_counts(names, wanted) == rows.decision_counts(names, wanted), question
    rows.close()


def by_key(columns: dict[str, list[Any]]) -> list[tuple[Any, ...]]:
    """Rows in the order of keys; those of one key in their own."""
    return sorted(zip(*columns.values(), strict=True), key=lambda row: row[0])


def test_threads_read_one_store_at_once(sealing: Store) -> None:
    filled(sealing)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: [event.seq for event in sealing.events()], range(16)))
    assert found == [list(range(1, 14))] * 16


def test_who_reads_while_a_run_is_written_finds_all_of_it_or_nothing(
    sealing: Store,
    place: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sealing.append([CLAIM])
    elsewhere = Store(open_database(place), 1)

    listed, counted = reading.seals, verify.behind

    def written_meanwhile(*args: Any, **said: str) -> list[Any]:
        found = list(listed(*args, **said))
        elsewhere.keep(batch())
        return found

    def appended_meanwhile(*args: Any) -> int:
        elsewhere.append([CLAIM])
        return counted(*args)

    with monkeypatch.context() as patched:
        patched.setattr(reading, "seals", written_meanwhile)
        assert [event.kind for event in sealing.events()] == ["claimed"]
    assert [event.kind for event in sealing.events()] == ["claimed", "sealed", *["assigned"] * 4]
    with monkeypatch.context() as patched:
        patched.setattr(verify, "behind", appended_meanwhile)
        assert sealing.verify().broken == ()
    assert sealing.last() > 6
    elsewhere.close()


def test_the_state_of_records_takes_in_what_is_sealed(sealing: Store, tmp_path: Path) -> None:
    rows = filled(Store(open_database(str(tmp_path / "rows.sqlite")), 1_000))
    watched = {"lead": Watched("lead", ("owner", "pool"), (), {})}
    found = []
    for store in (filled(sealing), rows):
        states = States(DuckDB(), store, watched, "UTC")
        states.refresh()
        kept = 'SELECT "#key", owner, pool, assigned, since, "owner at" FROM work."state lead" ORDER BY ALL'
        found.append(states.engine.rows(kept))
        store.append([replace(CLAIM, values={"owner": "he"})])
        states.refresh()
        found.append(states.engine.rows(kept))
    assert found[:2] == found[2:]
    assert len(found[0]) == 7
    rows.close()


def swapped(store: Store) -> list[str]:
    places = [event.seq for event in store.events(entity=RUN)]
    one, other = places
    return [
        f"UPDATE salesrules_segment SET seq = {to} WHERE seq = {at}" for at, to in ((one, 0), (other, one), (0, other))
    ]


TAMPERED: dict[str, tuple[Any, set[tuple[str, int]]]] = {
    "nothing": (lambda _: [], set()),
    "two exchanged": (swapped, {("event", 2), ("event", 8)}),
    "one gone": (lambda _: ["DELETE FROM salesrules_segment WHERE seq = 8"], {("event", 8)}),
    "one changed": (lambda s: [f"UPDATE salesrules_segment SET body = {other(s)} WHERE seq = 8"], {("event", 8)}),
    "one more": (lambda s: [f"INSERT INTO salesrules_segment VALUES (5, {other(s)})"], {("segment", 5)}),
    "its hash changed": (
        lambda _: [
            "UPDATE salesrules_event SET \"values\" = replace(\"values\", 'sha256\":\"', 'sha256\":\"0') WHERE seq = 8"
        ],
        {("event", 8)},
    ),
    "a seal spoilt": (
        lambda _: ["UPDATE salesrules_event SET \"values\" = '{}' WHERE seq = 8"],
        {("event", 8), ("event", 13)},
    ),
    "a seal gone": (
        lambda _: ["DELETE FROM salesrules_event WHERE seq = 8"],
        {("event", 13), ("segment", 8)},
    ),
    "what all share changed": (
        lambda _: ["UPDATE salesrules_decision SET detail = '{\"rows\":4}' WHERE seq = 6"],
        {("decision", 6)},
    ),
}  # fmt: skip


def other(store: Store) -> str:
    return "X'00'" if "://" not in store.place else "decode('00', 'hex')"


@pytest.mark.parametrize("what", TAMPERED)
def test_a_segment_that_is_not_as_it_was_sealed_is_found(sealing: Store, place: str, what: str) -> None:  # noqa: F811
    statements, broken = TAMPERED[what]
    behind(place, *statements(filled(sealing)))
    assert set(sealing.verify().broken) == broken
    seals = {at for log, at in broken if log == "event" and at < 13}
    if seals and "hash" not in what:
        with pytest.raises(EngineError, match=r"store\.segment"):
            list(Store(open_database(place)).events())


KILLED = """
import os, signal, sys
sys.path.insert(0, ".")
from tests.test_segments import batch, CLAIM
import salesrules.store.log as log
from salesrules.store.databases import open_database
store = log.Store(open_database(sys.argv[1]), 1)
store.append([CLAIM])
real, at = log._append, []
def killing(*args):
    at.append(args)
    if len(at) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*args)
log._append = killing
store.keep(batch())
"""


@pytest.mark.parametrize("when", [1, 2])
def test_a_process_that_is_killed_while_it_seals_leaves_nothing(sealing: Store, place: str, when: int) -> None:  # noqa: F811
    """Killed when the segment is written and no log is, and when the events are and the decisions are not."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'web'}"}
    done = subprocess.run([sys.executable, "-c", KILLED, place, str(when)], env=environment, cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [event.kind for event in sealing.events()] == ["claimed"]
    assert (list(sealing.decisions()), sealing.verify().broken) == ([], ())
    sealing.keep(batch())
    assert (sealing.last(), sealing.verify().broken) == (6, ())


def test_an_older_store_is_brought_up_and_read(sealing: Store, place: str) -> None:  # noqa: F811
    sealing.append([CLAIM])
    behind(place, "DROP TABLE salesrules_segment", "UPDATE salesrules_version SET version = 1")
    older = filled(Store(open_database(place), 1))
    assert older.verify().broken == ()
    assert [event.kind for event in older.events()][:3] == ["claimed", "claimed", "sealed"]
    older.close()
