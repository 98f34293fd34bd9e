"""Columns of text that can be cast to typed columns."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from salesrules.expr.moved import within_times
from salesrules.expr.sql import literal, quoted
from salesrules.pack.entities import Field
from salesrules.sources.rows.storage import STORAGE, choice_of, read_as

_OFFSET = r":\d\d(\.\d+)?\s*(Z|[+-]\d\d(:?\d\d)?)$"  # an instant that says how far from UTC its clock is
_NONE = timedelta(0)


def day_column(field: str) -> str:
    """The column beside a timestamp that has its day in the time zone of the pack."""
    return f"#day {field}"


def names_of_field(field: Field) -> str | None:
    """The table of every text that means a choice, for fields that hold one."""
    return {"member": f"names {field.dimension}", "stage": f"stages {field.process}"}.get(field.type)


def typed_columns(fields: Collection[Field], timezone: str) -> list[str]:
    """The fields out of columns of text that can be cast, and the day beside each instant."""
    days = [_day(field, timezone) for field in fields if field.type == "timestamp"]
    return [*(_typed(field, timezone) for field in fields), *days]


def _typed(field: Field, timezone: str) -> str:
    column = quoted(field.id)
    if field.type == "timestamp":
        return f"{_instant(column, timezone)} AS {column}"
    if field.type == "percent":
        return f"{_percent(column)} AS {column}"
    type_ = STORAGE[field.type].sql if field.type in STORAGE else choice_of(field)
    return f"CAST({column} AS {type_}) AS {column}" if type_ else column


def _instant(column: str, timezone: str) -> str:
    """The instant in UTC, null for text that is none."""
    said = f"timezone('UTC', TRY_CAST({column} AS TIMESTAMPTZ))"
    local = f"timezone('UTC', timezone({literal(timezone)}, TRY_CAST({column} AS TIMESTAMP)))"
    found = f"CASE WHEN regexp_matches({column}, {literal(_OFFSET)}) THEN {said} ELSE {local} END"
    first, last = _ends(timezone)
    return within_times(found, literal(first), literal(last))


@cache
def _ends(timezone: str) -> tuple[datetime, datetime]:
    """The first and last instant in UTC that has a day there and in a time zone."""
    ahead = [ZoneInfo(timezone).utcoffset(end) or _NONE for end in (datetime.min, datetime.max)]
    return datetime.min - min(ahead[0], _NONE), datetime.max - max(ahead[1], _NONE)


def _day(field: Field, timezone: str) -> str:
    instant = _instant(quoted(field.id), timezone)
    day = f"CAST(timezone({literal(timezone)}, timezone('UTC', {instant})) AS DATE)"
    return f"{day} AS {quoted(day_column(field.id))}"


def _percent(column: str) -> str:
    """15% is 0.15; a bare number stands for itself."""
    share = f"CAST(TRY_CAST(regexp_replace({column}, '%$', '') AS DECIMAL(18,6)) / 100 AS DECIMAL(18,8))"
    number = f"TRY_CAST({column} AS DECIMAL(18,6))"
    return f"TRY_CAST(CASE WHEN suffix({column}, '%') THEN {share} ELSE {number} END AS DECIMAL(9,6))"


def read_typed(field: Field, timezone: str) -> str:
    """The value of a field, null for text that is of another type."""
    column = quoted(field.id)
    if field.type == "timestamp":
        return _instant(column, timezone)
    if field.type == "percent":
        return _percent(column)
    return read_as(field.type, column)
