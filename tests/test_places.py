"""The places beside the records: the same as in the tree, and an order in which what is close in the trees is close."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import pytest

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.dialects import DUCKDB
from salesrules.run.query import Query
from salesrules.sources.rows import places
from salesrules.sources.rows.places import _morton, place_column
from salesrules.workspace import Workspace
from tests.test_dates import carry_places_of, written

BITS = 10


def interleaved(cells: list[int]) -> int:
    """The bits of several numbers in turn, the lowest of the first one lowest."""
    turns = [str(cell >> bit & 1) for bit in range(BITS) for cell in cells]
    return int("".join(reversed(turns)), 2)


def test_the_bits_of_the_places_come_in_turn() -> None:
    draw, widest = Random(3), {"a": 400, "b": 10_000, "c": 7}
    rows = [[draw.choice([None, 1, most, draw.randint(1, most)]) for most in widest.values()] for _ in range(500)]
    engine = DuckDB()
    columns = {place_column(name): [row[at] for row in rows] for at, name in enumerate(widest)}
    engine.insert("t", columns, dict.fromkeys(columns, "INTEGER"))
    found = engine.rows(f"SELECT {_morton(widest)} FROM t")
    wanted = [
        interleaved([(place or 0) * 1023 // most for place, most in zip(row, widest.values(), strict=True)])
        for row in rows
    ]
    assert [code for (code,) in found] == wanted


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    carry_places_of(date(2026, 7, 1), monkeypatch)
    return Workspace.open(written(tmp_path))


def test_records_lie_in_the_order_of_what_their_slices_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    carry_places_of(date(2026, 7, 1), monkeypatch)
    monkeypatch.setattr(places, "_AT_ONCE", 0)  # as if they were too many to be read together
    company = Workspace.open(written(tmp_path))
    found = [place or 0 for (place,) in company.engine.rows('SELECT "#lft region" FROM customer')]
    assert found == sorted(found)
    assert len(set(found)) == 5


def test_within_needs_no_join_on_a_day_whose_places_the_records_carry(company: Workspace) -> None:
    def joined(day: date) -> bool:
        query = Query(company.snapshot, company.person("P-4", day), "customer", DUCKDB)
        query.allowed("read", (), "customer", "basics")
        return "JOIN" in query.source

    assert [joined(date(2026, 6, 30)), joined(date(2026, 7, 1)), joined(date(2030, 1, 1))] == [True, False, False]
