"""JSON Schemas made from the nouns of `pack/`, so that the editor and the loader accept the same files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args

from salesrules.expr.syntax import Expression
from salesrules.load.scalars import SCALARS
from salesrules.load.shapes import Key, Members, Shapes, about_noun, keys_of, rest_of, shapes_of
from salesrules.pack.assignment import AssignmentFile
from salesrules.pack.changes import Change
from salesrules.pack.dimensions import DimensionsFile, Member, MemberTable
from salesrules.pack.entities import EntitiesFile
from salesrules.pack.incentives import IncentivesFile
from salesrules.pack.kpis import KpisFile
from salesrules.pack.pack import PackFile
from salesrules.pack.policies import SlicesFile
from salesrules.pack.roles import RolesFile
from salesrules.pack.separation import SeparationFile
from salesrules.pack.stages import StagesFile
from salesrules.pack.tables import TablesFile
from salesrules.pack.targets import TargetsFile
from salesrules.pack.tests import PackTest

KINDS: Mapping[str, type] = {
    "pack": PackFile,
    "entities": EntitiesFile,
    "dimensions": DimensionsFile,
    "roles": RolesFile,
    "tables": TablesFile,
    "stages": StagesFile,
    "assignment": AssignmentFile,
    "kpis": KpisFile,
    "targets": TargetsFile,
    "incentives": IncentivesFile,
    "slices": SlicesFile,
    "separation": SeparationFile,
    "change": Change,
    "test": PackTest,
}
_PLACES = {"change": ["rules/*/changes/*.yaml"], "test": ["rules/*/tests/*_test.yaml"]}
_Definitions = dict[str, Any]
_NAMED = re.compile(r"# yaml-language-server: \$schema=\S*?(\w+)\.schema\.json\s*$")


def kind_named_in(line: str) -> str | None:
    """The file kind that line 1 of a pack file names, known or not."""
    match = _NAMED.match(line)
    return match[1] if match else None


@cache
def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema (Draft 2020-12) of a file kind."""
    definitions: _Definitions = {}
    body = _noun(KINDS[kind], definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{kind}.yaml",
        **body,
        "$defs": dict(sorted(definitions.items())),
    }


def write_schemas(folder: Path, shown_as: str = "salesrules/schema") -> tuple[Path, ...]:
    """Write the schema of every kind into a folder, and settings for VS Code that bind them to file names.

    Args: shown_as: the folder as seen from the one that is opened in the editor.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents = {f"{kind}.schema.json": schema_of(kind) for kind in KINDS}
    bound = {f"./{shown_as}/{kind}.schema.json": _files(kind) for kind in KINDS}
    contents["vscode.settings.json"] = {"yaml.schemas": bound}
    written = []
    for name, content in contents.items():
        path = folder / name
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        written.append(path)
    return tuple(written)


def _files(kind: str) -> list[str]:
    return _PLACES.get(kind, [f"rules/*/{kind}.yaml", f"policies/*/{kind}.yaml"])


def _type(kind: Any, definitions: _Definitions, listed: bool = False) -> dict[str, Any]:
    """The schema of a type: chosen by what the value is, so that a mistake is told in one sentence."""
    if kind == Members:
        return _defined("Members", definitions, lambda: _members(definitions))
    shapes = shapes_of(kind)
    parts = []
    if shapes.nouns or shapes.map:
        parts.append(("object", _mapping(shapes, definitions, listed)))
    last = _single(shapes, definitions)
    if shapes.list:
        item = get_args(shapes.list)[0]
        parts.append(("array", {"type": "array", "items": _type(item, definitions, listed=True)}))
        if not last and item in SCALARS:
            last = _scalar(item, definitions)  # one text may stand for a list of one
    chosen = last or parts.pop()[1]
    for type_, schema in reversed(parts):
        chosen = {"if": {"type": type_}, "then": schema, "else": chosen}
    return chosen


def _mapping(shapes: Shapes, definitions: _Definitions, listed: bool) -> dict[str, Any]:
    nouns = list(shapes.nouns)
    chosen = _map(shapes.map, definitions) if shapes.map else _noun_ref(nouns.pop(), definitions, listed)
    for noun in reversed(nouns):
        required = [key.name for key in keys_of(noun) if not key.optional]
        chosen = {"if": {"required": required}, "then": _noun_ref(noun, definitions, listed), "else": chosen}
    return chosen


def _map(kind: Any, definitions: _Definitions) -> dict[str, Any]:
    key, item = get_args(kind)
    content = _type(item, definitions)
    if type(None) in get_args(item):
        content = _or_empty(content)
    found = {"type": "object", "additionalProperties": content}
    options = shapes_of(key).options
    if options:
        found["propertyNames"] = {"enum": list(options)}
    elif key in SCALARS and SCALARS[key].pattern:
        found["propertyNames"] = _scalar(key, definitions)
    return found


def _single(shapes: Shapes, definitions: _Definitions) -> dict[str, Any]:
    scalar = _scalar(shapes.scalar, definitions) if shapes.scalar else {}
    if not shapes.options:
        return scalar
    options = {"enum": list(shapes.options)}
    return {"if": options, "then": True, "else": scalar} if scalar else options


def _scalar(kind: Any, definitions: _Definitions) -> dict[str, Any]:
    scalar = SCALARS[kind]
    return _defined(
        scalar.name, definitions, lambda: scalar.schema() | ({"format": "day"} if scalar.name == "day" else {})
    )


def _noun_ref(noun: type, definitions: _Definitions, listed: bool = False) -> dict[str, Any]:
    return _defined(noun.__name__, definitions, lambda: _noun(noun, definitions, listed))


def _defined(name: str, definitions: _Definitions, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = make()
    return {"$ref": f"#/$defs/{name}"}


def _noun(noun: type, definitions: _Definitions, listed: bool = False) -> dict[str, Any]:
    """The schema of a noun; its id stands beside its other keys in a list, and before them in a mapping."""
    keys = keys_of(noun)
    properties = {key.name: _property(key, definitions) for key in keys}
    required = [key.name for key in keys if not key.optional]
    if listed and "id" in noun.__dataclass_fields__:  # type: ignore[attr-defined]
        properties = {"id": _scalar(str, definitions), **properties}
        required = ["id", *required]
    rest = rest_of(noun)
    return {
        "description": about_noun(noun),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": _type(get_args(rest.type)[1], definitions) if rest else False,
    }


def _property(key: Key, definitions: _Definitions) -> dict[str, Any]:
    """The schema of a key; one that may be left out may also be left empty, but for conditions and formulas.

    A condition that is left empty would hold of everything.
    """
    schema = _type(key.type, definitions)
    if key.least:
        schema = {"if": {"type": "array"}, "then": {**schema["then"], "minItems": key.least}, "else": schema["else"]}
    if key.optional and shapes_of(key.type).scalar is not Expression:
        schema = _or_empty(schema)
    return {"description": key.about, **schema} if key.about else schema


def _or_empty(schema: dict[str, Any]) -> dict[str, Any]:
    return {"if": {"type": "null"}, "then": True, "else": schema}


def _members(definitions: _Definitions) -> dict[str, Any]:
    """Members are a table if `file` names one; else ids, in maps and lists inside each other."""
    tree = {"$ref": "#/$defs/Members"}
    is_table = {
        "type": "object",
        "properties": {"file": {"type": ["string", "number", "boolean"]}},
        "required": ["file"],
    }
    item = {
        "if": {"type": "object"},
        "then": _noun_ref(Member, definitions, listed=True),
        "else": _scalar(str, definitions),
    }
    nested = {"type": ["object", "array", "null"], "additionalProperties": tree, "items": item}
    return {"if": is_table, "then": _noun_ref(MemberTable, definitions), "else": nested}
