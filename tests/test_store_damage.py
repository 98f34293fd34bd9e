"""Whatever somebody puts into a cell of the log: `verify` tells it and all else, and readers say so or read on."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sql

from salesrules.engines.duckdb import DuckDB
from salesrules.issue import EngineError
from salesrules.store import Store, Wanted
from salesrules.store.databases import open_database
from salesrules.store.tables import DECISION, EVENT, HEAD, SEGMENT, STRETCH
from salesrules.work.state import States
from tests.test_segments import batch
from tests.test_store import CLAIM, NOON, ODD, WHY
from tests.test_stretches import WATCHED

VALUES = {
    "text": "'x'",
    "text that is none": "CAST(X'FF' AS TEXT)",
    "bytes": "X'00FF'",
    "the same as bytes": 'CAST("{}" AS BLOB)',
    "nothing": "NULL",
    "a number": "5",
    "a list": "'[]'",
    "a mapping": "'{{}}'",
    "without end": "9e999",
}
Damaged = tuple[Store, Path]
READERS: dict[str, Callable[[Store], Any]] = {
    "events": lambda s: list(s.events()),
    "of a record": lambda s: list(s.events(entity="lead", key="L-1")),
    "behind": lambda s: list(s.events_behind(0)),
    "last": lambda s: s.last(),
    "decisions": lambda s: list(s.decisions()),
    "of a run": lambda s: list(s.decisions(run="run 1")),
    "columns": lambda s: s.decision_columns(("key", "at", "person", "number"), Wanted()),
    "counts": lambda s: s.decision_counts(("assignment", "at"), Wanted(entity="lead")),
    "header": lambda s: s.header(),
}


ASKED = {EVENT: [*READERS][:4], DECISION: [*READERS][4:]}
SHORT = ["text", "bytes", "nothing"]
"""What is put into a log with segments and stretches, which are looked at anew each time."""


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Damaged]:
    """A log that is all rows."""
    yield from damaged(tmp_path_factory.mktemp("rows") / "store.sqlite", 10**9, 10**9)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Damaged]:
    """One with a stretch and a segment."""
    yield from damaged(tmp_path_factory.mktemp("sealed") / "store.sqlite", 1, 5)


def damaged(path: Path, sealed_from: int, tail: int) -> Iterator[Damaged]:
    """A log in which any cell can be anything; the last row of either chain was changed already."""
    with closing(Store(open_database(str(path)), sealed_from, tail)) as store:
        store.append([replace(CLAIM, key=f"L-{n}") for n in range(4)], [WHY])
        store.keep(batch("run 1", 1, NOON))
        store.append([ODD], [WHY])
        store.append([CLAIM, ODD], [WHY, WHY])
        assert store.verify().broken == ()
        with closing(sqlite3.connect(path)) as raw:
            for table in (EVENT, DECISION, SEGMENT, STRETCH, HEAD):
                raw.executescript(LOOSE.format(table.name))
            raw.execute("UPDATE salesrules_event SET actor = 'he' WHERE seq = (SELECT max(seq) FROM salesrules_event)")
            raw.execute("UPDATE salesrules_decision SET person = 'he' WHERE seq = 9")
            raw.commit()
        yield store, path


LOOSE = "CREATE TABLE loose AS SELECT * FROM {0}; DROP TABLE {0}; ALTER TABLE loose RENAME TO {0}"
CELLS = [("rows", table, column.name) for table in (EVENT, DECISION) for column in table.c]
CELLS += [("sealed", table, column.name) for table in (EVENT, SEGMENT, STRETCH, HEAD) for column in table.c]


@contextmanager
def put(path: Path, table: str, column: str, rowid: int, value: str) -> Iterator[bool]:
    """Another value in a cell for a while; whether it is another."""
    cell, row = f'"{column}"', f"rowid = {rowid}"
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:

        def now() -> Any:
            return raw.execute(f"SELECT typeof({cell}), hex({cell}) FROM {table} WHERE {row}").fetchone()

        (old,), before = raw.execute(f"SELECT {cell} FROM {table} WHERE {row}").fetchone(), now()
        raw.execute("PRAGMA synchronous = OFF")
        raw.execute(f"UPDATE {table} SET {cell} = {value.format(column)} WHERE {row}")
        try:
            yield now() != before
        finally:
            raw.execute(f"UPDATE {table} SET {cell} = ? WHERE {row}", [old])


@pytest.mark.parametrize(
    ("log", "table", "column"), CELLS, ids=[f"{log}-{table.name}-{column}" for log, table, column in CELLS]
)
def test_whatever_stands_in_a_cell_is_told_and_hides_nothing(
    request: pytest.FixtureRequest, log: str, table: sql.Table, column: str
) -> None:
    store, path = request.getfixturevalue(log)
    known = {("event", 12 if log == "sealed" else 11), ("decision", 9)}
    with closing(sqlite3.connect(path)) as raw:
        rows = [rowid for (rowid,) in raw.execute(f"SELECT rowid FROM {table.name} ORDER BY rowid")]
    tried = 0
    for what in SHORT if log == "sealed" else VALUES:
        with put(path, table.name, column, rows[1 if log == "rows" else 0], VALUES[what]) as another:
            if not another:
                continue
            tried += 1
            told = {*store.verify().broken}
            assert told > known, what
            assert all(type(place) is int for _, place in told), what
            for reader in ASKED.get(table, ["events", "behind", "last", "decisions"]):
                try:
                    READERS[reader](store)
                except EngineError:
                    continue
                except Exception as error:
                    pytest.fail(f"{reader} meets {what}: {error!r}")
    assert tried > 1


UNREADABLE = {
    "moment": ("event", "at", "'2026-13'", 2),
    "values": ("event", "values", "'[]'", 2),
    "values without end": ("event", "values", "replace(hex(zeroblob(50000)), '0', '[')", 2),
    "key": ("event", "key", "X'41'", 2),
    "place": ("event", "seq", "'x'", 0),
    "moment of a decision": ("decision", "at", "'x'", 3),
    "detail": ("decision", "detail", "'7'", 3),
    "person": ("decision", "person", "X'41'", 3),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_who_reads_is_told_which_row_cannot_be_read(rows: Damaged, what: str) -> None:
    log, column, value, at = UNREADABLE[what]
    store, path = rows
    says = rf"store\.row: row {at} of the log `{log}`"
    asked = ["events"] if log == "event" else ["decisions", "columns"]
    asked += ["behind"] if what in ("key", "place") else []
    with put(path, f"salesrules_{log}", column, at or 2, value) as another:
        assert another
        for reader in asked:
            with pytest.raises(EngineError, match=says):
                READERS[reader](store)


def test_who_counts_is_told_which_row_cannot_be_read(rows: Damaged) -> None:
    store, path = rows
    for value in ("'x'", "X'41'"):
        with put(path, "salesrules_decision", "at", 3, value), pytest.raises(EngineError, match=r"store\.row: row 3 "):
            READERS["counts"](store)


def test_states_are_told_which_row_cannot_be_read_and_go_on_when_it_is_mended(rows: Damaged) -> None:
    store, path = rows
    states = States(DuckDB(), store, WATCHED, "Asia/Shanghai")
    for column in ("at", "values"):
        with put(path, "salesrules_event", column, 2, "'x'"), pytest.raises(EngineError, match=r"store\.row: row 2 "):
            states.refresh()
    assert states.refresh() == 11


@pytest.mark.parametrize("value", ["'x'", "X'41'", "-1", "9e999", str(2**63 - 1), "NULL"])
def test_how_far_a_log_goes_is_told_or_not_at_all(rows: Damaged, value: str) -> None:
    store, path = rows
    with put(path, "salesrules_head", "seq", 1, value):
        for ask in (store.last, lambda: store.append([CLAIM])):
            with pytest.raises(EngineError, match=r"store\.head"):
                ask()


@pytest.mark.parametrize("value", ["'x'", "-1", "99", "X'41'"])
def test_a_version_that_is_none_is_refused(tmp_path: Path, value: str) -> None:
    path = str(tmp_path / "store.sqlite")
    open_database(path).dispose()
    with put(Path(path), "salesrules_version", "version", 1, value), pytest.raises(EngineError, match=r"store\.newer"):
        open_database(path)


@pytest.mark.parametrize("value", ["X'41'", "CAST(X'FF' AS TEXT)"])
def test_a_log_with_a_damaged_row_still_grows(tmp_path: Path, value: str) -> None:
    """Rows before it are sealed, it and those behind it stay where they are found."""
    path = tmp_path / "store.sqlite"
    with closing(Store(open_database(str(path)), 1, 100)) as store:
        store.append([CLAIM] * 4)
    with put(path, "salesrules_event", "key", 3, value), closing(Store(open_database(str(path)), 1, 2)) as store:
        assert [store.append([CLAIM]) for _ in range(3)] == [5, 6, 7]
        assert store.verify().broken == (("event", 3),)
    with closing(Store(open_database(str(path)), 1, 2)) as store:
        assert store.append([CLAIM]) == 8
        assert store.verify().broken == ()


@pytest.mark.parametrize("what", ["gone", "file gone", "another file"])
def test_files_that_went_are_laid_out_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sealed: Damaged, what: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with closing(Store(open_database(str(sealed[1])), 1, 5)) as store:
        before = [READERS[reader](store) for reader in ("events", "decisions")]
        pieces = [*tmp_path.glob("salesrules-*/piece")]
        assert len(pieces) == 2
        for piece in pieces:
            if what == "gone":
                shutil.rmtree(piece.parent)
            else:
                os.replace(piece, tmp_path / "away")
            if what == "another file":
                shutil.copy(tmp_path / "away", piece)
        assert [READERS[reader](store) for reader in ("events", "decisions")] == before
        states = States(DuckDB(), store, WATCHED, "Asia/Shanghai")
        assert states.refresh() == 12
    assert [*tmp_path.glob("salesrules-*/piece")] == []


def test_what_duckdb_cannot_read_is_told(sealed: Damaged) -> None:
    """A column that a run never had."""
    with pytest.raises(EngineError, match=r"store\.failed.*other"):
        sealed[0].decision_columns(("other",), Wanted())
