"""Plain data against the JSON Schema of its kind, to issues: every way in which a file is not what it says it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, cast

import jsonschema

from salesrules.issue import Issue, Term, catalogue, nearest
from salesrules.load.cuts import not_a_pair
from salesrules.load.places import Map, Value, Written
from salesrules.load.scalars import is_day
from salesrules.load.schema import schema_of

_SHAPES = {
    "object": "shape.mapping",
    "array": "shape.list",
    "string": "shape.text",
    "integer": "shape.integer",
    "minItems": "shape.some",
    "anyOf": "shape.text_or_list",
}


def validate(value: Value, kind: str) -> list[Issue]:
    """Every way in which a file is not of its kind."""
    errors = _validator(kind).iter_errors(value.data)
    return [issue for error in errors for issue in _issues(value, error, kind)]


@cache
def _validator(kind: str) -> Any:
    """The schema as it is published, but that 4.0 is no whole number, for it is not written as one."""
    whole = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, data: type(data) is int)
    exact = cast(Any, jsonschema.validators).extend(jsonschema.Draft202012Validator, type_checker=whole)
    days = jsonschema.FormatChecker(formats=())
    days.checks("day")(is_day)
    return exact(schema_of(kind), format_checker=days)


def _issues(value: Value, error: Any, kind: str) -> Iterator[Issue]:
    data, written = value.data, value.written
    for step in error.absolute_path:
        written = data.values_at[step]
        data = data[step]
    if isinstance(data, Map) and isinstance(error.instance, str):  # a key that is wrong, not the value under it
        written = data.keys_at[error.instance]
        data = error.instance
    span = written.span
    scalar = f"value.{error.schema.get('title', '')}"
    if scalar in catalogue():  # one of the kinds of single values, each with its own text
        yield Issue(scalar, span, {"found": _described(data, written)})
        return
    match error.validator:
        case "additionalProperties":
            known = error.schema["properties"]
            for key in [key for key in data if key not in known]:
                code = "yaml.overlay_key" if key.startswith("$") else "yaml.unknown_key"
                yield Issue(code, data.keys_at[key].span, {"name": key}, near=nearest(key, known))
        case "required":
            known = error.schema.get("properties", {})
            misspelt = {nearest(key, known) for key in data if key not in known}  # told where it stands
            for key in [key for key in error.validator_value if key not in data and key not in misspelt]:
                steps = (step for step in reversed(error.absolute_path) if isinstance(step, str))
                of = next(steps, error.schema.get("title", ""))
                yield Issue("yaml.missing_key", span, {"name": key, "of": of, "form": _form(key, known[key], kind)})
        case "enum":
            options = ", ".join(f"`{option}`" for option in error.validator_value)
            near = nearest(str(data), error.validator_value)
            yield Issue("yaml.not_one_of", span, {"found": written.raw, "options": options}, near=near)
        case _:
            meant = not_a_pair(written) if _wanted(error) == "shape.mapping" and isinstance(data, str) else None
            yield meant or Issue(
                "yaml.wrong_shape", span, {"found": _described(data, written), "wanted": _wanted(error)}
            )


def _form(key: str, schema: Mapping[str, Any], kind: str) -> str:
    """How a key is written: with what it needs below it, if that is a mapping."""
    if "$ref" in schema:
        schema = schema_of(kind)["$defs"][schema["$ref"].rpartition("/")[2]]
    needed = schema.get("required", ()) if schema.get("type") == "object" else ()
    below = ", ".join(f"{name}: …" for name in needed)
    return f"{key}: {{{below}}}" if below else f"{key}: …"


def _described(data: Any, written: Written) -> str:
    if isinstance(data, Map | list):
        return Term("shape.mapping" if isinstance(data, Map) else "shape.list")
    return f"`{written.raw}`" if written.raw or written.quote else Term("shape.nothing")


def _wanted(error: Any) -> Term:
    wanted = error.validator_value if error.validator == "type" else error.validator
    if isinstance(wanted, list):
        wanted = "string" if "string" in wanted else wanted[0]
    return Term(_SHAPES[wanted])
