"""Old events that are no rows any more: all reads as before, and what is not as it was sealed is found."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from salesrules.engines.duckdb import DuckDB
from salesrules.issue import EngineError
from salesrules.store import Batch, Event, Store
from salesrules.store.databases import open_database
from salesrules.work.state import EVENTS, States
from salesrules.work.watched import Watched
from tests.conftest import ROOT
from tests.test_segments import batch
from tests.test_store import ODD, WHY, behind, place  # noqa: F401  (the two databases)

NOON = datetime(2026, 3, 15, 4, 0, tzinfo=UTC)
NEVER, TAIL = 10**9, 6
WATCHED = {"lead": Watched("lead", ("owner", "pool"), (), {}), "客户": Watched("客户", ("owner",), ("owner",), {})}


def stored(place: str, tail: int) -> Store:  # noqa: F811
    """A store in which every run is sealed, and rows beyond a tail."""
    return Store(open_database(place), 1, tail)


def happened(count: int = 17, seed: int = 5) -> Iterator[Event | Batch]:
    """Events of five records, some with names that need care, a moment apart; three runs among them."""
    rng = random.Random(seed)
    runs = {rng.randrange(count) for _ in range(2)} | {count // 2}
    for n in range(count):
        at = NOON + timedelta(microseconds=n * 1_000_001)
        values = rng.choice([{"owner": "li"}, {"owner": None}, {"pool": "客'\"\\", "#note": "a\nb"}, {}])
        entity, key = rng.choice(
            [("lead", "L-1"), ("lead", "L-2'\"客"), ("客户", "C'1\"%"), ("客户", ""), ("lead", "x\x01")]
        )
        yield Event(at, entity, key, rng.choice(["claimed", "observed", "followed_up"]), "李", values, "r", "a1")
        if n in runs:
            yield batch(f"run {n}", n, at)


def fill(store: Store, of: Iterator[Event | Batch] | None = None) -> Store:
    """Append events, a few at a time, and keep runs."""
    some: list[Event] = []
    for each in of or happened():
        if isinstance(each, Event):
            some.append(each)
        if isinstance(each, Batch) or len(some) == 5:
            store.append(some, [WHY])
            some = []
        if isinstance(each, Batch):
            store.keep(each)
    store.append(some)
    return store


def stretches_in(store: Store) -> list[tuple[int, int]]:
    with store._connected() as connection:
        return [tuple(row) for row in connection.exec_driver_sql('SELECT "first", "last" FROM salesrules_stretch')]


def taken(store: Store) -> States:
    states = States(DuckDB(), store, WATCHED, "Asia/Shanghai")
    states.refresh()
    return states


def told(states: States) -> list[Any]:
    """All events of the engine, and the states of both entities."""
    tables = [EVENTS, *(f'work."state {entity}"' for entity in WATCHED)]
    return [states.engine.rows(f"SELECT * FROM {table} ORDER BY ALL") for table in tables]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The same log without a stretch."""
    with closing(stored(str(tmp_path_factory.mktemp("rows") / "store.sqlite"), NEVER)) as store:
        yield fill(store)


@pytest.fixture
def sealed(place: str) -> Iterator[Store]:  # noqa: F811
    with closing(stored(place, TAIL)) as store:
        yield fill(store)


QUESTIONS: dict[str, Callable[[Store], Any]] = {
    "all": lambda s: list(s.events()),
    "behind a place": lambda s: [list(s.events(after)) for after in (1, 4, 8, 9, 15, s.last() - 3, s.last())],
    "of an entity": lambda s: [list(s.events(entity=entity)) for entity in ("lead", "客户", "#run", "deal")],
    "of a record": lambda s: [list(s.events(entity="lead", key=key)) for key in ("L-1", "L-2'\"客", "x\x01", "none")],
    "of a record, behind a place": lambda s: list(s.events(9, "客户", "C'1\"%")),
    "why": lambda s: (list(s.decisions()), list(s.decisions("lead", "L-1"))),
    "how far": lambda s: s.last(),
    "as it was written": lambda s: s.verify(),
    "state": lambda s: told(taken(s)),
}


def test_rows_and_stretches_answer_alike(sealed: Store, rows: Store) -> None:
    """In stretches of three rows, some with a run in their midst; what lies behind the last is short."""
    assert len(stretches_in(sealed)) >= 3
    assert stretches_in(rows) == []
    with sealed._connected() as connection:
        kept = connection.exec_driver_sql("SELECT count(*) FROM salesrules_event WHERE entity <> '#run'").scalar()
        assert kept is not None
        assert kept <= TAIL
    for name, asked in QUESTIONS.items():
        assert asked(sealed) == asked(rows), name


def test_stretches_of_one_row_answer_alike(rows: Store, tmp_path: Path) -> None:
    """Some of them of a row that stands for a run, which stays a row."""
    with closing(fill(stored(str(tmp_path / "store.sqlite"), 1))) as store:
        assert len(stretches_in(store)) >= 10
        for name, asked in QUESTIONS.items():
            assert asked(store) == asked(rows), name


def test_who_appends_much_seals_as_much_and_who_appends_little_does_it_by_and_by(place: str) -> None:  # noqa: F811
    events = [replace(ODD, key=str(n)) for n in range(40)]
    with closing(stored(place, NEVER)) as before:
        before.append(events)
    with closing(stored(place, 10)) as store:
        for _ in range(3):
            store.append([ODD])
        assert stretches_in(store) == [(1, 5), (6, 10), (11, 15)]
        store.append(events)
        assert len(stretches_in(store)) == 3 + 9
        assert [event.key for event in store.events()] == [*map(str, range(40)), *[ODD.key] * 3, *map(str, range(40))]


def test_who_reads_gets_the_rest_whether_it_was_sealed_meanwhile_or_not(place: str) -> None:  # noqa: F811
    """Sealed between two refreshes, and in the middle of one: each event is taken in once."""
    every = list(happened(9))
    with closing(stored(place, NEVER)) as reader, closing(stored(place, 2)) as writer:
        states = States(DuckDB(), reader, WATCHED, "Asia/Shanghai")
        for at, each in enumerate(every):
            (writer if at % 3 else reader).append([each]) if isinstance(each, Event) else writer.keep(each)
            if at % 4 == 0:
                parts = reader.events_behind(0)
                some = [next(parts)]  # now it reads, and goes on when much is sealed
                writer.append([replace(ODD, key=f"{at}-{n}") for n in range(5)])
                assert sum(count(states, part) for part in [*some, *parts]) == reader.last() - 5
                states.refresh()
        assert len(stretches_in(writer)) > 6
        states.refresh()
        assert told(states) == told(taken(writer))
        assert [row[0] for row in states.engine.rows(f"SELECT seq FROM {EVENTS} ORDER BY seq")] == [
            event.seq for event in writer.events()
        ]
        assert writer.verify().broken == ()


def count(states: States, part: Any) -> int:
    if not isinstance(part, str):
        return len(part["seq"])
    found: int = states.engine.rows(f"SELECT count(*) FROM ({part})")[0][0]
    return found


def test_a_stretch_that_fails_leaves_rows(sealed: Store) -> None:
    before = (list(sealed.events()), stretches_in(sealed))

    def half() -> None:
        with sealed.alone():
            sealed.append([ODD] * 9)
            assert len(stretches_in(sealed)) > len(before[1])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert (list(sealed.events()), stretches_in(sealed)) == before


TAMPERED: dict[str, tuple[list[str], Callable[[list[int]], set[int]]]] = {
    "nothing": ([], lambda _: set()),
    "a body changed": (["UPDATE salesrules_stretch SET body = X'00' WHERE \"first\" = {b}"], lambda at: {at[1]}),
    "its hash noted": (
        ["UPDATE salesrules_stretch SET sha256 = 'x' WHERE \"first\" = {b}"],
        lambda at: {at[1]},
    ),
    "the hash of its last row": (
        ["UPDATE salesrules_stretch SET hash = 'x' WHERE \"first\" = {b}"],
        lambda at: {at[1], at[2]},
    ),
    "one gone": (["DELETE FROM salesrules_stretch WHERE \"first\" = {b}"], lambda at: {at[2]}),
    "the first gone": (["DELETE FROM salesrules_stretch WHERE \"first\" = 1"], lambda at: {at[1]}),
    "two exchanged": (
        [
            "UPDATE salesrules_stretch SET body = (SELECT body FROM salesrules_stretch WHERE \"first\" = {c}),"
            " sha256 = (SELECT sha256 FROM salesrules_stretch WHERE \"first\" = {c}) WHERE \"first\" = {b}"
        ],
        lambda at: {at[1]},
    ),
    "one twice": (
        [
            "INSERT INTO salesrules_stretch SELECT \"first\" + 1, \"last\", hash, sha256, body FROM salesrules_stretch"
            " WHERE \"first\" = {b}"
        ],
        lambda at: {at[1] + 1},
    ),
    "cut short": (
        ['UPDATE salesrules_stretch SET "last" = "last" - 1 WHERE "first" = {b}'],
        lambda at: {at[1], at[2]},
    ),
    "a row put back": (
        [
            "INSERT INTO salesrules_event SELECT 2, \"at\", entity, key, kind, actor, \"values\", rule, release, hash"
            " FROM salesrules_event WHERE seq = {last}"
        ],
        lambda at: {at[0]},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with stretches, to be copied."""
    file = tmp_path_factory.mktemp("template") / "store.sqlite"
    fill(stored(str(file), TAIL)).close()
    return file


@pytest.mark.parametrize("what", TAMPERED)
def test_a_stretch_that_is_not_as_it_was_sealed_is_found(template: Path, what: str, tmp_path: Path) -> None:
    file = str(shutil.copy(template, tmp_path))
    with closing(stored(file, TAIL)) as sealed:
        at = [first for first, _ in sorted(stretches_in(sealed))]
        statements, broken = TAMPERED[what]
        names = {"b": at[1], "c": at[2], "last": sealed.last()}
        behind(file, *(statement.format(**names) for statement in statements))
        assert set(sealed.verify().broken) == {("event", seq) for seq in broken(at)}
        if what not in ("nothing", "a row put back", "the hash of its last row", "two exchanged"):
            with pytest.raises(EngineError, match=r"store\.stretch"):
                list(sealed.events())
            with pytest.raises(EngineError, match=r"store\.stretch"):
                taken(sealed)


def test_the_last_stretch_gone_is_found_too(template: Path, tmp_path: Path) -> None:
    file = str(shutil.copy(template, tmp_path))
    sealed = stored(file, TAIL)
    first = max(stretches_in(sealed))[0]
    behind(file, f'DELETE FROM salesrules_stretch WHERE "first" = {first}')
    assert ("event", first) in sealed.verify().broken
    with closing(stored(file, TAIL)) as anew, pytest.raises(EngineError, match=r"store\.stretch"):
        list(anew.events())
    at = "(SELECT max(\"last\") FROM salesrules_stretch), hash = 'x' WHERE log = 'salesrules_stretch'"
    behind(file, f"UPDATE salesrules_head SET seq = {at}")
    assert ("event", first) in sealed.verify().broken
    sealed.close()


def test_rows_that_were_changed_before_are_not_sealed(place: str) -> None:  # noqa: F811
    """Those before them are; they and all behind them stay where they are found, and the log goes on."""
    with closing(stored(place, NEVER)) as store:
        store.append([replace(ODD, key=str(n)) for n in range(20)])
    behind(place, "UPDATE salesrules_event SET actor = 'wang' WHERE seq = 8")
    with closing(stored(place, 10)) as store:
        for at in range(4):
            assert store.append([ODD]) == 21 + at
        assert stretches_in(store) == [(1, 5), (6, 7)]
        assert store.verify().broken == (("event", 8),)
        assert [event.seq for event in store.events()] == list(range(1, 25))


KILLED = """
import os, signal, sys
sys.path.insert(0, ".")
from tests.test_stretches import ODD, stored
from salesrules.store import old_rows
real = getattr(old_rows, sys.argv[2])
def killing(*args):
    if sys.argv[3] == "after":
        real(*args)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(old_rows, sys.argv[2], killing)
stored(sys.argv[1], 6).append([ODD] * 4)
"""


@pytest.mark.parametrize("when", [("move_head", "before"), ("move_head", "after")])
def test_a_process_that_is_killed_while_it_seals_leaves_rows(place: str, when: tuple[str, str]) -> None:  # noqa: F811
    """Killed when its rows are gone and nothing says how far the log is sealed, and when all is done but kept."""
    with closing(stored(place, NEVER)) as store:
        store.append([ODD] * 5)
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'web'}"}
        done = subprocess.run([sys.executable, "-c", KILLED, place, *when], env=environment, cwd=ROOT, check=False)
        assert done.returncode == -signal.SIGKILL
        assert (store.last(), stretches_in(store), store.verify().broken) == (5, [], ())
        with closing(stored(place, 6)) as other:
            assert other.append([ODD] * 4) == 9
            assert stretches_in(other) == [(1, 3)]
        assert [event.seq for event in store.events()] == list(range(1, 10))
        assert store.verify().broken == ()


def test_an_older_store_is_brought_up_and_sealed(place: str) -> None:  # noqa: F811
    with closing(stored(place, NEVER)) as store:
        store.append([ODD] * 9)
    behind(place, "DROP TABLE salesrules_stretch", "UPDATE salesrules_version SET version = 2")
    with closing(stored(place, 6)) as store:
        store.append([ODD])
        assert stretches_in(store) == [(1, 3)]
        assert (len(list(store.events())), store.verify().broken) == (10, ())


def test_what_cannot_be_taken_in_leaves_nothing_of_it(template: Path, tmp_path: Path) -> None:
    """A run that is gone is met when the stretches are there already; mended, the whole log is read."""
    file = str(shutil.copy(template, tmp_path))
    states = States(DuckDB(), stored(file, TAIL), WATCHED, "Asia/Shanghai")
    behind(file, "UPDATE salesrules_segment SET seq = -seq")
    with pytest.raises(EngineError, match=r"store\.segment"):
        states.refresh()
    assert states.engine.rows(f"SELECT count(*) FROM {EVENTS}") == [(0,)]
    behind(file, "UPDATE salesrules_segment SET seq = -seq")
    states.refresh()
    assert told(states) == told(taken(stored(file, TAIL)))


def forged(path: Path, text: str, **values: object) -> None:
    """Change the log as somebody does who gets at the file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(text, values)
        connection.commit()


ROW = 'insert into salesrules_event select {}, at, entity, {}, kind, actor, "values", rule, "release", hash'


def test_a_row_that_is_put_where_a_run_lies_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where what stands for the run is the last row of those that are looked at together."""
    monkeypatch.setattr("salesrules.store.verify._CHUNK", 3)
    store = stored(str(tmp_path / "log"), NEVER)
    first, second, third = [each for each in happened(3) if isinstance(each, Event)]
    store.append([first, second])
    store.keep(batch("run", 1, NOON))
    store.append([third])
    assert store.verify().broken == ()
    forged(tmp_path / "log", f"{ROW.format(4, repr('L-77'))} from salesrules_event where seq = 1")
    assert ("event", 4) in store.verify().broken


@pytest.mark.parametrize("tail", [NEVER, TAIL])
def test_a_row_before_the_first_is_found_and_stands_for_nothing(tmp_path: Path, tail: int) -> None:
    store = fill(stored(str(tmp_path / "log"), tail))
    before = list(store.events())
    forged(tmp_path / "log", f"{ROW.format(0, repr('L-77'))} from salesrules_event where entity <> '#run' limit 1")
    assert store.verify().broken == (("event", 0),)
    assert list(store.events()) == before
    forged(tmp_path / "log", "delete from salesrules_event where seq = 0")
    assert store.verify().broken == ()
    forged(tmp_path / "log", f"{ROW.format(0, 'key')} from salesrules_event where entity = '#run' limit 1")
    forged(
        tmp_path / "log", "insert into salesrules_segment (seq, body) select 0, body from salesrules_segment limit 1"
    )
    assert {("event", 0), ("segment", 0)} <= {*store.verify().broken}
    with pytest.raises(EngineError, match=r"store\.segment"):
        list(store.events())
