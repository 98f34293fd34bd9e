"""How each engine spells what is not an operator: literals, types, aggregates and lookups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from salesrules.expr.worked import DAYS, HOURS


@dataclass(frozen=True, slots=True, eq=False)
class Dialect:
    """The spellings of one engine; `name` chooses the column of the operator table."""

    name: str
    types: Mapping[str, str]
    quantile: str
    latest: str  # of many rows, the value of the one where another is highest
    by_characters: str  # text as a sort key, in the order of its characters whatever the collation
    matches: str  # whether a regular expression is found in a text
    parameter: str  # a parameter and its type, which not every engine can tell of a null
    place: str | None  # the column of every table that has the place where the engine keeps a row
    choices: bool  # whether the members of a dimension, and the stages of a process, are types of their own

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
    "regexp_matches({0}, {1})",
    "{0}",
    "rowid",
    True,
)
POSTGRES = Dialect(
    "postgres",
    {**_TYPES, **dict.fromkeys(("double", "ratio", "amount"), "DOUBLE PRECISION")},
    "percentile_cont({level}) WITHIN GROUP (ORDER BY CAST({0} AS DOUBLE PRECISION))",
    "(array_agg({0} ORDER BY {1} DESC))[1]",
    '({0} COLLATE "C")',
    "({0} ~ {1})",
    "CAST({0} AS {1})",
    None,
    False,
)

# What is worked until an instant is found by its day, and the stretch where that much more is worked by its hour: two
# equalities, which engines join by hashing. See `sources.org.calendars` for the columns.
_HOURS = (
    '(SELECT max(h."from" + {later}) FROM "#hours" AS h, (SELECT'
    ' max(least(b.before + {since}, b.upto)) + {{1}} * 3600000000 AS target FROM "#hours" AS b, (SELECT {{0}} AS t) AS'
    ' a WHERE b.day = CAST(a.t AS DATE) AND b."from" <= a.t AND a.t < (SELECT max(e."to") FROM "#hours" AS e)) AS g'
    " WHERE CASE WHEN {{1}} > 0 THEN h.hour = (g.target - 1) {per} 3600000000 AND h.before < g.target"
    " AND g.target <= h.upto ELSE h.hour = g.target {per} 3600000000 AND h.before <= g.target"
    " AND g.target < h.upto END)"
)

# The tables that the product brings along; a table of a pack is a function of its keys k1, k2, ... in `table NAME`.
LEAVE = "#leave"  # no table of a source is called so
LOOKUPS: Mapping[str, str | Mapping[str, str]] = {
    "leave": (
        'CASE WHEN {0} IS NOT NULL AND {1} IS NOT NULL THEN EXISTS (SELECT 1 FROM "#leave" AS l WHERE l.person = {0}'
        ' AND l."from" <= {1} AND (l."to" IS NULL OR l."to" > {1})) END'
    ),
    # of each day, `upto` counts the working days until its end and `before` those until its start
    DAYS: (
        '(SELECT min(c.day) FROM "#days" AS c WHERE c.upto > c.before AND c.upto = (SELECT CASE WHEN {1} > 0'
        ' THEN b.upto + {1} ELSE b.before + {1} + 1 END FROM "#days" AS b WHERE b.day = {0}))'
    ),
    HOURS: {
        "duckdb": _HOURS.format(
            later="to_microseconds(g.target - h.before)", since="date_diff('microsecond', b.\"from\", a.t)", per="//"
        ),
        "postgres": _HOURS.format(
            later="(g.target - h.before) * INTERVAL '1 microsecond'",
            since='CAST(extract(epoch FROM a.t - b."from") * 1000000 AS BIGINT)',
            per="/",
        ),
    },
}
