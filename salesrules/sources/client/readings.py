"""A column of PostgreSQL and the field it is read as to SQL: its value, its text, and when it is no such value.

No expression raises an error, whatever stands in the column: text is looked at before it is cast, numbers and
instants are held against the bounds of their type first.
"""

from __future__ import annotations

from dataclasses import dataclass

from salesrules.expr.dialects import POSTGRES
from salesrules.expr.sql import literal, quoted
from salesrules.pack.entities import Field
from salesrules.sources.client.client_tables import Column
from salesrules.sources.rows.tables import BLANKS

ROWS = "s"  # the alias under which the table is read
_INTEGERS = ("int2", "int4", "int8")
_FLOATS = ("float4", "float8")
_EXACT = {
    "integer": (16, 0),
    "decimal": (28, 6),
    "money": (18, 2),
    "percent": (9, 6),
}  # digits, and those after the point
_LARGEST = 2**53  # beyond it a double does not tell one integer from the next
_DOUBLE = "1.7976931348623157e308"
_NUMBER = r"^[+-]?([0-9]{1,60}\.?[0-9]{0,60}|\.[0-9]{1,60})([eE][+-]?[0-9]{1,3})?$"
_DATE = r"^[0-9]{1,4}([-/])[0-9]{1,2}\1[0-9]{1,2}$"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?"
_OFFSET = r"(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)"
_TRUE, _FALSE = "'true', 't', 'yes', 'y', '1'", "'false', 'f', 'no', 'n', '0'"
# instants whose day can be told in any time zone, and still has a year of four digits
_FIRST, _LAST = "'0001-01-02 00:00:00'", "'9999-12-30 00:00:00'"


@dataclass(frozen=True, slots=True)
class Reading:
    """SQL over the row `s`: the value, true where there is something that is no such value, and the text for people."""

    value: str
    fault: str | None
    text: str


def reading(field: Field, column: Column, nulls: tuple[str, ...], timezone: str) -> Reading:
    """How a column is read as a field; members are read as text."""
    cell, text = _cell(column), trimmed(column, nulls)
    found = _plain(field, column, cell, text, timezone)
    if isinstance(found, tuple):
        return Reading(*found, text)
    return Reading(found, f"({text} IS NOT NULL AND {found} IS NULL)", text)


def as_written(column: Column) -> str:
    """The text of a column that holds keys, so that an index on it serves."""
    cell = _cell(column)
    return cell if column.type in ("text", "varchar") else f"CAST({cell} AS TEXT)"


def trimmed(column: Column, nulls: tuple[str, ...]) -> str:
    """The text of a column without the spaces around it, null where nothing or a declared null is written."""
    text = f"btrim({as_written(column)}, {literal(BLANKS)})"
    empty = ", ".join(literal(null) for null in ("", *nulls))
    return f"CASE WHEN {text} NOT IN ({empty}) THEN {text} END"


def day_of(value: str, timezone: str) -> str:
    """The day of an instant in UTC, in a time zone."""
    return f"CAST(timezone({literal(timezone)}, timezone('UTC', {value})) AS DATE)"


def _cell(column: Column) -> str:
    cell = f"{ROWS}.{quoted(column.name)}"
    return f'({cell} COLLATE "default")' if column.own_order else cell


def _plain(field: Field, column: Column, cell: str, text: str, timezone: str) -> str | tuple[str, str | None]:
    """The value, with its fault where another than `the value is null but the text is not` is cheaper."""
    match field.type:
        case "integer" | "decimal" | "money" | "percent":
            return _exact(field.type, column, cell, text)
        case "double":
            return _double(column, cell, text)
        case "boolean":
            return _boolean(column, cell, text)
        case "date":
            return _date(column, cell, text, timezone)
        case "timestamp":
            return _timestamp(column, cell, text, timezone)
        case _:
            return text, None


def _exact(type_: str, column: Column, cell: str, text: str) -> str | tuple[str, str | None]:
    digits, places = _EXACT[type_]
    if type_ == "integer":
        if column.type in ("int2", "int4"):
            return f"CAST({cell} AS BIGINT)", None
        if column.type == "int8":
            return cell, f"({cell} NOT BETWEEN -{_LARGEST} AND {_LARGEST})"
        number = _numeric(column, cell, text)
        return f"CASE WHEN abs({number}) <= {_LARGEST} AND {number} = trunc({number}) THEN CAST({number} AS BIGINT) END"
    wanted = POSTGRES.types[type_]
    if column.type == "numeric" and column.modifier >= 4:
        found, scale = (column.modifier - 4) >> 16, (column.modifier - 4) & 0x7FF
        if scale <= places and found - scale <= digits - places:  # nothing that it holds is too large
            return (cell if scale == places else f"CAST({cell} AS {wanted})"), f"({cell} = 'NaN')"
    if type_ == "percent" and column.type not in (*_INTEGERS, *_FLOATS, "numeric", "money"):
        part = f"CASE WHEN right({text}, 1) = '%' THEN btrim(left({text}, -1)) END"
        number = f"CASE WHEN right({text}, 1) = '%' THEN {_number(part)} / 100 ELSE {_number(text)} END"
    else:
        number = _numeric(column, cell, text)
    fits = f"abs(round({number}, {places})) < 1e{digits - places}"
    return f"CASE WHEN {fits} THEN CAST({number} AS {wanted}) END"


def _numeric(column: Column, cell: str, text: str) -> str:
    """A number of any size, null for what is none; infinity and NaN are held against bounds by who asks."""
    if column.type in (*_INTEGERS, "money"):
        return f"CAST({cell} AS NUMERIC)"
    if column.type == "numeric":
        return cell
    if column.type in _FLOATS:
        return f"CASE WHEN {cell} BETWEEN -1e30 AND 1e30 THEN CAST({cell} AS NUMERIC) END"
    return _number(text)


def _number(text: str) -> str:
    return f"CASE WHEN {text} ~ {literal(_NUMBER)} THEN CAST({text} AS NUMERIC) END"


def _double(column: Column, cell: str, text: str) -> str | tuple[str, str | None]:
    if column.type in _INTEGERS:
        return f"CAST({cell} AS DOUBLE PRECISION)", None
    if column.type in _FLOATS:
        return f"CAST({cell} AS DOUBLE PRECISION)", f"({cell} NOT BETWEEN -{_DOUBLE} AND {_DOUBLE})"
    number = _numeric(column, cell, text)
    fits = f"{number} = 0 OR abs({number}) BETWEEN 1e-300 AND {_DOUBLE}"
    return f"CASE WHEN {fits} THEN CAST({number} AS DOUBLE PRECISION) END"


def _boolean(column: Column, cell: str, text: str) -> str | tuple[str, str | None]:
    if column.type == "bool":
        return cell, None
    word = f"lower({text})"
    return f"CASE WHEN {word} IN ({_TRUE}) THEN TRUE WHEN {word} IN ({_FALSE}) THEN FALSE END"


def _date(column: Column, cell: str, text: str, timezone: str) -> str | tuple[str, str | None]:
    if column.type == "date":
        return cell, f"({cell} NOT BETWEEN DATE '0001-01-01' AND DATE '9999-12-31')"
    if column.type == "timestamp":
        return f"CAST({cell} AS DATE)", f"({cell} NOT BETWEEN TIMESTAMP {_FIRST} AND TIMESTAMP {_LAST})"
    if column.type == "timestamptz":
        day = f"CAST(timezone({literal(timezone)}, {cell}) AS DATE)"
        return f"CASE WHEN {cell} BETWEEN TIMESTAMPTZ {_FIRST} AND TIMESTAMPTZ {_LAST} THEN {day} END"
    return _day(text)


def _day(text: str) -> str:
    """The day that a text writes as year, month, day, null if the calendar has none such."""
    year, month, day = (f"CAST(split_part(translate({text}, '/', '-'), '-', {at}) AS INTEGER)" for at in (1, 2, 3))
    leap = f"{year} % 4 = 0 AND ({year} % 100 <> 0 OR {year} % 400 = 0)"
    length = f"CASE WHEN {month} IN (4, 6, 9, 11) THEN 30 WHEN {month} <> 2 THEN 31 WHEN {leap} THEN 29 ELSE 28 END"
    real = f"{year} >= 1 AND {month} BETWEEN 1 AND 12 AND {day} BETWEEN 1 AND {length}"
    return f"CASE WHEN {text} ~ {literal(_DATE)} THEN CASE WHEN {real} THEN make_date({year}, {month}, {day}) END END"


def _timestamp(column: Column, cell: str, text: str, timezone: str) -> str | tuple[str, str | None]:
    """An instant in UTC; a clock time without an offset is meant in the time zone of the pack."""
    if column.type == "timestamptz":
        return f"timezone('UTC', {cell})", f"({cell} NOT BETWEEN TIMESTAMPTZ {_FIRST} AND TIMESTAMPTZ {_LAST})"
    if column.type in ("timestamp", "date"):
        return _in_utc(f"CAST({cell} AS TIMESTAMP)", f"{cell} BETWEEN {_FIRST} AND {_LAST}", timezone)
    day, clock = f"substring({text} from '^[0-9/-]+')", f"substring({text} from '^[0-9/-]+[ T](.*)$')"
    local = f"substring({clock} from {literal(f'^({_CLOCK})')})"
    whole = f"{_day(day)} BETWEEN {_FIRST} AND {_LAST}"
    at_midnight = _in_utc(f"CAST({_day(day)} AS TIMESTAMP)", f"{text} = {day} AND {whole}", timezone)
    moment = f"CAST(CAST({_day(day)} AS TEXT) || ' ' || {local} AS TIMESTAMP)"
    said = f"timezone('UTC', CAST(CAST({_day(day)} AS TEXT) || ' ' || {clock} AS TIMESTAMPTZ))"
    plain, offset = f"{clock} ~ {literal(f'^{_CLOCK}$')}", f"{clock} ~ {literal(f'^{_CLOCK} *{_OFFSET}$')}"
    return (
        f"CASE WHEN {text} = {day} THEN {at_midnight} WHEN {plain} THEN {_in_utc(moment, whole, timezone)}"
        f" WHEN {offset} THEN CASE WHEN {whole} THEN {said} END END"
    )


def _in_utc(moment: str, safe: str, timezone: str) -> str:
    """A clock time of a place as an instant, computed only where that is `safe`."""
    return f"CASE WHEN {safe} THEN timezone('UTC', timezone({literal(timezone)}, {moment})) END"
