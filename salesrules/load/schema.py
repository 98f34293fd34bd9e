"""JSON Schemas made from the nouns of `pack/`, so that the editor and the loader accept the same files."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

import jsonschema

from salesrules.expr.syntax import Expression
from salesrules.issue import Issue, nearest
from salesrules.load.places import Map, Value, Written
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


def validate(value: Value, kind: str) -> list[Issue]:
    """Every way in which a file is not of its kind."""
    errors = _validator(kind).iter_errors(value.data)
    return [issue for error in errors for issue in _issues(value, error)]


@cache
def _validator(kind: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema_of(kind))


def _issues(value: Value, error: Any) -> Iterator[Issue]:
    data, written = value.data, value.written
    for step in error.absolute_path:
        written = data.values_at[step]
        data = data[step]
    span = written.span
    match error.validator:
        case "additionalProperties":
            known = error.schema["properties"]
            for key in [key for key in data if key not in known]:
                yield Issue("yaml.unknown_key", data.keys_at[key].span, {"name": key}, near=nearest(key, known))
        case "required":
            for key in [key for key in error.validator_value if key not in data]:
                yield Issue("yaml.missing_key", span, {"name": key})
        case "enum":
            options = ", ".join(f"`{option}`" for option in error.validator_value)
            near = nearest(str(data), error.validator_value)
            yield Issue("yaml.not_one_of", span, {"found": written.raw, "options": options}, near=near)
        case _:
            yield Issue("yaml.wrong_shape", span, {"found": _described(data, written), "wanted": _wanted(error)})


def _described(data: Any, written: Written) -> str:
    return "mapping" if isinstance(data, Map) else "list" if isinstance(data, list) else f"`{written.raw}`"


def _wanted(error: Any) -> str:
    wanted = error.validator_value if error.validator == "type" else error.validator
    if isinstance(wanted, list):
        wanted = "text" if "string" in wanted else wanted[0]
    return {"object": "mapping", "array": "list", "string": "text", "anyOf": "text or list"}.get(wanted, str(wanted))
