"""JSON Schemas made from the nouns of `pack/`, so that the editor and the loader accept the same files."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from salesrules.expr.syntax import Expression
from salesrules.load.structure import Members, keys_of
from salesrules.pack.dimensions import DimensionsFile, MemberTable
from salesrules.pack.entities import EntitiesFile
from salesrules.pack.kpis import KpisFile
from salesrules.pack.pack import PackFile
from salesrules.pack.policies import SlicesFile
from salesrules.pack.roles import RolesFile

KINDS: Mapping[str, type] = {
    "pack": PackFile,
    "entities": EntitiesFile,
    "dimensions": DimensionsFile,
    "roles": RolesFile,
    "slices": SlicesFile,
    "kpis": KpisFile,
}
_TEXT = {"type": ["string", "number", "boolean"]}
_NAMED = re.compile(r"# yaml-language-server: \$schema=\S*?(\w+)\.schema\.json\s*$")


def kind_named_in(line: str) -> str | None:
    """The file kind that line 1 of a pack file names, known or not."""
    match = _NAMED.match(line)
    return match[1] if match else None


@cache
def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema (Draft 2020-12) of a file kind."""
    body = _schema(KINDS[kind], top=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"{kind}.yaml", **body}


def _schema(kind: Any, top: bool = False) -> dict[str, Any]:
    if kind == Members:
        tree = {"type": ["object", "null"], "additionalProperties": {"type": ["object", "null"]}}
        return {"if": {"properties": {"file": _TEXT}, "required": ["file"]}, "then": _schema(MemberTable), "else": tree}
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _schema(next(arg for arg in args if arg is not type(None)))
    if origin is Literal:
        return {"enum": list(args)}
    if is_dataclass(kind) and kind is not Expression:
        keys = keys_of(kind)  # type: ignore[arg-type]
        properties = {name: _schema(type_) for name, type_, _ in keys}
        required = [name for name, _, optional in keys if not optional]
        if "id" in kind.__dataclass_fields__ and not top:
            properties["id"] = _TEXT
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(args[1])}
    if origin is tuple:
        item = _schema(args[0])
        return (
            {"anyOf": [item, {"type": "array", "items": item}]} if args[0] is str else {"type": "array", "items": item}
        )
    return {"type": "integer"} if kind is int else _TEXT
