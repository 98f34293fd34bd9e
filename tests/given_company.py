"""A test file beside the rules to a workspace: the people, posts and records that it gives, as CSV files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from salesrules.pack.dimensions import MemberTable
from salesrules.pack.pack import Pack
from salesrules.sources.rows.beside import tables_read

Given = Mapping[str, Any]


def write(folder: Path, pack: Pack, given: Given) -> Path:
    """Write the workspace; a field that a record does not give is empty."""
    org, records = given["org"], {**given.get("records", {}), "person": given["org"]["person"]}
    bindings = []
    for entity in tables_read(pack).values():
        rows = records.get(entity.id, {})
        found = [{pack.entities[entity.id].key[0]: key, **row} for key, row in rows.items()] if entity.key else []
        if not entity.key:
            found = [row for pair in _beside(pack, records, entity.id) for row in pair]
        _csv(folder / f"{entity.id}.csv", list(entity.fields), found)
        bindings.append(f'[sources.given.{entity.id}]\nfile = "{entity.id}.csv"\n')
    for id, dimension in pack.dimensions.items():
        if isinstance(dimension.members, MemberTable):
            pairs = [{"id": member, "parent": parent} for member, parent in _below(org.get(id, {}), "")]
            _csv(folder / dimension.members.file, ["id", "parent"], pairs)
    scopes = sorted({scope for role in pack.roles.values() for scope in role.scope})
    _csv(folder / pack.post_tables[0].file, ["person", "role", *scopes, "from", "to"], org["posts"])
    for table in pack.tables.values():
        _csv(folder / table.file, [*table.keys, "value"], given.get("tables", {}).get(table.id, ()))
    for calendar in pack.calendars.values():
        if calendar.days is not None:
            _csv(folder / calendar.days.file, ["date", "kind", "name"], [])
    (folder / "salesrules.toml").write_text('pack = "standard"\n' + "\n".join(bindings), encoding="utf-8")
    return folder


def _beside(pack: Pack, records: Given, table: str) -> Iterable[list[dict[str, Any]]]:
    for entity in pack.entities.values():
        for many in entity.many.values():
            if many.from_ == table:
                for key, row in records.get(entity.id, {}).items():
                    yield [{many.by: key, **part} for part in row.get(many.id, ())]


def _below(tree: Given, parent: str) -> Iterable[tuple[str, str]]:
    for member, inner in tree.items():
        yield member, parent
        yield from _below(inner, member)


def _csv(path: Path, columns: list[str], rows: Iterable[Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
