"""salesrules.toml to Settings: which pack a workspace uses and which columns its entities are read from."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonschema

from salesrules.issue import Issue, PackError, Span, Term, nearest

FILE = "salesrules.toml"


@dataclass(frozen=True, slots=True)
class Binding:
    """One file and the column for each name; a name that is not mapped is its own column; `sheet` is for workbooks."""

    span: Span
    path: Path
    columns: Mapping[str, str]
    nulls: tuple[str, ...]
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """A workspace's own file: `pack` by default, and the sources by name."""

    root: Path
    pack: str | None
    sources: Mapping[str, Mapping[str, Any]]
    lines: tuple[str, ...]

    def for_entity(self, entity: str, pack: str) -> Binding | None:
        """The binding of an entity in a pack, from the first source that has one."""
        for name, source in self.sources.items():
            table = source.get(entity)
            if isinstance(table, dict) and "file" in table and source.get("pack", pack) == pack:
                span = self.line_of(f"[sources.{name}.{entity}]")
                binding = self.for_table(table["file"], table.get("columns", {}), name, span)
                return replace(binding, sheet=table.get("sheet"))
        return None

    def for_table(self, file: str, columns: Mapping[str, str], source: str | None, span: Span) -> Binding:
        """The binding of a table that a pack names; without a source it lies below the workspace."""
        if source is None:
            return Binding(span, self.root / file, columns, ())
        if source not in self.sources:
            raise PackError([Issue("source.unknown", span, {"name": source}, near=nearest(source, self.sources))])
        found = self.sources[source]
        return Binding(span, self.root / found.get("folder", ".") / file, columns, tuple(found.get("nulls", ())))

    def line_of(self, header: str) -> Span:
        """The line of salesrules.toml on which a table begins."""
        for number, line in enumerate(self.lines, start=1):
            if line.replace(" ", "").startswith(header):
                return Span(FILE, number, 1, number, len(line) + 1)
        return Span(FILE)


def read_settings(root: Path) -> Settings:
    """The settings of the workspace in a folder."""
    path = root / FILE
    if not path.is_file():
        raise PackError([Issue("workspace.none", Span(FILE), {"folder": str(root)})])
    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise PackError([Issue("workspace.not_utf8", Span(FILE))]) from error
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = (int(place[1]), int(place[2])) if place else (1, 1)
        span = Span(FILE, line, column, line, column + 1)
        raise PackError([Issue("workspace.toml", span, {"problem": str(error)})]) from error
    settings = Settings(root, found.get("pack"), found.get("sources", {}), tuple(text.splitlines()))
    if issues := list(_wrong(found, settings)):
        raise PackError(issues)
    return settings


_NAME = {"type": "string", "pattern": r"^[^\W\d][\w-]*$"}
_TEXT = {"type": "string", "minLength": 1}
_TABLE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "file": _TEXT,
        "sheet": _TEXT,
        "columns": {"type": "object", "additionalProperties": _TEXT},
    },
    "required": ["file"],
    "additionalProperties": False,
}
_NULLS = {"type": "array", "items": {"type": "string"}}
_FILES = {
    "properties": {"pack": _NAME, "folder": _TEXT, "nulls": _NULLS},
    "additionalProperties": _TABLE,
}
_DATABASE = {
    "properties": {
        "pack": _NAME,
        "url": _TEXT,
        "in_place": {"type": "boolean", "enum": [True]},
        "statement_timeout": {"type": "string", "pattern": r"^[1-9][0-9]{0,6}(ms|s|min)$"},
        "nulls": _NULLS,
    },
    "required": ["in_place"],
    "additionalProperties": {
        "type": "object",
        "properties": {"table": _TEXT, "columns": _TABLE["properties"]["columns"]},
        "required": ["table"],
        "additionalProperties": False,
    },
}
_SOURCE = {"type": "object", "if": {"required": ["url"]}, "then": _DATABASE, "else": _FILES}
_SCHEMA = {
    "type": "object",
    "properties": {"pack": _NAME, "sources": {"type": "object", "additionalProperties": _SOURCE}},
    "additionalProperties": False,
}


def _wrong(found: Mapping[str, Any], settings: Settings) -> Iterator[Issue]:
    """Every way in which the file is not what it should be, at the line of the table that holds it."""
    for error in jsonschema.Draft202012Validator(_SCHEMA).iter_errors(found):
        path = [str(step) for step in error.absolute_path]
        span = (
            settings.line_of(f"[{'.'.join(path[:3])}]") if len(path) > 1 else settings.line_of(path[0] if path else "")
        )
        if error.validator == "additionalProperties":
            known = list(error.schema["properties"])
            for key in [key for key in error.instance if key not in known]:
                yield Issue("workspace.unknown_key", settings.line_of(key), {"name": key}, near=nearest(key, known))
        elif error.validator == "required":
            for key in [key for key in error.schema["required"] if key not in error.instance]:
                yield Issue("workspace.missing_key", span, {"name": ".".join(path), "key": key})
        else:
            wanted = Term(f"shape.toml_{error.schema['type']}")
            yield Issue("workspace.wrong", span, {"name": ".".join(path), "wanted": wanted})
