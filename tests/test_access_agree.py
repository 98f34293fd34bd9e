"""Casbin and the compiled lines are compared in full, by many threads too, and a fault of either side is found."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from threading import Thread

import pytest

from salesrules.access import enforcer, snapshot
from salesrules.access.agree import agree
from salesrules.access.enforcer import Enforcer
from salesrules.overseeing import Overseer
from salesrules.workspace import Workspace
from tests.hard_worlds import hard_worlds
from tests.small_packs import DAY, SHAPE, small_world, write
from tests.test_access_mutants import mutated
from tests.views import Views


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Views:
    world = small_world(7)
    return Views(world, Workspace.open(write(world, tmp_path_factory.mktemp("pack"))), 7)


def test_both_answer_the_same_for_every_kind_of_cell(views: Views, tmp_path: Path) -> None:
    found = Overseer(views.workspace).agree(DAY)
    assert (found.differences, found.compared) == ((), found.possible)
    assert found.compared > 200
    for number, world in enumerate(hard_worlds()[:3]):
        assert not Overseer(Workspace.open(write(world, tmp_path / str(number)))).agree(DAY).differences


def test_of_too_many_questions_each_kind_is_asked_and_a_sample(views: Views) -> None:
    every = agree(views.workspace.snapshot, DAY)
    some = agree(views.workspace.snapshot, DAY, most=every.possible // 2)
    assert 0.4 * every.possible < some.compared < every.possible == some.possible
    assert agree(views.workspace.snapshot, DAY, most=every.possible // 2) == some


@pytest.mark.parametrize(
    ("owner", "name", "old", "new"),
    [
        (snapshot.Snapshot, "_lines", "and grant.on(principal.day)", ""),
        (snapshot.Snapshot, "_lines", 'grant.category in ("*", category)', "True"),
        (snapshot.Snapshot, "_grants", "and grant.action == action", ""),
        (snapshot.Snapshot, "_grants", "grant.role in roles", "grant.role == min(roles)"),
        (snapshot.Snapshot, "cell", '== "deny"', '== "Deny"'),
        (enforcer.Enforcer, "_enforcer", "and grant.on(day)", ""),
    ],
)
def test_a_fault_of_either_side_is_found(
    owner: type, name: str, old: str, new: str, views: Views, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, name, mutated(owner, name, old, new))
    old_one = views.workspace.snapshot
    assert agree(snapshot.Snapshot(old_one.program, old_one.organisation), DAY).differences


def test_many_threads_get_the_answers_that_one_gets_alone(views: Views) -> None:
    keys = [(entity, key) for entity in SHAPE for key in views.world.rows[entity]]
    people = [p for person in views.world.rows["person"] if (p := views.principal(person))]
    asked = [(p, action, *key) for p in people for key in keys for action in ("read", "export", "assign")]
    rows = {key: views.leaves(people[0], *key) for key in keys}

    def answer(on: snapshot.Snapshot, question: tuple[snapshot.Principal, str, str, str]) -> bool:
        principal, action, entity, key = question
        category = "*" if action == "assign" else views.world.fields[entity]["id"][0]
        cell = on.cell(principal, entity, action, category)
        return on.decide(principal, cell, entity, action, category, rows[entity, key])

    shared = snapshot.Snapshot(views.workspace.snapshot.program, views.workspace.snapshot.organisation)
    found: list[list[bool]] = [[] for _ in range(6)]

    def ask_all(number: int) -> None:
        start = number * len(asked) // 6  # each begins elsewhere
        answers = [answer(shared, question) for question in [*asked[start:], *asked[:start]]]
        found[number] = [*answers[len(asked) - start :], *answers[: len(asked) - start]]

    threads = [Thread(target=ask_all, args=(number,)) for number in range(6)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    alone = [answer(views.workspace.snapshot, question) for question in asked]
    assert len(set(alone)) == 2
    assert [each == alone for each in found] == [True] * 6


def test_enforcers_hang_on_the_times_between_dates_and_are_bounded(
    views: Views, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = views.workspace.snapshot.program
    dates = {day for grant in program.pack.grants for day in (grant.start, grant.end) if day}
    ours = Enforcer(program)
    nobody: frozenset[str] = frozenset()

    def ask(roles: frozenset[str], day: date) -> bool:
        return ours.allows(roles, day, "customer", "read", "basics", nobody, nobody)

    for n in range(-400, 400):
        ask(frozenset(["rep"]), DAY + timedelta(days=n))
    assert len(ours._enforcers) <= len(dates) + 1
    monkeypatch.setattr(enforcer, "HATS", 10)
    monkeypatch.setattr(enforcer, "ENFORCERS", 3)
    monkeypatch.setattr(enforcer, "ANSWERS", 50)
    ours = Enforcer(program)
    for n in range(200):
        ask(frozenset([f"role {n}"]), DAY + timedelta(days=n % 40 - 20))
    assert len(ours._enforcers) <= 3
    assert max(len(hats) for hats in ours._hats.values()) <= 10
    assert len(ours._hats) <= 3
    assert len(ours._answers) <= 50
