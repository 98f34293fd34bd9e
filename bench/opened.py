"""A log in SQLite opened, as rows and with its old events sealed, beside fetching the rows alone: `EVENTS=8000000`."""

from __future__ import annotations

import multiprocessing
import os
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from salesrules.engines.duckdb import DuckDB
from salesrules.store import Event, Store
from salesrules.store.databases import open_database
from salesrules.work.state import States
from salesrules.work.watched import Watched

COUNT = int(os.environ.get("EVENTS", "1000000"))
_OF_EACH, _AT_A_TIME, _NEVER = 8, 50_000, 10**12
_KINDS = ["observed", "assigned", "followed_up", "advanced", "followed_up", "observed", "task_done", "followed_up"]
_WATCHED = {"deal": Watched("deal", ("owner", "pool", "stage"), ("owner", "stage"), {"sales": "stage"})}
_START = datetime(2026, 1, 1)


def run() -> None:
    """The same log twice, each opened by a process of its own, so that the memory of one is not that of the other."""
    with tempfile.TemporaryDirectory() as folder:
        rows, sealed = str(Path(folder) / "rows.sqlite"), str(Path(folder) / "sealed.sqlite")
        appended = _append(rows, _NEVER)
        with_seals = _append(sealed, 100_000)
        print(
            f"{COUNT:,} events appended {_AT_A_TIME:,} at a time: {appended:.1f} s as rows, {with_seals:.1f} s sealed"
        )
        sizes = [os.path.getsize(place) / 1e6 for place in (rows, sealed)]
        print(f"the database: {sizes[0]:.0f} MB as rows, {sizes[1]:.0f} MB sealed")
        base = _alone(_fetched, rows)
        print(f"the rows fetched by sqlite3, and nothing done with them: {_told(base)}")
        for name, place in (("rows", rows), ("sealed", sealed)):
            found = _alone(_opened, place)
            print(f"opened from {COUNT:,} events, {name}: {_told(found)}, ratio {found[0] / base[0]:.2f}")
        _history(sealed)


def _append(place: str, tail: int) -> float:
    store, start = Store(open_database(place), tail=tail), time.perf_counter()
    for first in range(0, COUNT, _AT_A_TIME):
        store.append(map(_event, range(first, min(first + _AT_A_TIME, COUNT))))
    store.close()
    return time.perf_counter() - start


def _event(n: int) -> Event:
    """Something that happened to one of many records, in no order of records."""
    records = max(1, COUNT // _OF_EACH)
    kind = _KINDS[n // records % _OF_EACH]
    values = {} if kind.endswith("ed_up") else {"owner": f"P-{n % 977}", "stage": f"s{n % 6}"}
    return Event(_START + timedelta(seconds=n), "deal", f"D-{n * 7919 % records}", kind, "li", values)


def _fetched(place: str) -> None:
    found = sqlite3.connect(place).execute("SELECT * FROM salesrules_event ORDER BY seq").fetchall()
    assert len(found) == COUNT


def _opened(place: str) -> None:
    assert States(DuckDB(), Store(open_database(place)), _WATCHED, "Asia/Shanghai").refresh() == COUNT


def _history(place: str) -> None:
    store = Store(open_database(place))
    times = list(_asked(store))
    print(f"what happened to one record, sealed: {times[0] * 1000:.0f} ms at first, then {min(times) * 1000:.0f} ms")
    store.close()


def _asked(store: Store) -> Iterator[float]:
    for n in range(6):
        start = time.perf_counter()
        assert list(store.events(entity="deal", key=f"D-{n * 101}"))
        yield time.perf_counter() - start


def _alone(work: object, place: str) -> tuple[float, float, float]:
    """Seconds by the clock and of the processors that some work takes in a process of its own, and its memory in GB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (work, place))


def _measured(work: object, place: str) -> tuple[float, float, float]:
    assert callable(work)
    clock, processors = time.perf_counter(), time.process_time()
    work(place)
    took = time.perf_counter() - clock, time.process_time() - processors
    return *took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _told(found: tuple[float, float, float]) -> str:
    return f"{found[0]:.2f} s, {found[1]:.2f} s of the processors, {found[2]:.1f} GB at most"
