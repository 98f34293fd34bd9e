"""A masked field to the end of its value that may be shown: at most half of it, cut off inside the engine."""

from __future__ import annotations

from salesrules.pack.entities import Field, Mask


def shown_end(field: Field, column: str) -> str | None:
    """The end of a column as SQL, or None for a field of which nothing is shown.

    A value of n characters shows `keep_last` of them, but never more than n // 2.
    """
    if not isinstance(field.mask, Mask):
        return None
    return f"right({column}, least({max(0, field.mask.keep_last):d}, length({column}) >> 1))"
