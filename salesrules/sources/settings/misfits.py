"""A binding and its table to Issues: what it says of fields that are not there, or are of another type."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.issue import Issue, nearest
from salesrules.pack.entities import Entity
from salesrules.pack.followed import followed
from salesrules.pack.pack import Pack
from salesrules.sources.rows.beside import tables_of
from salesrules.sources.settings.bindings import Binding, Settings


def misfits(table: Entity, whole: Entity, binding: Binding) -> Iterator[Issue]:
    """What a binding says that its table cannot have.

    Args: table: the fields that have a column; whole: all fields.
    """
    for name in binding.columns:
        if name in whole.fields and name not in table.fields:
            yield Issue("source.computed_field", binding.at("columns", name), {"name": name})
    for name in sorted(binding.scale):
        if name not in table.fields or table.fields[name].type != "percent":
            yield Issue("source.scale_of", binding.at("scale", name), {"name": name})
    for name in binding.master:
        if name not in table.fields:
            words = {"name": name, "entity": table.id}
            yield Issue("source.master_of", binding.at("master", name), words, near=nearest(name, table.fields))


def doubts(pack: Pack, settings: Settings) -> Iterator[Issue]:
    """What no entity reads; and what is understood and not done: the log follows only what moves by the rules."""
    for name, source in settings.sources.items():
        for table in source if source.get("pack", pack.about.pack) == pack.about.pack else ():
            if isinstance(source[table], dict) and table not in tables_of(pack):
                near = nearest(table, tables_of(pack))
                yield Issue("source.unknown_entity", settings.place("sources", name, table), {"name": table}, near=near)
    known = followed(pack)
    for entity in tables_of(pack):
        binding = settings.for_entity(entity, pack.about.pack)
        if binding is None:
            continue
        for name, master in binding.master.items():
            if master == "log" and name not in known.get(entity, ()):
                yield Issue("source.not_followed", binding.at("master", name), {"name": name})
