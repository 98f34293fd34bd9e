"""Plain data to nouns: reads the dataclasses of `pack/` by their type hints, after the schema has accepted the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any, get_args

from salesrules.issue import Span
from salesrules.load.places import Value
from salesrules.load.scalars import SCALARS
from salesrules.load.shapes import Key, Members, keys_of, rest_of, shapes_of
from salesrules.pack.dimensions import Member, MemberTable
from salesrules.pack.word import Word


def structure(kind: Any, value: Value, id: str = "", named_at: Span | None = None) -> Any:
    """The value as `kind`; `id` is the key under which a noun stands, `named_at` the place of that key."""
    if kind == Members:
        return _members(value)
    if value.data is None and type(None) in get_args(kind):
        return None
    shapes = shapes_of(kind)
    if isinstance(value.data, dict):
        noun = shapes.noun_for(value.data)
        if noun is not None:
            return _noun(noun, value, id, named_at)
        key, item = get_args(shapes.map)
        return {_key(key, at): structure(item, part, at.normal, at.span) for at, part in _pairs(value)}
    if shapes.list is not None and (shapes.scalar is None or isinstance(value.data, list)):
        items = value.items() if isinstance(value.data, list) else [value]
        return tuple(structure(get_args(shapes.list)[0], item) for item in items)
    if value.text in shapes.options or shapes.scalar is None:
        return value.text
    return SCALARS[shapes.scalar].read(value)


def _pairs(value: Value) -> Iterator[tuple[Value, Value]]:
    """Each key of a mapping, with its place, beside its value."""
    for key, part in value.entries():
        yield Value(key, value.data.keys_at[key]), part


def _key(kind: Any, at: Value) -> Any:
    return SCALARS[kind].read(at) if kind in SCALARS and kind is not str else at.normal


def _noun(noun: type, value: Value, id: str = "", named_at: Span | None = None) -> Any:
    found: dict[str, Any] = {}
    keys = keys_of(noun)
    for key in keys:
        part = value.get(key.name)
        if part is not None and part.data is not None:
            found[key.field] = structure(key.type, part)
    own = {field.name for field in fields(noun)}
    if "id" in own:
        written = value.get("id")
        found["id"] = id or (written.normal if written else "")
    if "span" in own:
        found["span"] = named_at or value.span
    rest = rest_of(noun)
    if rest is not None:
        found[rest.field] = _rest(rest, value, {key.name for key in keys})
    build: Callable[..., Any] = noun
    return build(**found)


def _rest(rest: Key, value: Value, claimed: set[str]) -> dict[Any, Any]:
    key, item = get_args(rest.type)
    return {
        _key(key, at): structure(item, part, at.normal, at.span) for at, part in _pairs(value) if at.text not in claimed
    }


def _members(value: Value) -> tuple[Member, ...] | MemberTable:
    """Either a table, or ids in a nested map or list; in a list an item can also say more than its id."""
    if isinstance(value.data, dict) and not isinstance(value.data.get("file", {}), dict):
        table: MemberTable = _noun(MemberTable, value)
        return table
    found: list[Member] = []
    ahead: list[tuple[Value, Word | None]] = [(value, None)]
    while ahead:
        at, parent = ahead.pop()
        below: list[tuple[Value, Word | None]] = []
        for member, inside in _choices(at, parent):
            found.append(member)
            if inside is not None and inside.data:
                below.append((inside, Word(member.id, member.span)))
        ahead.extend(reversed(below))
    return tuple(found)


def _choices(value: Value, parent: Word | None) -> Iterator[tuple[Member, Value | None]]:
    """The members of one mapping or list, each with what stands below it."""
    if isinstance(value.data, dict):
        for at, below in _pairs(value):
            yield Member(at.normal, at.span, parent), below
        return
    for item in value.items():
        if isinstance(item.data, dict):
            yield _noun(Member, item), None
        else:
            yield Member(item.normal, item.span, parent), None
