"""Statements as PostgreSQL takes them: what stands in quotes is left alone, and no two names become one."""

from __future__ import annotations

import pytest

from salesrules.engines.statements import identifiers, numbered, read_from, shortened

LONG = '"' + "客" * 22 + '"'
CASES = {
    "SELECT $a, $b, $a": ("SELECT $1, $2, $1", [1, 2]),
    "SELECT '$a', \"$b\", $b": ("SELECT '$a', \"$b\", $1", [2]),
    "SELECT 'it''s $a', $a": ("SELECT 'it''s $a', $1", [1]),
    'SELECT "a ""$b""", $a': ('SELECT "a ""$b""", $1', [1]),
    "SELECT '%s' LIKE '%', $客": ("SELECT '%s' LIKE '%', $1", [3]),
    "SELECT 1": ("SELECT 1", []),
}


@pytest.mark.parametrize("sql", CASES)
def test_parameters_are_numbered(sql: str) -> None:
    assert numbered(sql, {"a": 1, "b": 2, "客": 3}) == CASES[sql]


@pytest.mark.parametrize("text", ["nul \0", "half \ud800"])
def test_text_that_postgresql_cannot_hold_is_null(text: str) -> None:
    assert numbered("$a", {"a": text}) == ("$1", [None])


def test_long_names_stay_apart() -> None:
    other = LONG[:-1] + '里"'
    assert shortened('"' + "客" * 21 + '"') == '"' + "客" * 21 + '"'
    assert len(shortened(LONG)) < 40
    assert shortened(LONG) != shortened(other)
    assert numbered(f"SELECT {LONG}.a, {other}", {})[0] == f"SELECT {shortened(LONG)}.a, {shortened(other)}"
    assert identifiers(f"SELECT {LONG}, '\"no\"'") == {LONG}


def test_what_is_read_from_is_told_from_columns() -> None:
    sql = 'SELECT t."deal" AS "f" FROM "a ""b""" AS t, "g" AS x LEFT JOIN "c" AS u ON u.id = t."d", (TABLE "e") AS w'
    assert read_from(sql) == {'"a ""b"""', '"g"', '"c"', '"e"'}
