"""The table of leave to who is away on which days; a line that cannot be read is counted, and keeps nobody away."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import date
from pathlib import Path

from salesrules.engines.duckdb import DuckDB
from salesrules.engines.engine import Engine
from salesrules.expr.dialects import LEAVE
from salesrules.expr.sql import quoted
from salesrules.pack.pack import Pack
from salesrules.sources.org.periods import period
from salesrules.sources.raw.formats import UNFIT
from salesrules.sources.rows.faults import Reject
from salesrules.sources.rows.tables import DAYS, all_values, read_raw
from salesrules.sources.settings.bindings import Binding

LEAVE_TABLE = "leave of people"  # the binding of the file; no id of a pack has a space
_RAW = "raw leave"
_TYPES = {"person": "VARCHAR", "from": "DATE", "to": "DATE"}
Away = Mapping[str, tuple[tuple[date, date | None], ...]]
"""The stretches `[from, to)` in which each person is away, open at the end where nobody knows yet."""


def read_leave(
    engine: DuckDB, pack: Pack, binding: Binding | None, scratch: Path, people: Container[str | None] | None
) -> list[Reject]:
    """Make the table of leave, with no rows if the pack names none; `to` is the first day back.

    Args: people: who is there; None where that is not known yet, and a line about nobody keeps nobody away.
    Returns: what was left out: people who are not there, and days that are none or end before they begin.
    """
    kept: dict[str, list[str | date | None]] = {name: [] for name in _TYPES}
    wrong: dict[tuple[str, str], list[str]] = {}
    if pack.leave is not None and binding is not None:
        wanted = {"person": True, "from": True, "to": True, "reason": False}
        read_raw(engine, _RAW, binding, wanted, scratch, DAYS)
        for row in all_values(engine, _RAW):
            fault = _fault(row, people)
            if fault is not None:
                wrong.setdefault(fault, []).append(str(row[fault[0]] or "").lstrip(UNFIT))
                continue
            for name, value in zip(_TYPES, (row["person"], *period(row)), strict=True):
                kept[name].append(value)
        engine.rows(f"DROP TABLE {quoted(_RAW)}")
    engine.insert(LEAVE, kept, _TYPES)
    return [Reject("leave", *fault, len(texts), min(texts)) for fault, texts in wrong.items()]


def _fault(row: Mapping[str, str | None], people: Container[str | None] | None) -> tuple[str, str] | None:
    """The column of a line that cannot be read, and why."""
    if people is not None and row["person"] not in people:
        return "person", "reject.dangling"
    for key in ("from", "to"):
        try:
            date.fromisoformat(row[key] or "2000-01-01")
        except ValueError:
            return key, "reject.type"
    start, end = period(row)
    if start is None:
        return "from", "reject.no_key"
    return ("to", "reject.no_day") if end is not None and end <= start else None


def kept_leave(engine: Engine) -> Away:
    """Who is away when, out of a database that `build` has filled."""
    found: dict[str, tuple[tuple[date, date | None], ...]] = {}
    for person, start, end in engine.rows(f'SELECT person, "from", "to" FROM {quoted(LEAVE)} ORDER BY 1, 2, 3'):
        found[person] = (*found.get(person, ()), (start, end))
    return found


def is_away(away: Away, person: str, day: date) -> bool:
    """Whether a person is on leave on a day."""
    return any(start <= day and (end is None or day < end) for start, end in away.get(person, ()))


def back_on(away: Away, person: str, day: date) -> date | None:
    """The first day from a day on on which a person on leave is there again, after every leave that goes on from it.

    None where nobody knows yet, and for a person who is not on leave that day.
    """
    if not is_away(away, person, day):
        return None
    back = day
    for start, end in away[person]:  # the earliest first
        if start <= back:
            if end is None:
                return None
            back = max(back, end)
    return back
