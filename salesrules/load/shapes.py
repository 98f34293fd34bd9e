"""Type hints of nouns to the shapes a value can take: what a mapping, a list and a single value each become."""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from salesrules.load.scalars import SCALARS
from salesrules.pack.dimensions import Member, MemberTable

Members = tuple[Member, ...] | MemberTable
NAMED_BY_PLACE = ("id", "span")
_KEY_LINE = re.compile(r"^ +(\w+): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a noun: the field it fills, its type, and whether it may be left out."""

    name: str
    field: str
    type: Any
    optional: bool
    about: str
    least: int = 0  # how many items a list has


@dataclass(frozen=True, slots=True)
class Shapes:
    """What a type accepts: nouns and maps for a mapping, tuples for a list, options and scalars for the rest."""

    nouns: tuple[type, ...] = ()
    map: Any = None
    list: Any = None
    options: tuple[str, ...] = ()
    scalar: Any = None

    def noun_for(self, keys: Iterable[str]) -> type | None:
        """The noun that a mapping is: the first whose required keys it has; if it can be nothing else, the last."""
        present = set(keys)
        for noun in self.nouns:
            if all(key.optional or key.name in present for key in keys_of(noun)):
                return noun
        return self.nouns[-1] if self.nouns and self.map is None else None


@cache
def shapes_of(kind: Any) -> Shapes:
    """Take a type hint apart; `None` means that a key may be left out, which is the business of its noun."""
    parts = [part for part in _alternatives(kind) if part is not type(None)]
    return Shapes(
        nouns=tuple(part for part in parts if isinstance(part, type) and is_dataclass(part) and part not in SCALARS),
        map=next((part for part in parts if get_origin(part) is dict), None),
        list=next((part for part in parts if get_origin(part) is tuple), None),
        options=tuple(str(option) for part in parts if get_origin(part) is Literal for option in get_args(part)),
        scalar=next((part for part in parts if part in SCALARS), None),
    )


@cache
def keys_of(noun: type) -> tuple[Key, ...]:
    """The YAML keys of a noun; a field that Python has its own word for ends in an underscore."""
    hints = typing.get_type_hints(noun)
    about = about_keys(noun)
    found = []
    for field in fields(noun):
        optional = field.default is not MISSING or field.default_factory is not MISSING
        if field.name not in NAMED_BY_PLACE and "rest" not in field.metadata:
            name = field.name.rstrip("_")
            least = field.metadata.get("least", 0)
            found.append(Key(name, field.name, hints[field.name], optional, about.get(name, ""), least))
    return tuple(found)


@cache
def rest_of(noun: type) -> Key | None:
    """The field that takes the keys that no other field claims, if the noun has one."""
    hints = typing.get_type_hints(noun)
    return next((Key("", f.name, hints[f.name], True, "") for f in fields(noun) if f.metadata.get("rest")), None)


@cache
def about_keys(noun: type) -> Mapping[str, str]:
    """What the docstrings of a noun, and of what it inherits from, say about its keys."""
    found: dict[str, str] = {}
    for class_ in reversed(noun.__mro__):
        _, _, below = inspect.cleandoc(class_.__doc__ or "").partition("Keys:")
        found |= dict(_KEY_LINE.findall(below))
    return found


def about_noun(noun: type) -> str:
    """The first paragraph of a noun's docstring."""
    return inspect.cleandoc(noun.__doc__ or "").split("\n\n")[0].replace("\n", " ")


def _alternatives(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
