"""What salesrules.toml may say, as a schema, and what it has wrong as Issues at the line of the key."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import jsonschema

from salesrules.issue import Issue, Span, Term, nearest

FROM_ENVIRONMENT = "env:"
DATABASES = (".duckdb",)  # files that hold several tables
_NAME = {"type": "string", "pattern": r"^[^\W\d][\w-]*$", "wanted": "name"}
_TEXT = {"type": "string", "minLength": 1}
_YES = {"type": "boolean"}
_WORDS = {"type": "array", "items": _TEXT, "minItems": 1}
_OPTIONS = {  # of one table, or of a source for all its tables
    "nulls": {"type": "array", "items": {"type": "string"}},
    "encoding": _TEXT,
    "encoded_twice": _YES,
    "dates": _TEXT,
    "decimal": {"enum": [".", ","], "wanted": "decimal"},
    "thousands": {"enum": [",", ".", " ", "'", "_"], "wanted": "thousands"},
    "true": _WORDS,
    "false": _WORDS,
    "to_inclusive": _YES,
}
_TABLE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "file": _TEXT,
        "files": _TEXT,
        "table": _TEXT,
        "sheet": _TEXT,
        "columns": {"type": "object", "additionalProperties": _TEXT},
        "scale": {"type": "object", "additionalProperties": {"const": 100, "wanted": "scale"}},
        "master": {"type": "object", "additionalProperties": {"enum": ["table", "log"], "wanted": "master"}},
        **_OPTIONS,
    },
    "additionalProperties": False,
}
_SOURCE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "pack": _NAME,
        "folder": _TEXT,
        "file": _TEXT,
        "files": _TEXT,
        "url": _TEXT,
        "in_place": _YES,
        "statement_timeout": {"type": "string", "pattern": r"^[1-9]\d{0,6}(ms|s|min)$", "wanted": "timeout"},
        "refresh": {"type": "string", "pattern": r"^\d{1,6}(s|m|h|d)$", "wanted": "refresh"},
        **_OPTIONS,
    },
    "additionalProperties": _TABLE,
}
_STORE: dict[str, Any] = {
    "type": "object",
    "properties": {"url": _TEXT},
    "required": ["url"],
    "additionalProperties": False,
}
_ROBOTS = ("wecom", "dingtalk", "feishu")  # whoever knows the address of one may write to its group
_DO = ("remind", "escalate", "recycle", "task", "violation")
_CHANNEL: dict[str, Any] = {
    "type": "object",
    "properties": {
        "kind": {"enum": [*_ROBOTS, "webhook", "mail"], "wanted": "channel"},
        "url": _TEXT,
        "secret": _TEXT,
        "lang": {"enum": ["en", "zh"], "wanted": "lang"},
        "do": {"type": "array", "items": {"enum": [*_DO], "wanted": "do"}},
        "to": _WORDS,
        "from": _TEXT,
    },
    "required": ["kind", "url"],
    "additionalProperties": False,
}
_SCHEMA = {
    "type": "object",
    "properties": {
        "pack": _NAME,
        "sources": {"type": "object", "additionalProperties": _SOURCE},
        "store": _STORE,
        "notify": {"type": "object", "additionalProperties": _CHANNEL},
    },
    "additionalProperties": False,
}
KEYS = frozenset({"pack"} | {*_SOURCE["properties"]} | {*_TABLE["properties"]})  # all that can be said
Places = Mapping[tuple[str, ...], Span]


def place_of(places: Places, path: tuple[str, ...], file: str) -> Span:
    """The place of a key, or of the nearest table around it that is written down."""
    while path and path not in places:
        path = path[:-1]
    return places.get(path, Span(file))


def wrong(found: Mapping[str, Any], places: Places, file: str) -> Iterator[Issue]:
    """Every way in which the file is not what it should be."""
    for error in jsonschema.Draft202012Validator(_SCHEMA).iter_errors(found):
        path = tuple(str(step) for step in error.absolute_path)
        if error.validator == "additionalProperties":
            known = list(error.schema["properties"])
            for key in [key for key in error.instance if key not in known]:
                span = place_of(places, (*path, key), file)
                yield Issue("workspace.unknown_key", span, {"name": key}, near=nearest(key, known))
        else:
            wanted = Term(f"shape.toml_{error.schema.get('wanted', error.schema.get('type'))}")
            words = {"name": ".".join(path), "wanted": wanted}
            yield Issue("workspace.wrong", place_of(places, path, file), words)


def senseless(found: Mapping[str, Any], places: Places, file: str) -> Iterator[Issue]:
    """What the schema allows and nothing can be read by."""
    for name, channel in found.get("notify", {}).items():
        for key in ("url", "secret"):
            hidden = key == "secret" or channel["kind"] in _ROBOTS
            if hidden and not channel.get(key, FROM_ENVIRONMENT).startswith(FROM_ENVIRONMENT):
                yield Issue("workspace.secret", place_of(places, ("notify", name, key), file), {"name": name})
    for name, source in found.get("sources", {}).items():
        tables = {key: value for key, value in source.items() if isinstance(value, dict)}
        yield from _location(source, places, ("sources", name), file)
        yield from _in_place(source, tables, places, ("sources", name), file)
        yield from _formats(source, places, ("sources", name), file)
        for table, options in tables.items():
            path = ("sources", name, table)
            yield from _location(options, places, path, file)
            yield from _formats({**source, **options}, places, path, file)
            if not {"file", "files", "url"} & {*source, *options}:
                words = {"name": ".".join(path), "key": "file"}
                yield Issue("workspace.missing_key", place_of(places, path, file), words)
            where = options if {"file", "files"} & {*options} else source
            held = str(where.get("file", where.get("files", "")))
            if "table" in options and "url" not in where and not held.endswith(DATABASES):
                yield Issue("workspace.no_table_in", place_of(places, (*path, "table"), file), {"file": held})


def _location(options: Mapping[str, Any], places: Places, path: tuple[str, ...], file: str) -> Iterator[Issue]:
    """One place to read from, and no secret in it."""
    named = [key for key in ("file", "files", "url") if key in options]
    for key in named[1:]:
        words = {"name": ".".join(path), "first": named[0], "second": key}
        yield Issue("workspace.two_places", place_of(places, (*path, key), file), words)
    url = str(options.get("url", ""))
    if not url.startswith(FROM_ENVIRONMENT) and _secret(url):
        yield Issue("workspace.password", place_of(places, (*path, "url"), file))


def _secret(url: str) -> bool:
    """Whether a password stands in an address, or may stand in one that cannot be made out."""
    try:
        return bool(urlsplit(url).password) or "password" in url.lower()
    except ValueError:
        return True


def _in_place(
    source: Mapping[str, Any], tables: Mapping[str, Any], places: Places, path: tuple[str, ...], file: str
) -> Iterator[Issue]:
    """What is read in place has an address, and columns as they are: nothing that says how texts are written."""
    given, wanted = ("in_place", "url") if source.get("in_place") else ("statement_timeout", "in_place")
    if given in source and wanted not in source:
        words = {"name": ".".join(path), "key": wanted}
        yield Issue("workspace.missing_key", place_of(places, (*path, given), file), words)
    if not source.get("in_place"):
        return
    said = [(path, key) for key in source if key not in tables and key not in _IN_PLACE]
    said += [
        ((*path, table), key) for table, options in tables.items() for key in options if key not in _TABLE_IN_PLACE
    ]
    for at, key in said:
        yield Issue("workspace.not_in_place", place_of(places, (*at, key), file), {"name": key})


def _formats(options: Mapping[str, Any], places: Places, path: tuple[str, ...], file: str) -> Iterator[Issue]:
    def issue(code: str, at: str, **words: str) -> Issue:
        return Issue(code, place_of(places, (*path, at), file), words)

    dates = options.get("dates", "%Y-%m-%d")
    parts = re.findall(r"%(-?.)", dates)
    if {part[-1] for part in parts} - set("YymdbBHMS%") or not all(set(w) & {p[-1] for p in parts} for w in _DAY):
        yield issue("workspace.bad_dates", "dates", found=dates)
    if options.get("decimal", ".") == options.get("thousands"):
        yield issue("workspace.same_signs", "thousands", sign=options["thousands"])
    if ("true" in options) != ("false" in options):
        key, other = ("true", "false") if "true" in options else ("false", "true")
        yield issue("workspace.missing_key", key, name=".".join(path), key=other)
    both = {word.lower() for word in options.get("true", ())} & {word.lower() for word in options.get("false", ())}
    if both:
        yield issue("workspace.true_and_false", "false", word=min(both))
    try:
        codecs.lookup(options.get("encoding", "utf-8"))
    except LookupError:
        yield issue("workspace.unknown_encoding", "encoding", name=options["encoding"])


_IN_PLACE = ("pack", "url", "in_place", "statement_timeout", "nulls")
_TABLE_IN_PLACE = ("table", "columns")
_DAY = ("Yy", "mbB", "d")  # what a date must tell, each in one of these ways
