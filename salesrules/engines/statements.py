"""A statement with parameters named `$name` to one that PostgreSQL takes: numbered parameters, names of 63 bytes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

_PIECE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([^\W\d]\w*)""")
_LONGEST = 63  # bytes; PostgreSQL cuts what is longer, so that two names may become one


def numbered(sql: str, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The statement with `$1`, `$2`, ... and the values in this order; what stands in quotes is no parameter."""
    order: dict[str, int] = {}

    def spell(match: re.Match[str]) -> str:
        piece, name = match[0], match[1]
        if name is not None:
            return f"${order.setdefault(name, len(order) + 1)}"
        return shortened(piece) if piece.startswith('"') else piece

    return _PIECE.sub(spell, sql), [_sendable(values[name]) for name in _in_order(sql)]


def _in_order(sql: str) -> list[str]:
    return list(dict.fromkeys(match[1] for match in _PIECE.finditer(sql) if match[1] is not None))


def identifiers(sql: str) -> set[str]:
    """Every quoted identifier of a statement, in its quotes."""
    return {match[0] for match in _PIECE.finditer(sql) if match[0].startswith('"')}


def read_from(sql: str) -> frozenset[str]:
    """Every quoted name that a statement may read from, in its quotes: those that are no column of an alias."""
    found = (match for match in _PIECE.finditer(sql) if match[0].startswith('"'))
    return frozenset(
        match[0] for match in found if not sql[max(0, match.start() - 3) : match.start()].endswith((".", "AS "))
    )


def shortened(identifier: str) -> str:
    """The identifier itself, or a name of its own where PostgreSQL would cut it."""
    name = identifier[1:-1].replace('""', '"')
    if len(name.encode()) <= _LONGEST:
        return identifier
    return f'"{hashlib.sha256(name.encode()).hexdigest()[:32]}"'


def _sendable(value: Any) -> Any:
    """Null for text that PostgreSQL cannot hold, since no text there is equal to it."""
    if isinstance(value, str):
        try:
            return None if "\0" in value else value.encode() and value
        except UnicodeEncodeError:
            return None
    return value
