"""Facts about modules, and about the grants on them."""

from __future__ import annotations

from collections.abc import Iterator

from salesrules.check.names import unless_known
from salesrules.issue import Issue, nearest
from salesrules.pack.modules import MODULE
from salesrules.pack.pack import Pack
from salesrules.pack.policies import ROW_ACTIONS


def modules_hold_known_things(pack: Pack) -> Iterator[Issue]:
    """A module holds entities, and of each all of it or categories that it has."""
    for module in pack.modules.values():
        if not any(module.holds.values()):
            yield Issue("module.holds_nothing", module.span, {"module": module.id})
        for entity, categories in module.holds.items():
            yield from unless_known("module.unknown_entity", entity, pack.entities, module=module.id)
            if entity in pack.entities:
                known = {"*", *(field.category for field in pack.entities[entity].fields.values())}
                for category in categories:
                    yield from unless_known("module.unknown_category", category, known, entity=entity)


def granted_modules_are_known(pack: Pack) -> Iterator[Issue]:
    """A grant on a module that is not there, or on a category that the module does not hold, opens nothing."""
    for grant in pack.grants:
        if not grant.object.startswith(MODULE):
            continue
        name = grant.object.removeprefix(MODULE)
        if name not in pack.modules:
            yield Issue("grant.unknown_module", grant.span, {"name": name}, near=nearest(name, pack.modules))
        elif any(pack.modules[name].holds.values()):
            words = {"name": grant.category, "module": name}
            yield Issue("grant.not_in_module", grant.span, words, other=pack.modules[name].span)


def row_actions_are_granted_on_whole_entities(pack: Pack) -> Iterator[Issue]:
    """What is done to whole rows is open only where the module holds the whole of the entity."""
    for grant in pack.grants:
        line = grant.written
        if grant.said is not None and grant.action in ROW_ACTIONS and (line.category, grant.category) != ("*", "*"):
            words = {"name": grant.action, "module": line.object.removeprefix(MODULE), "entity": grant.object}
            yield Issue("grant.row_action_on_part", grant.span, words)
