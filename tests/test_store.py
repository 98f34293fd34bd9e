"""The store on both databases: what is appended comes back, one process writes at a time, and nothing is half done."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sql

from salesrules.issue import EngineError
from salesrules.store import Decision, Event, Store, open_store
from tests.conftest import ROOT

NOON = datetime(2026, 3, 15, 4, 0, tzinfo=UTC)
CLAIM = Event(NOON, "lead", "L-1", "claimed", "li", {"owner": "li", "pool": None}, "lead_pool", "a1b2")
ODD = Event(NOON, "客户", "C'1\"%", "followed_up", "李娜", {"note": "a\nb\\ \u2028 {}", "空": ""})
WHY = Decision("run 1", NOON, "lead", "L-1", "new_leads", "by_line", "li", None, "a1b2", "7", {"rejected": {"full": 3}})


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind."""
    if request.param == "sqlite":
        return str(tmp_path / "deep" / "store.sqlite")
    connection = request.getfixturevalue("postgres")
    name = f"store_{os.urandom(6).hex()}"
    connection.execute(f"CREATE DATABASE {name}")
    url: Any = sql.make_url(request.getfixturevalue("postgres_url"))
    return str(url.set(database=name).render_as_string(hide_password=False))


@pytest.fixture
def store(place: str) -> Iterator[Store]:
    opened = open_store(place)
    yield opened
    opened.close()


def test_who_opens_a_new_file_while_another_makes_it_ready_waits(tmp_path: Path) -> None:
    """SQLite refuses at once who would switch a file to WAL beside another that does; it does not wait by itself."""
    place = tmp_path / "store.sqlite"
    other = sqlite3.connect(place, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")  # what the other one holds meanwhile
    done = threading.Timer(0.3, other.execute, ["COMMIT"])
    done.start()
    opened = open_store(str(place))
    assert opened.append([CLAIM]) == 1
    opened.close()
    done.join()
    other.close()


def test_what_is_appended_comes_back_in_order(store: Store) -> None:
    assert (store.last(), list(store.events()), list(store.decisions())) == (0, [], [])
    assert store.append([CLAIM, ODD], [WHY]) == 2
    assert store.append([replace(CLAIM, kind="returned")]) == 3
    written = [replace(CLAIM, seq=1), replace(ODD, seq=2), replace(CLAIM, kind="returned", seq=3)]
    assert list(store.events()) == written
    assert list(store.events(after=1)) == written[1:]
    assert list(store.events(entity="客户")) == [written[1]]
    assert list(store.events(entity="lead", key="L-1")) == [written[0], written[2]]
    assert list(store.events(entity="lead", key="nobody")) == []
    assert list(store.decisions("lead", "L-1")) == list(store.decisions(run="run 1")) == [replace(WHY, seq=1)]
    assert list(store.decisions(run="run 2")) == []
    (columns,) = store.events_behind(1)
    assert isinstance(columns, dict)
    assert (columns["seq"], columns["values"][0]) == ((2, 3), '{"note":"a\\nb\\\\ \u2028 {}","空":""}')
    assert list(store.events_behind(3)) == []


def test_an_opened_store_goes_on_where_it_was(place: str) -> None:
    for at in range(3):
        store = open_store(place)
        assert store.append([CLAIM]) == at + 1
        assert store.verify().broken == ()
        store.close()


def test_moments_are_kept_in_utc_to_the_microsecond(store: Store) -> None:
    shanghai = datetime(2026, 3, 15, 12, 0, 0, 5, tzinfo=timezone(timedelta(hours=8)))
    store.append([replace(CLAIM, at=shanghai), replace(CLAIM, at=NOON.replace(tzinfo=None))])
    assert [event.at for event in store.events()] == [NOON.replace(microsecond=5), NOON]


def test_more_rows_than_are_held_at_a_time(store: Store) -> None:
    events = [replace(CLAIM, key=f"L-{at}") for at in range(20_001)]
    assert store.append(events) == 20_001
    assert [event.key for event in store.events(after=5)] == [event.key for event in events[5:]]
    assert store.verify().rows == {"event": 20_001, "decision": 0}


def test_a_stretch_is_kept_whole_or_not_at_all(store: Store) -> None:
    def half() -> None:
        with store.alone():
            store.append([CLAIM], [WHY])
            assert [event.seq for event in store.events()] == [1]  # it reads its own lines
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert (store.last(), list(store.events()), list(store.decisions())) == (0, [], [])
    with store.alone(), store.alone():
        store.append([CLAIM])
        store.append([ODD])
    assert store.last() == 2


Change = Callable[[str], str]
TAMPERED: dict[str, tuple[str, tuple[tuple[str, int], ...]]] = {
    "a changed cell": ("UPDATE salesrules_event SET actor = 'wang' WHERE seq = 2", (("event", 2),)),
    "a row cut out": ("DELETE FROM salesrules_event WHERE seq = 2", (("event", 3),)),
    "the end cut off": ("DELETE FROM salesrules_event WHERE seq = 3", (("event", 3),)),
    "all of it gone": ("DELETE FROM salesrules_event", (("event", 1),)),
    "another hash": ("UPDATE salesrules_event SET hash = '0' WHERE seq = 1", (("event", 1), ("event", 2))),
    "a changed reason": ("UPDATE salesrules_decision SET person = 'wang'", (("decision", 1),)),
    "nothing that matters": ("UPDATE salesrules_version SET version = 1", ()),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_is_changed_behind_its_back_is_found(store: Store, place: str, what: str) -> None:
    store.append([CLAIM, ODD, CLAIM], [WHY])
    assert store.verify().broken == ()
    statement, broken = TAMPERED[what]
    behind(place, statement)
    assert store.verify().broken == broken


def behind(place: str, *statements: str) -> None:
    """Change a store as somebody does who has the database."""
    engine = sql.create_engine(
        place.replace("postgresql:", "postgresql+psycopg:") if "://" in place else f"sqlite:///{place}"
    )
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def test_a_store_of_a_newer_version_is_refused(store: Store, place: str) -> None:
    store.close()
    behind(place, "UPDATE salesrules_version SET version = 99")
    with pytest.raises(EngineError, match=r"store\.newer.*version 99"):
        open_store(place)


@pytest.mark.parametrize("place", ["mysql://host/x", "nonsense://x", "postgresql://nobody:secret@127.0.0.1:1/none"])
def test_a_place_that_is_no_store_is_refused_and_no_password_told(place: str) -> None:
    with pytest.raises(EngineError, match=r"store\.") as refused:
        open_store(place)
    assert "secret" not in str(refused.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_text("hello, this is a text of some length" * 40, encoding="utf-8")
    with pytest.raises(EngineError, match=r"store\.failed.*not a database"):
        open_store(str(tmp_path / "store.sqlite"))


WRITER = """
import sys
from datetime import UTC, datetime
from salesrules.issue import EngineError
from salesrules.store import Event, open_store
place, name, count, wait = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
store = open_store(place)
try:
    with store.alone(wait):
        print("in", flush=True)
        for at in range(count):
            store.append([Event(datetime.now(UTC), "lead", f"{name}-{at}", "claimed", name)])
        if sys.stdin.readline() == "":
            sys.exit(1)
    print("out", flush=True)
except EngineError as error:
    print(error.issues[0].code, flush=True)
"""


def writer(place: str, name: str, count: int = 3, wait: float = 60.0) -> subprocess.Popen[str]:
    """Another process that goes into a stretch, writes, and stays in it until it is told a line."""
    command = [sys.executable, "-c", WRITER, place, name, str(count), str(wait)]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": "."}
    )


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def leave(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_two_processes_write_one_after_the_other(store: Store, place: str) -> None:
    first = writer(place, "first")
    assert line(first) == "in"
    second, third = writer(place, "second"), writer(place, "third", wait=0.2)
    assert line(third) == "store.busy"  # it does not wait for as long as the first one stays
    assert list(store.events()) == []  # who only reads does not wait
    with pytest.raises(EngineError, match=r"store\.busy"), store.alone(0.2):
        pass
    leave(first)
    assert [line(first), line(second)] == ["out", "in"]
    assert keys(store) == ["first-0", "first-1", "first-2"]
    leave(second)
    assert line(second) == "out"
    assert keys(store) == [f"{name}-{at}" for name in ("first", "second") for at in range(3)]
    assert store.verify().broken == ()
    assert [process.wait(60) for process in (first, second, third)] == [0, 0, 0]


def keys(store: Store) -> Sequence[str]:
    return [event.key for event in store.events()]


def test_a_process_that_is_killed_leaves_nothing_and_blocks_nobody(store: Store, place: str) -> None:
    store.append([CLAIM])
    killed = writer(place, "killed", count=500)
    assert line(killed) == "in"
    assert killed.stdout is not None
    killed.send_signal(signal.SIGKILL)
    assert killed.wait(60) == -signal.SIGKILL
    assert store.append([ODD]) == 2
    assert keys(store) == ["L-1", "C'1\"%"]
    assert store.verify().broken == ()


def test_many_small_appends_of_processes_at_once_lose_nothing(store: Store, place: str) -> None:
    code = WRITER.split("try:")[0] + (
        "for at in range(count): store.append([Event(datetime.now(UTC), 'lead', f'{name}-{at}', 'claimed', name)])"
    )
    command = [sys.executable, "-c", code, place]
    environment = {**os.environ, "PYTHONPATH": "."}
    several = [subprocess.Popen([*command, name, "40", "0"], cwd=ROOT, env=environment) for name in ("a", "b", "c")]
    assert [process.wait(120) for process in several] == [0, 0, 0]
    found = keys(store)
    assert sorted(found) == sorted(f"{name}-{at}" for name in "abc" for at in range(40))
    for name in "abc":  # each one's own stay in order
        assert [key for key in found if key[0] == name] == [f"{name}-{at}" for at in range(40)]
    assert store.verify().broken == ()
