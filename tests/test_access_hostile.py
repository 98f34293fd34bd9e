"""Organisations and names that nobody should have: nothing opens by them, and nothing falls over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from salesrules.issue import AccessDenied, PackError
from salesrules.workspace import Workspace
from tests.hard_worlds import ALL, grant, posts
from tests.small_packs import DAY, SHAPE, row, small_world, write
from tests.truth import World
from tests.views import Views

NAMES = ["'; drop table person; --", 'a, "b"', "a:b", "p.1", "r.held", "*", "g", "hats:0", "who", "eft == allow", "%3A"]


def decided(world: World, folder: Path) -> Views:
    """The product and the truth on a world, which must agree on every cell."""
    views = Views(world, Workspace.open(write(world, folder)))
    for person in world.rows["person"]:
        principal = views.principal(person)
        for entity in SHAPE if principal else ():
            assert principal is not None
            assert not list(views.many_decisions(principal, entity))
    return views


def test_ten_thousand_roles_and_fifty_inclusions_deep(tmp_path: Path) -> None:
    world = small_world(1)
    first, second, third = list(world.rows["person"])[:3]
    chain = {f"step {n}": [f"step {n + 1}"] if n < 50 else [] for n in range(51)}
    world = replace(
        world,
        active=("is", True),
        roles={**chain, **{f"role {n}": [] for n in range(10_000)}},
        slices={"all": ALL},
        posts=posts({first: ["step 0"], second: ["role 9999"], third: ["role 1", "step 50"]}),
        grants=[*grant("allow", "step 50", "read", "all"), *grant("allow", "role 9999", "export", "all")],
    )
    views = decided(world, tmp_path)
    seen = {}
    for person in (first, second, third):
        principal = views.principal(person)
        assert principal is not None
        seen[person] = views.workspace.see(principal, "customer").total
    assert seen == {first: 10, second: 0, third: 10}


@pytest.mark.parametrize("role", NAMES)
def test_names_that_look_like_something_else_are_only_names(role: str, tmp_path: Path) -> None:
    world = small_world(2)
    first, second = list(world.rows["person"])[:2]
    world = replace(
        world,
        active=("is", True),
        roles={"rep": [], role: []},
        slices={role: ALL},
        posts=posts({first: [role], second: ["rep"]}),
        grants=grant("allow", role, "read", role),
    )
    views = decided(world, tmp_path)
    opened = [
        views.workspace.see(principal, "team").total for p in (first, second) if (principal := views.principal(p))
    ]
    assert opened == [3, 0]


def test_whoever_has_nothing_in_any_field_is_opened_nothing_by_it(tmp_path: Path) -> None:
    world = small_world(3)
    blank = {
        entity: {key: {**dict.fromkeys(each), "id": key} for key, each in rows.items()}
        for entity, rows in world.rows.items()
    }
    same = {
        "person": ("=", row("manager"), ("user", "manager")),
        "team": ("within", "region", row("region"), ("user", "region")),
        "customer": ("=", row("owner"), ("user", "manager")),
        "*": ("=", row("seller"), ("user", "manager")),
    }
    world = replace(
        world,
        active=("is", True),
        rows=blank,
        trees={**world.trees, "person": dict.fromkeys(blank["person"]), "team": dict.fromkeys(blank["team"])},
        roles={"rep": []},
        slices={"same": {**same, "*": ("is", False), "订单": same["*"]}},
        posts=posts({key: ["rep"] for key in blank["person"]}),
        grants=[line for action in ("read", "export") for line in grant("allow", "rep", action, "same")],
    )
    views = decided(world, tmp_path)
    for person in blank["person"]:
        principal = views.principal(person)
        assert principal is not None
        assert [views.workspace.see(principal, entity).total for entity in SHAPE] == [0] * len(SHAPE)


@pytest.mark.parametrize(
    "circle", [{"a": ["a"]}, {"a": ["b"], "b": ["a"]}, {f"r{n}": [f"r{(n + 1) % 60}"] for n in range(60)}]
)
def test_roles_that_include_each_other_in_a_circle_are_an_issue(circle: dict[str, list[str]], tmp_path: Path) -> None:
    world = small_world(4)
    role = next(iter(circle))
    world = replace(world, roles=circle, posts=posts({key: [role] for key in world.rows["person"]}), grants=[])
    with pytest.raises(PackError) as refused:
        Workspace.open(write(world, tmp_path))
    assert "role.includes_itself" in {issue.code for issue in refused.value.issues}


@pytest.mark.parametrize("person", ["", "nobody", "*", "' OR 1=1 --", "P-1\x00", "$me", "%"])
def test_nobody_is_nobody(person: str, tmp_path: Path) -> None:
    workspace = Workspace.open(write(small_world(5), tmp_path))
    if person not in small_world(5).rows["person"]:
        with pytest.raises(AccessDenied):
            workspace.person(person, DAY)
