"""Casbin by itself over the shipped model and the grants of a world, asked without any code of the product."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import casbin

from tests.truth import World, categories, hats, holds, lines, speaks_of

MODEL = Path(__file__).parents[1] / "policies" / "model.conf"


class CasbinAlone:
    """One enforcer an entity; roles and slices are numbered, and all dates are ours."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._numbers = {name: f"n{at}" for at, name in reversed([*enumerate([*world.roles, *world.slices])])}
        self._asked: dict[Any, bool] = {}
        self._enforcers: dict[str, Any] = {}

    def may(self, person: str, action: str, entity: str, category: str, row: dict[str, Any]) -> bool:
        """Whether somebody may do this; reading gives aggregating, exporting needs reading too."""
        own = self._ask(person, action, entity, category, row)
        if action == "aggregate":
            return own or self._ask(person, "read", entity, category, row)
        return own and (action != "export" or self._ask(person, "read", entity, category, row))

    def _ask(self, person: str, action: str, entity: str, category: str, row: dict[str, Any]) -> bool:
        world, held, maybe = self._world, set(), set()
        for post, grant in lines(world, person, action, entity, category):
            found = holds(world, grant["slice"], person, post, entity, row)
            pair = f"{self._numbers[grant['role']]}:{self._numbers[grant['slice']]}"
            held |= {pair} if found is True else set()
            maybe |= {pair} if found is not False else set()
        question = (person, entity, tuple(sorted(held)), tuple(sorted(maybe)), category, action)
        if question not in self._asked:
            self._asked[question] = self._enforcer(entity).enforce(f"who:{person}", *question[1:])
        return self._asked[question]

    def _enforcer(self, entity: str) -> Any:
        if entity not in self._enforcers:
            enforcer = self._enforcers[entity] = casbin.Enforcer(str(MODEL))
            known, day = ["*", *categories(self._world, entity)], self._world.day
            of_entity = [
                {**grant, "object": entity, "category": category}
                for grant in self._world.grants
                for category in known
                if speaks_of(self._world, grant, entity, category)
            ]
            for grant in of_entity:
                if (grant["from"] or day) <= day and (grant["to"] is None or grant["to"] > day):
                    words = [grant[name] for name in ("object", "slice", "category", "action", "effect")]
                    words[1] = self._numbers[words[1]]
                    enforcer.add_policy(self._numbers[grant["role"]], *words)
            for person in [*self._world.rows["person"], *self._world.lent]:
                for role in {role for _, roles in hats(self._world, person) for role in roles}:
                    enforcer.add_grouping_policy(f"who:{person}", self._numbers[role])
        return self._enforcers[entity]


@cache
def casbin_alone(world: World) -> CasbinAlone:
    """Casbin over a world, which is never changed: what it has answered once it need not be asked again."""
    return CasbinAlone(world)
