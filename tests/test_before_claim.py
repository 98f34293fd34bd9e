"""What a pool keeps back until a record is claimed is kept back on every door, whatever grants say."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from salesrules.overseeing import Overseer
from salesrules.workspace import Workspace
from tests.small_packs import CATEGORIES, row, small_world, write
from tests.truth import World, categories, included
from tests.views import Views

_LINE = "# yaml-language-server: $schema=../../schema/assignment.schema.json\n"
_UNOWNED = ("null", row("owner"))
_OF_UNOWNED = ("and", ("not", ("null", row("客户"))), ("null", row("客户", "owner")))
HIDDEN = CATEGORIES[:3]


def with_pool(seed: int, besides: int) -> tuple[World, str]:
    """A world as a pool makes it, by denies that anybody could have written, and the pool.

    Args: besides: how many roles the pool leaves out.
    """
    world = small_world(seed)
    left_out = list(world.roles)[:besides]
    free = [role for role in world.roles if included(world, role) & {*left_out}]
    but = [("not", ("in", ("post", "role"), *(("is", role) for role in free)))] if free else []
    slices = {"kept": {"customer": ("and", _UNOWNED, *but), "订单": ("and", _OF_UNOWNED, *but)}}
    grants = [
        {"effect": "deny", "role": role, "action": "read", "object": entity, "category": category}
        | {"slice": "kept", "from": None, "to": None}
        for role in world.roles
        for entity in ("customer", "订单")
        for category in HIDDEN
        if category in categories(world, entity)
    ]
    label = "{en: x, zh: 某}"
    pool = f"pools:\n  p: {{label: {label}, entity: customer, before_claim: {{hide: {HIDDEN}, except: {left_out}}}}}\n"
    return replace(world, slices={**world.slices, **slices}, grants=[*world.grants, *grants]), _LINE + pool


@cache
def opened(seed: int, besides: int) -> Views:
    world, pool = with_pool(seed, besides)
    root = write(small_world(seed), Path(mkdtemp()))
    (root / "rules/small/assignment.yaml").write_text(pool, encoding="utf-8")
    return Views(world, Workspace.open(root))


@pytest.mark.parametrize(("seed", "besides"), [(17, 1), (24, 0)])
def test_filter_decision_casbin_lists_and_figures_all_keep_it_back(seed: int, besides: int) -> None:
    views = opened(seed, besides)
    assert list(views.differences()) == []
    assert views.counts["open cells"] > 0


def test_something_is_kept_back_that_grants_open() -> None:
    plain = Views(small_world(24), opened(24, 0).workspace)  # without the pool the truth is another one
    people = [principal for person in plain.world.rows["person"] if (principal := plain.principal(person))]
    told = [line for person in people for entity in ("customer", "订单") for line in plain.decisions(person, entity)]
    assert {line.split(":")[0] for line in told} == {"filter", "decision"}
    assert all(" read " in line or " export " in line or " aggregate " in line for line in told)


def test_casbin_knows_all_of_it() -> None:
    assert Overseer(opened(24, 0).workspace).agree(small_world(24).day).differences == ()
