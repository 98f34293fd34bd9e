"""An exact value, or the product of an amount with a percent or a whole number, to what it is rounded to n places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

DECIMALS = Context(prec=100, rounding=ROUND_HALF_UP)  # no caller's context may round our figures
PLACES = 6  # no field, literal or rounded value has more
# Engines hold 38 digits. A product has as many as its factors, so these share them: amounts and whole numbers have
# what a field of theirs can hold, for `money` 16 digits and for integers those of 2 ** 53. Beyond it the answer is
# null, because an error would tell everybody of one row.
_AMOUNT, _WHOLE, _ROUNDED = 16, 16, 32
_TAXED, _PERCENT = 20, 6


def rounded(value: Decimal, places: int) -> Decimal | None:
    """The value half away from zero; null if it has too many digits for an engine."""
    found = DECIMALS.quantize(value, Decimal(1).scaleb(-places))
    return found if _fits(found, _ROUNDED) else None


def rounded_share(amount: Decimal, share: Decimal, places: int) -> Decimal | None:
    """A percent of an amount."""
    return (
        rounded(DECIMALS.multiply(amount, share), places) if _fits(amount, _TAXED) and _fits(share, _PERCENT) else None
    )


def rounded_multiple(amount: Decimal, number: int, places: int) -> Decimal | None:
    """An amount so many times."""
    if not (_fits(amount, _AMOUNT) and _fits(number, _WHOLE)):
        return None
    return rounded(DECIMALS.multiply(amount, Decimal(number)), places)


def _fits(value: Decimal | int, digits: int) -> bool:
    return bool(abs(value) < 10**digits)


def _duckdb_value(arguments: Sequence[str]) -> str:
    value, places = arguments
    # a rounded value has a type of known width, or decimals are dropped where two wide ones meet
    return f"TRY_CAST(round({value}, {places}) AS DECIMAL({_ROUNDED + int(places)}, {places}))"


def _duckdb_product(digits: int, other: str) -> Callable[[Sequence[str]], str]:
    def spelt(arguments: Sequence[str]) -> str:
        amount, factor, places = arguments
        first = f"TRY_CAST({amount} AS DECIMAL({digits + PLACES}, {PLACES}))"
        return _duckdb_value((f"{first} * TRY_CAST({factor} AS {other})", places))

    return spelt


def _postgres_product(digits: int, other: int) -> str:
    return (
        f"(SELECT CASE WHEN abs(f.a) < 1e{digits} AND abs(f.b) < 1e{other}"
        " THEN round(CAST(f.a AS NUMERIC) * f.b, {2}) END FROM (SELECT {0} AS a, {1} AS b) AS f)"
    )


ROUNDED: Mapping[str, str | Callable[[Sequence[str]], str]] = {
    "duckdb": _duckdb_value,
    "postgres": (
        f"(SELECT CASE WHEN abs(f.r) < 1e{_ROUNDED} THEN f.r END FROM (SELECT round({{0}}, {{1}}) AS r) AS f)"
    ),
}
SHARE: Mapping[str, str | Callable[[Sequence[str]], str]] = {
    "duckdb": _duckdb_product(_TAXED, f"DECIMAL({_PERCENT + PLACES}, {PLACES})"),
    "postgres": _postgres_product(_TAXED, _PERCENT),
}
MULTIPLE: Mapping[str, str | Callable[[Sequence[str]], str]] = {
    "duckdb": _duckdb_product(_AMOUNT, f"DECIMAL({_WHOLE}, 0)"),
    "postgres": _postgres_product(_AMOUNT, _WHOLE),
}
