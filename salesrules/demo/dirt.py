"""A few rows as bad as real ones, none of which any other row depends on, so that it shows what becomes of them."""

from __future__ import annotations

from salesrules.demo.sizes import Size

_COLUMNS = "id, name, owner, region, channel, created_on"
_BROKEN = (
    ("C-90001", "区域写错的公司", "shanghia"),  # no such region
    ("C-90002", "区域停用的公司", "pudong"),
    ("C-90003", "重复编号的公司", "shanghai"),  # the number twice: nobody can say which is right
    ("C-90003", "重复编号的公司（二）", "beijing"),
)


def dirt(_: Size) -> tuple[str, ...]:
    """Two regions that do not exist, a number that stands twice, an amount in words, a customer who is gone.

    And one contact in twelve whom nobody can call or write to.
    """
    rows = ", ".join(
        f"('{id}', '{name}', NULL, '{region}', 'direct', DATE '2026-05-01')" for id, name, region in _BROKEN
    )
    amount = "CASE WHEN id = (SELECT min(id) FROM collection) THEN '叁万元整' ELSE CAST(amount AS VARCHAR) END"
    return (
        "UPDATE contact SET phone = NULL, email = NULL WHERE CAST(right(id, 4) AS INTEGER) % 12 = 0",
        f"INSERT INTO customer ({_COLUMNS}) VALUES {rows}",
        f'CREATE OR REPLACE TABLE collection AS SELECT id, "order", paid_on, {amount} AS amount FROM collection',
        "INSERT INTO follow_up (id, customer, owner, kind, planned_on)"
        " VALUES ('F-90001', 'C-99999', 'P-0005', 'call', DATE '2026-06-01')",
    )
