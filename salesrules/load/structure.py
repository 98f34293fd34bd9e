"""Plain data to nouns: reads the dataclasses of `pack/` by their type hints, after the schema has accepted the file."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from salesrules.expr.syntax import Expression
from salesrules.load.origin import origin_of
from salesrules.load.places import Value
from salesrules.pack.dimensions import Member, MemberTable

Members = tuple[Member, ...] | MemberTable


@cache
def keys_of(noun: type) -> tuple[tuple[str, Any, bool], ...]:
    """The YAML keys of a noun: name, type, and whether it may be left out."""
    hints = typing.get_type_hints(noun)
    found = []
    for field in fields(noun):
        optional = field.default is not MISSING or field.default_factory is not MISSING
        if field.name not in ("id", "span"):
            found.append((field.name, hints[field.name], optional))
    return tuple(found)


def structure(kind: Any, value: Value, id: str = "") -> Any:
    """The value as `kind`: a noun, a tuple, a dict, a scalar; `id` is the key under which a noun stands."""
    if kind == Members:
        return _members(value)
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return structure(next(arg for arg in args if arg is not type(None)), value, id)
    if kind is Expression:
        return Expression(value.text, value.span, value.written.quote, origin_of(value.written))
    if is_dataclass(kind):
        return _noun(typing.cast(type, kind), value, id)
    if origin is dict:
        return {key: structure(args[1], item, key) for key, item in value.entries()}
    if origin is tuple:
        listed = isinstance(value.data, list)
        return tuple(structure(args[0], item) for item in (value.items() if listed else [value]))
    if origin is Literal or kind is str:
        return value.text
    return value.data


def _noun(noun: type, value: Value, id: str) -> Any:
    found: dict[str, Any] = {}
    for name, kind, _ in keys_of(noun):
        part = value.get(name)
        if part is not None and part.data is not None:
            found[name] = structure(kind, part)
    own = {field.name for field in fields(noun)}
    if "id" in own:
        written = value.get("id")
        found["id"] = id or (written.text if written else "")
    if "span" in own:
        found["span"] = value.span
    build: Callable[..., Any] = noun
    return build(**found)


def _members(value: Value) -> Members:
    """Either a table, or a nested map of ids."""
    if "file" in value.data and not isinstance(value.data["file"], dict):
        table: MemberTable = _noun(MemberTable, value, "")
        return table
    found: list[Member] = []

    def collect(at: Value, parent: str | None) -> None:
        for id, below in at.entries():
            found.append(Member(id, parent))
            collect(below, id)

    collect(value, None)
    return tuple(found)
