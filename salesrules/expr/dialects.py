"""How each engine spells what is not an operator: literals, types, aggregates and lookups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Dialect:
    """The spellings of one engine; `name` chooses the column of the operator table."""

    name: str
    types: Mapping[str, str]
    quantile: str
    latest: str  # of many rows, the value of the one where another is highest
    by_characters: str  # text as a sort key, in the order of its characters whatever the collation

    @property
    def double(self) -> str:
        """The type of doubles."""
        return self.types["double"]


_TYPES = {
    "text": "VARCHAR",
    "member": "VARCHAR",
    "stage": "VARCHAR",
    "ref": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(28,6)",
    "money": "DECIMAL(18,2)",
    "percent": "DECIMAL(9,6)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "null": "VARCHAR",
}
DUCKDB = Dialect(
    "duckdb",
    {**_TYPES, **dict.fromkeys(("double", "ratio", "amount"), "DOUBLE")},
    "quantile_cont(CAST({0} AS DOUBLE), {level})",
    "arg_max({0}, {1})",
    "{0}",
)
POSTGRES = Dialect(
    "postgres",
    {**_TYPES, **dict.fromkeys(("double", "ratio", "amount"), "DOUBLE PRECISION")},
    "percentile_cont({level}) WITHIN GROUP (ORDER BY CAST({0} AS DOUBLE PRECISION))",
    "(array_agg({0} ORDER BY {1} DESC))[1]",
    '{0} COLLATE "C"',
)

# The tables that the product brings along; a table of a pack is a function of its keys k1, k2, ... in `table NAME`.
LOOKUPS = {
    "leave": (
        "CASE WHEN {0} IS NOT NULL AND {1} IS NOT NULL THEN EXISTS (SELECT 1 FROM leave AS l WHERE l.person = {0}"
        ' AND l."from" <= {1} AND (l."to" IS NULL OR l."to" > {1})) END'
    ),
    # `upto` counts the working days until the end of a day, `before` those until its start
    "calendar": (
        "(SELECT min(c.day) FROM calendar AS c WHERE c.upto = (SELECT CASE WHEN {1} > 0 THEN b.upto + {1}"
        " ELSE b.before + {1} + 1 END FROM calendar AS b WHERE b.day = {0}))"
    ),
}
