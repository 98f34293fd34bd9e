"""A term of a reason is told where the asker reads every cell behind it, and nowhere else, as the truth has it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from salesrules.run import knowable
from salesrules.run.answer import Mark
from salesrules.workspace import Workspace
from tests.small_packs import Term, small_world, write
from tests.test_access_mutants import mutated, users_of
from tests.test_why import asked, people
from tests.truth import World, on
from tests.truth_lists import reads
from tests.views import Views

SEEDS = range(40, 46)


@cache
def world_of(seed: int) -> World:
    return small_world(seed)


def terms(term: Term, tie: str) -> list[Term]:
    """What `and` or `or` ties together at the top of a condition."""
    return list(term[1:]) if term[0] == tie else [term]


def about_asker(term: Any) -> Any:
    """What a condition asks of the person, as a condition on the person's own record."""
    if not isinstance(term, tuple):
        return term
    if term[0] in ("row", "user"):
        return ("row", *(term[1:] or ("id",))) if term[0] == "user" else ("is", None)
    return tuple(map(about_asker, term))


def known(world: World, person: str, entity: str, row: dict[str, Any], term: Term) -> bool:
    """Whether the person reads all that a condition takes from a record, and from the person's own."""
    me = world.rows["person"][person]
    return reads(world, person, "read", entity, row, term) and reads(
        world, person, "read", "person", me, about_asker(term)
    )


def differences(views: Views) -> Iterator[tuple[bool, str]]:
    """Of each term whether it is told, and what is wrong with that, if anything."""
    world = views.world
    for person in people(world):
        for (entity, key, *_), found in asked(views, person):
            for line in found.lines:
                parts = terms(on(world.slices[line.grant.slice], entity), line.tie)
                for term, part in zip(line.terms, parts, strict=True):
                    may = known(world, person, entity, world.rows[entity][key], part)
                    told = term.holds is not Mark.HIDDEN
                    yield told, "" if told is may else f"{person} {entity} {key}: {term.written.text}, told: {told}"


def test_a_term_is_told_where_all_behind_it_is_read(tmp_path: Path) -> None:
    found = [
        each
        for seed in SEEDS
        for each in differences(
            Views(world_of(seed), Workspace.open(write(world_of(seed), tmp_path / str(seed))), seed)
        )
    ]
    assert [wrong for _, wrong in found if wrong][:5] == []
    assert min(sum(told for told, _ in found), sum(not told for told, _ in found)) > 100


# Each small fault, put in on purpose, is noticed.

MUTANTS: list[tuple[str, str, str]] = [
    ("known_on", '" OR ".join', '" AND ".join'),
    ("known_on", '" AND ".join', '" OR ".join'),
    ("known_on", '"TRUE"', '"FALSE"'),
    ("known_on", "in KNOWING", 'in ("update",)'),
    ("reads_of_person", 'leaf.root == "user"', "False"),
    ("reads_of_person", "found |=", "found &="),
    ("reads_of_person", "path=path", "path=path[:1]"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reasons")


@pytest.mark.parametrize(("name", "old", "new"), MUTANTS, ids=[f"{m[0]}: {m[1]} -> {m[2]}" for m in MUTANTS])
def test_a_fault_is_caught(name: str, old: str, new: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    function, original = mutated(knowable, name, old, new), getattr(knowable, name)
    assert inspect.isfunction(original)
    for module in {knowable, *users_of(original)}:
        monkeypatch.setattr(module, name, function)
    for seed in SEEDS:
        root = folder / str(seed)
        if not root.exists():
            write(world_of(seed), root)
        if any(wrong for _, wrong in differences(Views(world_of(seed), Workspace.open(root), seed))):
            return
    pytest.fail("nothing was noticed")
