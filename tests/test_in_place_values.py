"""What stands in the columns of a client's database: read as its field, or left out and counted; never an error."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client_database import DEAL, GOOD, Client, bad, client, left_out

__all__ = ["client"]


NATIVE = {
    "no key": (bad(id=None), "id", "no_key", "-"),
    "an empty key": (bad(id=""), "id", "no_key", "-"),
    "a padded key": (bad(id=" D9"), "id", "padded_key", " D9"),
    "unknown member": (bad(region="mars"), "region", "unknown_member", "mars"),
    "too large": (bad(pieces=2**53 + 1), "pieces", "type", "9007199254740993"),
    "no amount": (bad(amount="NaN"), "amount", "type", "NaN"),
    "no share": (bad(share="NaN"), "share", "type", "NaN"),
    "endless": (bad(share="Infinity"), "share", "type", "Infinity"),
    "a share of a thousand": (bad(share="999.9999996"), "share", "type", "999.9999996"),
    "no weight": (bad(weight="NaN"), "weight", "type", "NaN"),
    "endless weight": (bad(weight="-Infinity"), "weight", "type", "-Infinity"),
    "no end": (bad(made_on="infinity"), "made_on", "type", "infinity"),
    "before the year 1": (bad(made_on="0044-03-15 BC"), "made_on", "type", "0044-03-15 BC"),
    "after the year 9999": (bad(made_on="10000-01-01"), "made_on", "type", "10000-01-01"),
    "no end of time": (bad(seen_at="-infinity"), "seen_at", "type", "-infinity"),
    "far away": (bad(seen_at="20000-01-01 00:00Z"), "seen_at", "type", "20000-01-01 00:00:00+00"),
}


@pytest.mark.parametrize("case", NATIVE)
def test_a_value_that_the_type_cannot_hold_leaves_its_row_out(client: Client, case: str) -> None:
    row, field, reason, example = NATIVE[case]
    client.deals(DEAL, [("D0", *GOOD[1:]), row], key="")
    workspace = client.open()
    assert client.seen() == ["D0"]
    assert left_out(workspace) == {field: (reason, 1, example)}


TEXTS: dict[str, tuple[dict[str, Any], list[str]]] = {  # what is read, and what is refused
    "pieces": (
        {"7": 7, " 7 ": 7, "+7": 7, "007": 7, "-0": 0, "1.0": 1},
        ["1.5", "7x", "9007199254740993", "1 000", "NaN", "１"],
    ),
    "amount": (
        {"1.005": "1.01", ".5": "0.50", "5.": "5.00", "1e3": "1000.00", "-7": "-7.00"},
        ["1,000", "NaN", "Infinity", "1e16", "9999999999999999.995", "", "0x1F", "1e999"],
    ),
    "share": ({"15%": "0.150000", "0.15": "0.150000", "15 %": "0.150000"}, ["%", "15%%", "1000", "abc"]),
    "weight": ({"0.1": 0.1, "1e300": 1e300, "-2": -2.0}, ["inf", "NaN", "1e400", "1e-400", "0.1.2"]),
    "big": ({"true": True, "F": False, "1": True, "no": False}, ["on", "2", "wahr"]),
    "made_on": (
        {"2026-03-15": "2026-03-15", "2024-02-29": "2024-02-29", "2026-3-5": "2026-03-05", "2026/03/15": "2026-03-15"},
        ["2026-02-29", "2026-13-01", "0000-01-01", "10000-01-01", "infinity", "today", "15.3.2026", "2026-03/15"],
    ),
    "seen_at": (
        {
            "2026-03-15 08:00": "2026-03-15 00:00:00",
            "2026-03-15T08:00:00.5": "2026-03-15 00:00:00.500000",
            "2026-03-15 08:00:00Z": "2026-03-15 08:00:00",
            "2026-03-15 08:00:00+02:00": "2026-03-15 06:00:00",
            "2026-03-15": "2026-03-14 16:00:00",
        },
        ["2026-03-15 24:30", "2026-02-30 08:00", "now", "2026-03-15 08:00:00 PST", "infinity"],
    ),
}


@pytest.mark.parametrize("field", TEXTS)
def test_columns_of_text_are_read_without_an_error(client: Client, field: str) -> None:
    good, refused = TEXTS[field]
    texts = [*good, *refused]
    rows = [bad(id=f"D{at:02}", **{field: text}) for at, text in enumerate(texts)]
    client.deals(dict.fromkeys(DEAL, "text"), rows)
    workspace = client.open()
    missing = 1 if "" in refused else 0  # nothing written is no value, and no mistake
    assert [str(value) for value in client.seen(field) if value is not None] == [str(v) for v in good.values()]
    assert left_out(workspace) == {field: ("type", len(refused) - missing, min(set(refused) - {""}))}


def test_numbers_dates_and_members_of_other_types_are_read(client: Client) -> None:
    client.run("CREATE DOMAIN h.cents AS numeric(12,4); CREATE TYPE h.where AS ENUM ('east', '东区')")
    types = {
        **DEAL, "id": "integer", "owner": "char(5)", "region": "h.where", "pieces": "numeric", "amount": "h.cents",
        "share": "real", "weight": "integer", "big": "smallint", "made_on": "timestamptz", "seen_at": "timestamp",
    }  # fmt: skip
    row = (7, "P1", "东区", "3.0", "1.2550", 0.25, 2, 1, "2026-03-14 17:00:00+00", "2026-03-15 09:00:00")
    client.deals(types, [row, (8, *row[1:3], "3.5", *row[4:])])
    workspace = client.open()
    (found,) = workspace.see(workspace.person("P1"), "deal").rows
    assert [str(value) for value in found] == [
        "7", "P1", "east", "3", "1.26", "0.250000", "2.0", "True", "2026-03-15", "2026-03-15 01:00:00"
    ]  # fmt: skip
    assert left_out(workspace) == {"pieces": ("type", 1, "3.5")}


def test_members_are_trimmed_where_they_need_it_when_opened(client: Client) -> None:
    client.deals(DEAL, [GOOD, bad(id="D2", region="west")])
    client.open()
    client.run("UPDATE h.deal SET region = ' 东区 ' WHERE id = 'D1'; UPDATE h.deal SET region = '' WHERE id = 'D2'")
    assert client.seen() == []
    client.workspace.engine.close()
    assert left_out(client.open()) == {}
    assert client.seen("region") == ["east", None]


def test_other_names_of_members_are_known_where_some_stand_when_opened(client: Client) -> None:
    client.open()
    client.run("UPDATE h.deal SET region = '东区'")
    assert client.seen() == []
    client.workspace.engine.close()
    assert left_out(client.open()) == {}
    assert client.seen("region") == ["east"]
    client.run("UPDATE h.deal SET region = 'east'")
    assert client.seen("region") == ["east"]


def test_a_text_that_is_no_value_is_looked_for_where_some_stand_when_opened(client: Client) -> None:
    columns = {**DEAL, "owner": "text"}
    client.deals(columns, [GOOD, bad(id="D2", owner="#N/A")])
    assert left_out(client.open()) == {"owner": ("miscalculated", 1, "#N/A")}
    client.run("UPDATE h.deal SET owner = '#REF!' WHERE id = 'D1'")
    assert client.seen() == []


def test_declared_nulls_are_nothing(client: Client) -> None:
    client.settings("in_place = true", 'in_place = true\nnulls = ["n/a"]')
    client.deals(dict.fromkeys(DEAL, "text"), [bad(owner="n/a", region="n/a", amount="n/a"), bad(id="n/a")])
    assert left_out(client.open()) == {"id": ("no_key", 1, "-")}
    assert [client.seen(name) for name in ("owner", "region", "amount")] == [[None]] * 3
