"""salesrules.toml to Settings: which pack a workspace uses and where each of its tables is read from, and how."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from salesrules.issue import Issue, PackError, Span, nearest
from salesrules.sources.raw.formats import Formats
from salesrules.sources.settings.settings_schema import DATABASES, Places, place_of, senseless, wrong
from salesrules.sources.settings.toml_places import places

FILE = "salesrules.toml"
LOG = Path(".salesrules") / "store.sqlite"
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@dataclass(frozen=True, slots=True)
class Binding:
    """Where one table is read from, the column for each name, and how its texts are written.

    A name that is not mapped is its own column. `path` is a file, or the folder of the pattern `files`; `table` is read
    from a database in the file `path` or behind `url`, which is looked at again after `refresh` seconds. `sheet` is for
    workbooks. `places` has the place of each key that is written down.
    """

    span: Span = field(repr=False)
    path: Path
    columns: Mapping[str, str]
    nulls: tuple[str, ...]
    sheet: str | None = None
    files: str | None = None
    table: str | None = None
    url: str | None = None
    refresh: int = 60
    formats: Formats = field(default_factory=Formats)
    scale: frozenset[str] = frozenset()  # the percents whose bare numbers count hundredths
    encoding: str | None = None
    encoded_twice: bool = False
    to_inclusive: bool = False  # whether `to` is the last day rather than the day after it
    master: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[tuple[str, ...], Span] = field(default_factory=dict, repr=False)

    @property
    def shown(self) -> str:
        """What people call what is read; an address from the environment stays the name of its variable."""
        place = self.url or self.files or self.path.name
        return f"{place} ({self.table})" if self.table else place

    def at(self, *path: str) -> Span:
        """The place of one of its keys, or of the binding itself."""
        return self.places.get(path, self.span)


@dataclass(frozen=True, slots=True)
class Settings:
    """A workspace's own file: `pack` by default, the sources by name, and the place of each key.

    `store` is the address of the database that keeps what happened, if it is not the usual file; `notify` has the
    channels by which people are told of it.
    """

    root: Path
    pack: str | None
    sources: Mapping[str, Mapping[str, Any]]
    places: Places
    store: str | None = None
    notify: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def log_place(self) -> str:
        """Where the log is kept: what SALESRULES_STORE or `[store]` says, or a file below the workspace."""
        return os.environ.get("SALESRULES_STORE") or self.store or str(self.root / LOG)

    @property
    def has_log(self) -> bool:
        """Whether there may be a log; a file that is not there has none."""
        return "://" in self.log_place or Path(self.log_place).exists()

    def for_entity(self, entity: str, pack: str) -> Binding | None:
        """The binding of an entity in a pack, from the first source that has one."""
        name = self.source_of(entity, pack)
        if name is None:
            return None
        table = self.sources[name][entity]
        return self._bound(name, table, ("sources", name, entity), self.place("sources", name, entity))

    def source_of(self, entity: str, pack: str) -> str | None:
        """The first source that has an entity in a pack."""
        for name, source in self.sources.items():
            if isinstance(source.get(entity), dict) and source.get("pack", pack) == pack:
                return name
        return None

    def for_table(
        self, file: str, columns: Mapping[str, str], source: str | None, span: Span, to_inclusive: bool = False
    ) -> Binding:
        """The binding of a table that a pack names; without a source it is a file below the workspace.

        In a source that is a database, `file` is the name of the table.
        """
        said = {"columns": columns, **({"to_inclusive": True} if to_inclusive else {})}
        if source is None:
            return _binding(said, {}, self.root / file, span)
        if source not in self.sources:
            raise PackError([Issue("source.unknown", span, {"name": source}, near=nearest(source, self.sources))])
        found = self.sources[source]
        database = "url" in found or Path(found.get("file", "")).suffix in DATABASES
        return self._bound(source, {**said, "table" if database else "file": file}, (), span)

    def _bound(self, name: str, table: Mapping[str, Any], path: tuple[str, ...], span: Span) -> Binding:
        source = {key: value for key, value in self.sources[name].items() if not isinstance(value, dict)}
        own = {"file", "files"} & {*table}
        where = {key: value for key, value in source.items() if not own or key not in ("file", "files", "url")}
        options = {**where, **table}
        folder = self.root / options.get("folder", ".")
        depth = len(path)
        near = {key[depth:]: place for key, place in self.places.items() if depth and key[:depth] == path}
        above = {key[2:]: place for key, place in self.places.items() if key[:2] == ("sources", name)}
        database = "url" in options or Path(options.get("file", "")).suffix in DATABASES
        options = {**options, "table": options.get("table", path[-1] if path else None)} if database else options
        return _binding(options, {**above, **near}, folder / options.get("file", ""), span)

    def place(self, *path: str) -> Span:
        """The place of a key, or of what is written down around it."""
        return place_of(self.places, path, FILE)


def _binding(options: Mapping[str, Any], places: Places, path: Path, span: Span) -> Binding:
    true, false = (tuple(options.get(key, ())) for key in ("true", "false"))
    signs = (options.get("decimal", "."), options.get("thousands", ""))
    refresh = str(options.get("refresh", "60s"))
    return Binding(
        span,
        path,
        dict(options.get("columns", {})),
        tuple(options.get("nulls", ())),
        sheet=options.get("sheet"),
        files=options.get("files"),
        table=options.get("table"),
        url=options.get("url"),
        refresh=int(refresh[:-1]) * _SECONDS[refresh[-1]],
        formats=Formats(options.get("dates"), *signs, true, false),
        scale=frozenset(options.get("scale", ())),
        encoding=options.get("encoding"),
        encoded_twice=options.get("encoded_twice", False),
        to_inclusive=options.get("to_inclusive", False),
        master=dict(options.get("master", {})),
        places=places,
    )


def read_settings(root: Path) -> Settings:
    """The settings of the workspace in a folder."""
    path = root / FILE
    if not path.is_file():
        raise PackError([Issue("workspace.none", Span(FILE), {"folder": str(root)})])
    try:
        text = path.read_text(encoding="utf-8-sig")
        found = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise PackError([Issue("workspace.not_utf8", Span(FILE))]) from error
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = (int(place[1]), int(place[2])) if place else (1, 1)
        span = Span(FILE, line, column, line, column + 1)
        raise PackError([Issue("workspace.toml", span, {"problem": str(error)})]) from error
    keys = places(text, FILE)
    if issues := list(wrong(found, keys, FILE)) or list(senseless(found, keys, FILE)):
        raise PackError(issues)
    store, notify = found.get("store", {}).get("url"), found.get("notify", {})
    return Settings(root, found.get("pack"), found.get("sources", {}), keys, store, notify)
