"""Worlds made by hand around one difficulty each, where chance would rarely build them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.small_packs import ACTIONS, SHAPE, Term, row, small_world
from tests.truth import LOST, World

ALL: dict[str, Term] = {"*": ("is", True)}
NONE: dict[str, Term] = {"*": ("is", False)}
MINE: dict[str, Term] = {"person": ("within", "person", row("id"), ("user",)), "*": ("=", row("id"), ("is", "-"))}


def grant(effect: str, role: str, action: str, slice_: str) -> list[dict[str, Any]]:
    """A line on each entity, for all categories and for ever."""
    words = {"effect": effect, "role": role, "action": action, "category": "*", "slice": slice_}
    return [{**words, "object": entity, "from": None, "to": None} for entity in SHAPE]


def posts(held: dict[str, list[str]]) -> list[dict[str, Any]]:
    return [
        {"person": person, "role": role, "region": "*", "from": None, "to": None}
        for person, roles in held.items()
        for role in roles
    ]


def colons() -> World:
    """Role `a` with slice `b:s1`, and role `a:b` with slice `s1`: put together, they read the same."""
    world = small_world(1)
    return replace(
        world,
        roles={"a": [], "a:b": []},
        slices={"b:s1": ALL, "s1": NONE},
        posts=posts({key: ["a", "a:b"] for key in world.rows["person"]}),
        grants=[*grant("allow", "a", "read", "b:s1"), *grant("deny", "a:b", "read", "s1")],
    )


def spaces() -> World:
    """One person with two roles and one with a role whose name is both of theirs."""
    world = small_world(2)
    first, second = list(world.rows["person"])[:2]
    roles: dict[str, list[str]] = {"rep": [], "大区经理": [], "rep 大区经理": []}
    return replace(
        world,
        active=("is", True),
        roles=roles,
        slices={"all": ALL},
        posts=posts({first: ["rep 大区经理"], second: ["rep", "大区经理"]}),
        grants=[line for role in roles for action in ACTIONS for line in grant("allow", role, action, "all")],
    )


def sums_only(seed: int, times: int = 1) -> World:
    """Everyone may sum up all, and read almost nothing."""
    world = small_world(seed, times)
    keys = list(world.rows["person"])
    return replace(
        world,
        active=("is", True),
        roles={"rep": []},
        slices={"all": ALL, "few": {"*": ("=", row("id"), ("is", "订单-1"))}},
        posts=posts({key: ["rep"] for key in keys}),
        grants=[*grant("allow", "rep", "aggregate", "all"), *grant("allow", "rep", "read", "few")],
        smallest=dict.fromkeys(world.smallest, 2 + seed % 3),
    )


def twelve_roles_deep() -> World:
    """A role that includes another, and so on: what the twelfth may do, the first may."""
    world = small_world(3)
    names = [f"role {n}" for n in range(13)]
    return replace(
        world,
        active=("is", True),
        roles={name: names[n + 1 : n + 2] for n, name in enumerate(names)},
        slices={"all": ALL},
        posts=posts({person: [names[n * 2]] for n, person in enumerate(world.rows["person"])}),
        grants=[*grant("allow", names[12], "read", "all"), *grant("allow", names[11], "export", "all")],
    )


def fifty_managers() -> World:
    """A line of fifty people, each the manager of the next."""
    world = small_world(4)
    keys = [f"P-{n:02}" for n in range(50)]
    people = {
        key: {**dict.fromkeys(SHAPE["person"]), "id": key, "manager": keys[n - 1] if n else None}
        for n, key in enumerate(keys)
    }
    return replace(
        world,
        active=("is", True),
        rows={**{entity: {} for entity in SHAPE}, "person": people},
        trees={**world.trees, "person": {key: people[key]["manager"] for key in keys}, "team": {}},
        roles={"rep": []},
        slices={"mine": MINE},
        posts=posts({keys[n]: ["rep"] for n in (0, 25, 48, 49)}),
        grants=[line for action in ("read", "assign") for line in grant("allow", "rep", action, "mine")],
    )


def uprooted() -> World:
    """A line of people whose middle names a manager who is not there: a deny above it, and what lies not above."""
    world = small_world(7)
    keys = [f"P-{n}" for n in range(8)]
    above: dict[str, str | None] = {key: keys[n - 1] if n % 6 else None for n, key in enumerate(keys)}
    people = {
        key: {**dict.fromkeys(SHAPE["person"]), "id": key, "manager": "gone'--" if key == "P-3" else above[key]}
        for key in keys
    }
    below: dict[str, Term] = {"person": ("within", "person", row("manager"), ("is", "P-0")), "*": ("is", False)}
    apart: dict[str, Term] = {"person": ("not", ("within", "person", row("id"), ("user",))), "*": ("is", False)}
    return replace(
        world,
        active=("is", True),
        rows={**{entity: {} for entity in SHAPE}, "person": people},
        trees={**world.trees, "person": {**above, "P-3": LOST}, "team": {}},
        roles={"rep": [], "boss": [], "a": []},
        slices={"all": ALL, "below": below, "apart": apart, "mine": MINE},
        posts=posts({"P-0": ["rep"], "P-1": ["boss"], "P-3": ["rep"], "P-4": ["boss"], "P-5": ["a"]}),
        grants=[
            *grant("allow", "rep", "read", "apart"),
            *grant("allow", "boss", "read", "all"),
            *grant("deny", "boss", "read", "below"),
            *grant("allow", "a", "aggregate", "apart"),
            *grant("allow", "a", "read", "mine"),
        ],
    )


def two_patches() -> World:
    """Everyone reads basics in one patch and the rest in another: what a post opens has the scope of no other post."""
    world = small_world(6)
    patch: dict[str, Term] = {
        "customer": ("within", "region", row("region"), ("post", "region")),
        "*": ("is", False),
    }
    held = [
        {"person": person, "role": role, "region": region, "from": None, "to": None}
        for person in world.rows["person"]
        for role, region in (("rep", "east"), ("大区经理", "south"))
    ]
    basics = world.fields["customer"]["id"][0]
    rest = sorted({category for category, _ in world.fields["customer"].values()} - {basics})
    lines = {"rep": [basics], "大区经理": rest}
    return replace(
        world,
        active=("is", True),
        roles={"rep": [], "大区经理": []},
        slices={"patch": patch},
        posts=held,
        grants=[
            {**line, "category": category}
            for role, categories in lines.items()
            for category in categories
            for line in grant("allow", role, "read", "patch")
            if line["object"] == "customer"
        ],
    )


def expired() -> World:
    """Lines out of their days beside lines in force that have the same role and slice."""
    world = small_world(5)
    past, future = {"to": world.day}, {"from": world.day + timedelta(days=1)}
    some = [
        {**line, "category": world.fields[line["object"]]["id"][0]} for line in grant("allow", "rep", "read", "all")
    ]
    return replace(
        world,
        active=("is", True),
        roles={"rep": []},
        slices={"all": ALL},
        posts=posts({person: ["rep"] for person in world.rows["person"]}),
        grants=[*some, *({**line, **past} for line in grant("allow", "rep", "read", "all"))]
        + [{**line, **future} for line in grant("deny", "rep", "read", "all")],
    )


def hard_worlds() -> list[World]:
    return [
        colons(),
        spaces(),
        expired(),
        two_patches(),
        *(sums_only(seed) for seed in range(20, 26)),
        twelve_roles_deep(),
        fifty_managers(),
        uprooted(),
    ]
