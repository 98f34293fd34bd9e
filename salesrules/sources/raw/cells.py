"""A value that has a type of its own to the text that its source would write for it in a CSV file."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from salesrules.sources.raw.encodings import mended
from salesrules.sources.raw.formats import Formats
from salesrules.sources.settings.bindings import Binding


def cell_text(value: Any, binding: Binding) -> str:
    """The text by the formats of the binding: days without a time, whole numbers without a point."""
    formats: Formats = binding.formats
    match value:
        case None:
            return ""
        case bool():
            words = formats.true if value else formats.false
            return words[0] if words else str(value).lower()
        case datetime() if value.time() != datetime.min.time():
            return value.strftime(f"{formats.dates} %H:%M:%S") if formats.dates else value.isoformat(" ")
        case date():
            return value.strftime(formats.dates) if formats.dates else value.strftime("%Y-%m-%d")
        case float():
            number = str(int(value)) if value.is_integer() else f"{Decimal(repr(value)):f}"
            return number.replace(".", formats.decimal)
        case _:
            return mended(str(value)) if binding.encoded_twice else str(value)
