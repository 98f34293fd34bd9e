"""Grants on modules to the grants on what these hold, each with the line that it was written in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from salesrules.pack.entities import Entity
from salesrules.pack.modules import MODULE, Module
from salesrules.pack.policies import Grant


def unfolded(
    grants: Iterable[Grant], modules: Mapping[str, Module], entities: Mapping[str, Entity]
) -> tuple[Grant, ...]:
    """Every grant on one entity or other object; one on a module stands once for each part of it.

    A grant on a module that is not there, or that holds nothing of what it says, stays for the checks to tell of.
    """
    return tuple(part for grant in grants for part in _parts(grant, modules, entities))


def _parts(grant: Grant, modules: Mapping[str, Module], entities: Mapping[str, Entity]) -> tuple[Grant, ...]:
    module = modules.get(grant.object.removeprefix(MODULE)) if grant.object.startswith(MODULE) else None
    found = _about(grant, module, entities) if module is not None else ()
    return tuple(replace(grant, object=object, category=category, said=grant) for object, category in found) or (grant,)


def _about(grant: Grant, module: Module, entities: Mapping[str, Entity]) -> Iterator[tuple[str, str]]:
    for entity in module.holds:
        if entity in entities:
            known = {field.category for field in entities[entity].fields.values()}
            yield from ((str(entity), category) for category in module.categories(entity, grant.category, known))
