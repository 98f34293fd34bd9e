"""The state of a million records out of eight million events, and out of a hundred thousand that came since."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from salesrules.engines.duckdb import DuckDB
from salesrules.store import Event, open_store
from salesrules.work.state import EVENTS, TAIL, States
from salesrules.work.watched import Watched

RECORDS, EVENTS_OF_EACH, SINCE = 1_000_000, 8, 100_000
_KINDS = ["observed", "assigned", "followed_up", "advanced", "followed_up", "observed", "task_done", "followed_up"]
_WATCHED = {"deal": Watched("deal", ("owner", "pool", "stage"), ("owner", "stage"), {"sales": "stage"})}
_START = datetime(2026, 1, 1)


def run() -> None:
    """The events lie in the engine; those that came since lie in SQLite, where they were appended."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(str(Path(folder) / "store.sqlite"))
        engine = DuckDB()
        states = States(engine, store, _WATCHED, "Asia/Shanghai")
        _fill(engine)
        count = RECORDS * EVENTS_OF_EACH
        print(f"{count:,} events taken in: {_seconds(partial(states.take_in, [f'SELECT * FROM {TAIL}'], 0))}")
        print(f"state of {RECORDS:,} records out of {count:,} events: {_seconds(states.recompute)}")
        for turn in range(3):
            first = count + turn * SINCE
            since = [_event(n * 7 % RECORDS, turn) for n in range(SINCE)]
            print(f"{SINCE:,} events appended, with their hashes: {_seconds(partial(store.append, since))}")
            if not turn:
                _place_behind(store, engine)
            assert store.last() == first + SINCE
            print(f"state brought up to date with these: {_seconds(states.refresh)}")
        some = engine.rows(f"SELECT count(*) FROM {EVENTS}")[0][0]
        assert some == count + 3 * SINCE
        before = engine.rows('SELECT * FROM work."state deal" ORDER BY ALL')
        states.recompute()
        assert engine.rows('SELECT * FROM work."state deal" ORDER BY ALL') == before, "the two ways differ"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"at most {peak:.1f} GB of memory, with the events in it and the comparison of the two ways in Python")
        engine.close()
        store.close()


def _event(record: int, turn: int) -> Event:
    """Something that happened since: notes, owners and stages."""
    kind, values = [
        ("followed_up", {"#note": "x"}),
        ("assigned", {"owner": f"P-{record % 977}"}),
        ("observed", {"stage": f"s{record % 6}", "owner": f"P-{record % 31}"}),
    ][turn]
    return Event(_START + timedelta(400 + turn), "deal", f"D-{record}", kind, "li", values)


def _fill(engine: DuckDB) -> None:
    """Events as they come from the store, in no order of records."""
    kind = f"{_KINDS}[1 + CAST(range // {RECORDS} AS INTEGER)]"
    value = """'{"owner":"P-' || range % 977 || '","stage":"s' || range % 6 || '"}'"""
    moment = "TIMESTAMP '2026-01-01' + INTERVAL (range) SECOND"
    engine.rows(
        f"""CREATE OR REPLACE TABLE {TAIL} AS
        SELECT range + 1 AS seq, {moment} AS "at", 'deal' AS entity, 'D-' || (range * 7919 % {RECORDS}) AS key,
            {kind} AS kind, 'li' AS actor, CASE WHEN {kind} LIKE '%ed_up' THEN '{{}}' ELSE {value} END AS "values",
            '' AS rule, '' AS release
        FROM range({RECORDS * EVENTS_OF_EACH})"""
    )


def _place_behind(store: object, engine: DuckDB) -> None:
    """Let the events of the store follow those of the engine, as if all had been appended."""
    first = RECORDS * EVENTS_OF_EACH
    with store.alone():  # type: ignore[attr-defined]
        held = store._held  # type: ignore[attr-defined]
        held.exec_driver_sql(f"UPDATE salesrules_event SET seq = -(seq + {first})")
        held.exec_driver_sql("UPDATE salesrules_event SET seq = -seq")
        held.exec_driver_sql(f"UPDATE salesrules_head SET seq = seq + {first}")


def _seconds(work: Callable[[], object]) -> str:
    """How long some work takes by the clock, and of the processors' time, which others on the machine do not move."""
    clock, processors = time.perf_counter(), time.process_time()
    work()
    return f"{time.perf_counter() - clock:.2f} s, {time.process_time() - processors:.2f} s of the processors"
