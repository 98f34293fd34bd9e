"""Rows of a log to hashes, each over the row and the hash before it, so that no row can be changed alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

BEGINNING = "0" * 64  # what stands before the first row
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def linked(before: str, row: Sequence[Any]) -> str:
    """The hash of a row that follows one with the hash `before`: SHA-256 over both, as JSON."""
    return hashlib.sha256(as_json([before, *row]).encode()).hexdigest()


def as_json(value: Any) -> str:
    """A value as the one JSON text that it has here: keys in order, no blanks, letters as they are."""
    return _JSON.encode(value)


def from_json(text: Any) -> Mapping[str, Any]:
    """The mapping that a text was made of.

    Raises: ValueError for anything that was not made of one.
    """
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(found, dict):
        raise ValueError("no mapping")
    return found
