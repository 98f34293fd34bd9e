"""The names under which the engine keeps the state of records: a database in memory beside the one with their rows."""

from __future__ import annotations

from salesrules.expr.sql import quoted

DATABASE = "work"


def state_table(entity: str) -> str:
    """The table with one row for each record of an entity that anything is known of, as SQL."""
    return f"{DATABASE}.{quoted('state ' + entity)}"
