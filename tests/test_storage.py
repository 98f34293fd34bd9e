"""Texts as files have them to stored values: what each type takes, and what it refuses, and choices as enumerations."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from salesrules.engines.duckdb import DuckDB
from salesrules.expr.sql import literal
from salesrules.sources.rows.storage import STORAGE, read_as
from salesrules.workspace import Workspace
from tests.conftest import ROOT
from tests.test_guide import assembled

READ: dict[str, dict[str, Any]] = {  # type: text and what it is read as, None where it is refused
    "integer": {
        "7": 7,
        "-0": 0,
        "9007199254740992": 9007199254740992,
        "9007199254740993": None,
        "-9007199254740993": None,
        "12x": None,
        "七": None,
    },
    "decimal": {"1.5": Decimal("1.500000"), "1e99": None, "nan": None},
    "money": {"12.30": Decimal("12.30"), "99999999999999999.99": None, "¥5": None},
    "percent": {"0.15": Decimal("0.150000"), "1000": None},
    "boolean": {"true": True, "false": False, "是": None},
    "date": {"2026-12-31": date(2026, 12, 31), "2026-02-29": None, "0000-01-01": None, "infinity": None},
    "double": {"1.5": 1.5, "1e308": 1e308, "nan": None, "inf": None, "-infinity": None},
}


def test_every_stored_type_is_tried() -> None:
    assert set(READ) == set(STORAGE)


@pytest.mark.parametrize(("type_", "text"), [(type_, text) for type_, texts in READ.items() for text in texts])
def test_a_text_is_the_value_it_says_or_none(type_: str, text: str) -> None:
    ((found,),) = DuckDB().rows(f"SELECT {read_as(type_, literal(text))}")
    assert (found, type(found)) == (READ[type_][text], type(READ[type_][text]))


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = assembled("en", tmp_path_factory.mktemp("alder"))
    path = root / "data/opportunities.csv"
    path.write_text(path.read_text(encoding="utf-8") + "O-X,C-1,P-2,offer,5%,1,2026-01-01\n", encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8") + "O-Y,C-1,P-2,ofer,5%,1,2026-01-01\n", encoding="utf-8")
    return Workspace.open(root)


def test_members_and_stages_are_enumerations_in_the_order_of_their_texts(guide: Workspace) -> None:
    types = dict(guide.engine.rows("SELECT column_name, column_type FROM (DESCRIBE opportunity)"))
    assert types["stage"] == "ENUM('lost', 'needs', 'offer', 'won')"
    types = dict(guide.engine.rows("SELECT column_name, column_type FROM (DESCRIBE customer)"))
    assert types["channel"] == "ENUM('*', 'agent', 'dealer', 'direct', 'partner')"


def test_a_stage_that_the_process_does_not_have_is_left_out_and_said(guide: Workspace) -> None:
    found = [(r.entity, r.field, r.reason, r.rows, r.example) for r in guide.rejects]
    assert found == [("opportunity", "stage", "reject.unknown_stage", 1, "ofer")]
    assert guide.engine.rows("SELECT id, stage FROM opportunity WHERE id IN ('O-X', 'O-Y')") == [("O-X", "offer")]


def test_a_member_that_is_none_equals_nothing_and_is_no_failure(guide: Workspace) -> None:
    for condition in ("channel = 'nowhere'", "channel IN ('nowhere', 'dealer')", "coalesce(channel, 'x') = 'x'"):
        guide.engine.rows(f"SELECT count(*) FROM customer WHERE {condition}")
    assert guide.engine.rows("SELECT count(*) FROM customer WHERE channel = 'nowhere'") == [(0,)]
    assert guide.engine.rows("SELECT count(*) FROM customer WHERE channel = $c", {"c": "nowhere"}) == [(0,)]


def test_the_loaders_know_no_types_of_their_own() -> None:
    for path in (ROOT / "salesrules/sources").glob("*.py"):
        if path.name != "storage.py":
            assert "DECIMAL(18,2)" not in path.read_text(encoding="utf-8"), path.name
