"""A seed to SQL macros that draw: the same number for the same seed, purpose and row on every machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from salesrules.expr.sql import literal

AS_OF = "DATE '2026-06-30'"  # the last day that the company knows of
FIRST = "DATE '2025-01-01'"
_STEPS = 1_000_003  # how many different numbers a draw can give


def macros(seed: int) -> tuple[str, ...]:
    """The macros `draw`, a number in [0, 1), and what follows from it; `what` names the purpose, `n` the row.

    MD5 is used because its value is the same in every version of every engine, which no built-in random number is.
    """
    hashed = f"md5_number_lower(concat({seed:d}, ' ', what, ' ', n))"
    bell = "(draw(what, n) + draw(what, -n) + draw(what, n + 0.25) + draw(what, n + 0.5) - 2)"
    return (
        f"CREATE MACRO draw(what, n) AS ({hashed} % {_STEPS}) / {_STEPS}.0::DOUBLE",
        "CREATE MACRO pick(options, what, n) AS options[1 + CAST(floor(draw(what, n) * len(options)) AS BIGINT)]",
        "CREATE MACRO whole(least, most, what, n) AS"
        " CAST(least + floor(draw(what, n) * (most - least + 1)) AS INTEGER)",
        "CREATE MACRO padded(n, width) AS"
        " if(n < pow(10, width), lpad(CAST(n AS VARCHAR), width, '0'), CAST(n AS VARCHAR))",
        # four draws added are close to a bell curve; whole hundreds keep the last digits of exp() out of the rows
        "CREATE MACRO price(typical, spread, what, n) AS"
        f" CAST(greatest(1, round(typical * exp(spread * 1.73 * {bell}) / 100)) * 100 AS DECIMAL(18,2))",
    )


def options(weights: Mapping[str, int]) -> str:
    """A list in SQL in which each text stands as often as its weight says."""
    return listed(",".join(text for text, weight in weights.items() for _ in range(weight)))


def listed(texts: str) -> str:
    """A list in SQL of texts that commas separate."""
    return f"[{', '.join(literal(text) for text in texts.split(','))}]"


def made_of(table: str, rows: Sequence[Mapping[str, object]]) -> str:
    """The statement that makes a small table of rows, which all have the same columns."""
    names = ", ".join(f'"{name}"' for name in rows[0])
    return f"CREATE TABLE {table} AS FROM (VALUES {', '.join(map(_row, rows))}) AS t({names})"


def _row(row: Mapping[str, object]) -> str:
    return f"({', '.join(map(_value, row.values()))})"


def _value(value: object) -> str:
    match value:
        case None:
            return "CAST(NULL AS VARCHAR)"
        case int():
            return str(value)
        case list():
            return listed(",".join(value))
        case _:
            return literal(str(value))
