"""Who stands in for another gets what the truth says, in every view, and never more than the other has."""

from __future__ import annotations

import inspect
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from salesrules.access import lent, snapshot
from salesrules.work import standing_in
from salesrules.workspace import Workspace
from tests import lent_worlds
from tests.lent_worlds import stand_ins, with_stand_ins
from tests.small_packs import small_world, write
from tests.test_access_mutants import mutated
from tests.truth import may
from tests.views import Views, told

SEEDS = (315, 337)  # those in which much is lent, and some posts are not


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> list[Views]:
    return [views_of(seed, tmp_path_factory.mktemp("lent") / "pack") for seed in SEEDS]


def views_of(seed: int, folder: Path) -> Views:
    world = with_stand_ins(small_world(seed), seed)
    return Views(world, Workspace.open(write(world, folder)), seed)


def test_every_view_agrees_about_stand_ins(every: list[Views]) -> None:
    counts: Counter[str] = Counter()
    for views in every:
        found = list(stand_ins(views))
        differences = [difference for lender in found[:2] for difference in views.of_person(lender)]
        for lender, entity in product(found[2:], views.world.rows):
            differences += [*views.many_decisions(lender, entity), *views.listing(lender, entity)]
        assert not differences, "\n".join(differences[:20])
        counts += views.counts
    assert counts["cells"] > 7_000, counts
    assert counts["open cells"] > 500, counts
    assert min(counts["listed rows"], counts["kpis"] - counts["kpis refused"]) > 20, counts


def test_nobody_gets_more_than_the_other_has(every: list[Views]) -> None:
    """By the truth and by the filter of the product; and that some get less, or it would say little."""
    less = 0
    for views in every:
        for lender in stand_ins(views):
            giver = views.principal(lender.id)
            assert giver is not None
            for entity in views.world.rows:
                own, found = views.filters(giver, entity), views.filters(lender, entity)
                for key, row in views.world.rows[entity].items():
                    for action, category in views.questions(entity):
                        cell = action, entity, category, row
                        assert not may(views.world, told(lender), *cell) or may(views.world, giver.id, *cell)
                        assert not found[key][action, category] or own[key][action, category]
                        less += own[key][action, category] and not found[key][action, category]
    assert less > 500


# where, what stands there, what is put instead
MUTANTS: list[tuple[Any, str, str, str]] = [
    (snapshot.Snapshot, "_lines", "not principal.covers(action, entity)", "False"),
    (snapshot.Snapshot, "_lines", "not principal.covers(action, entity)", "not principal.covers('read', entity)"),
    (snapshot.Snapshot, "_lines", " + principal.barring", ""),
    (snapshot.Snapshot, "_lines", '(grant.effect == "deny" or not bars)', "True"),
    (snapshot.Snapshot, "_lines", 'grant.effect == "deny" or', ""),
    (snapshot.Snapshot, "decision", "for hat in worn for", "for hat in principal.hats for"),
    (lent.Lent, "covers", "action in self.actions and", ""),
    (lent.Lent, "covers", "or entity in self.entities", "or True"),
    (standing_in, "lends", "for action in LENDABLE", "for action in rule.what"),
    (standing_in, "lent", " & frozenset(only)", ""),
    (standing_in, "lent", "barring=barring, ", ""),
    (standing_in, "lent", "if hat.post.role in rule.from_", ""),
]


@pytest.mark.parametrize(("owner", "name", "old", "new"), MUTANTS, ids=[f"{m[1]}: {m[2]} -> {m[3]}" for m in MUTANTS])
def test_a_fault_in_what_is_lent_is_caught(
    owner: Any, name: str, old: str, new: str, every: list[Views], monkeypatch: pytest.MonkeyPatch
) -> None:
    function, original = mutated(owner, name, old, new), getattr(owner, name)
    monkeypatch.setattr(owner, name, function)
    if not inspect.isclass(owner) and hasattr(lent_worlds, name):
        assert getattr(lent_worlds, name) is original
        monkeypatch.setattr(lent_worlds, name, function)
    assert any(
        next(views.many_decisions(principal, entity), None) is not None
        for views in every
        for principal in stand_ins(views)
        for entity in views.world.rows
    )


def test_what_is_no_table_is_not_lent(tmp_path: Path) -> None:
    """The right to audit a section of the pack, by a rule that names it."""
    views = views_of(SEEDS[0], tmp_path)
    for lender in stand_ins(views):
        for action in ("audit", "approve", "read"):
            assert not views.workspace.snapshot.opens(lender, "pack.grants", action)


@pytest.mark.long
@pytest.mark.parametrize("first", range(2_000, 2_200, 25))
def test_every_view_agrees_about_stand_ins_in_many_more_packs(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + 25):
        views = views_of(seed, tmp_path / str(seed))
        differences = [difference for principal in stand_ins(views) for difference in views.of_person(principal)]
        assert not differences, f"seed {seed}: " + "\n".join(differences[:20])
