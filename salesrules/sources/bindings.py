"""salesrules.toml to Settings: which pack a workspace uses and which columns its entities are read from."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from salesrules.issue import Issue, PackError, Span, nearest

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
            if isinstance(table, dict) and source.get("pack", pack) == pack:
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
    text = path.read_text(encoding="utf-8")
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = (int(place[1]), int(place[2])) if place else (1, 1)
        span = Span(FILE, line, column, line, column + 1)
        raise PackError([Issue("workspace.toml", span, {"problem": str(error)})]) from error
    return Settings(root, found.get("pack"), found.get("sources", {}), tuple(text.splitlines()))
