"""Filters and orders use a field only where the asker reads it: the product says what the truth says, and no more."""

from __future__ import annotations

import inspect
from collections import Counter
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from salesrules.issue import SalesrulesError
from salesrules.meaning import reads as cells
from salesrules.run import implied, page, query, reads, records, shown
from salesrules.workspace import Workspace
from tests.hard_worlds import hard_worlds
from tests.list_questions import Asked, Lists, any_question
from tests.small_packs import SHAPE, small_world, write
from tests.test_access_laws import changed
from tests.test_access_mutants import mutated, users_of
from tests.truth import World, hats

PACKS, QUESTIONS = 20, 4
TELLING = (0, 8, 4, 12, 3, 2)  # the packs that show a fault soonest


@cache
def world_of(seed: int) -> World:
    return small_world(seed)


def test_every_list_agrees_with_the_truth(tmp_path: Path) -> None:
    counts, differences = Counter[str](), []
    for seed in range(PACKS):
        lists = Lists(world_of(seed), Workspace.open(write(world_of(seed), tmp_path / str(seed))), seed)
        differences += [f"seed {seed}: {difference}" for difference in lists.differences(QUESTIONS)]
        counts += lists.counts
    assert not differences, "\n".join(differences[:5])
    assert min(counts[name] for name in ("rows", "hidden cells", "rows not compared", "refused")) > 300, counts
    assert counts["cells not exported"] > 100, counts


def test_every_list_agrees_with_the_truth_where_it_is_hard(tmp_path: Path) -> None:
    for seed, world in enumerate(hard_worlds()):
        lists = Lists(world, Workspace.open(write(world, tmp_path / str(seed))), seed)
        assert list(lists.differences(2)) == []
        assert lists.counts["questions"] > 0


# Each small fault, put in on purpose, is noticed.

MUTANTS: list[tuple[Any, str, str, str]] = [
    (page, "_listed", "open_on(rows, reads_of(pack, entity, asked.where))", '"TRUE"'),
    (page, "_listed", "NOT compared OR matches", "matches"),
    (page, "_listed", "THEN {UNCOMPARED}", "THEN {MATCHED}"),
    (page, "_listed", " WHERE {shown.listed}", ""),
    (page, "_sorts", "CASE WHEN known{i} THEN sort{i} END", "sort{i}"),
    (page, "_sorts", 'known == "TRUE"', "True"),
    (page, "_sorts", "THEN 0 ELSE 1 END AS late", "THEN 0 ELSE 0 END AS late"),
    (page, "_way", "DESC NULLS LAST", "DESC NULLS FIRST"),
    (page, "page_statement", '"key"', '"place DESC"'),
    (page, "page_statement", "fate = {MATCHED}", "fate <> {UNCOMPARED}"),
    (shown, "shown_by", "len(widest) == 1", "widest"),
    (shown.Shown, "groups", "& own", "& set()"),
    (shown.Shown, "open_on", "[open_on(rows, others)]", "[]"),
    (implied, "besides", "known.allows and _said(known.allows) <= _said(cell.allows)", "True"),
    (implied, "besides", "if not _said([line]) <= false", "if False"),
    (query.Query, "read_besides", "IS FALSE", "IS NOT TRUE"),
    (shown, "categories_together", "(cell.allows, cell.denies)", "(cell.allows, ())"),
    (page, "_exported", '" OR ".join', '" AND ".join'),
    (page._Cells, "_open", "any(read.path for read in reads)", "False"),
    (page._Cells, "select", '"export")', '"read")'),
    (records, "_refuse", "closed(snapshot, principal, each_of(reads))", "()"),
    (records, "_refuse", "*(order.path for order in asked.order)", ""),
    (cells, "reads_of", 'leaf.root == "row"', 'leaf.root == "row" and len(leaf.path) == 1'),
    (cells, "_along", "leaf.path[:depth]", "()"),
    (cells, "_along", "if keys or step not in", "if depth == len(leaf.path) - 1 and step not in"),
    (cells, "_along", "upwards=True", "upwards=False"),
    (query.Query, "open_at", " IS NULL OR ", " IS NOT NULL AND "),
    (reads, "_open_at", "{first} <= {lft} AND", "{first} = {lft} AND"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lists")


def noticed(folder: Path) -> bool:
    for seed in sorted(range(PACKS), key=lambda seed: TELLING.index(seed) if seed in TELLING else PACKS):
        root = folder / str(seed)
        if not root.exists():
            write(world_of(seed), root)
        if next(Lists(world_of(seed), Workspace.open(root), seed).differences(QUESTIONS), None) is not None:
            return True
    return False


def replaced(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, old: str, new: str) -> None:
    function, original = mutated(owner, name, old, new), getattr(owner, name)
    for module in [owner] if inspect.isclass(owner) else [owner, *users_of(original)]:
        monkeypatch.setattr(module, name, function)


@pytest.mark.parametrize(("owner", "name", "old", "new"), MUTANTS, ids=[f"{m[1]}: {m[2]} -> {m[3]}" for m in MUTANTS])
def test_a_fault_is_caught(
    owner: Any, name: str, old: str, new: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced(monkeypatch, owner, name, old, new)
    assert noticed(folder)


def test_a_hidden_value_read_as_null_is_caught(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tempting shortcut: every hidden leaf of a filter becomes null, and the filter is asked of all rows."""

    def nulled(self: Any, leaf: Any) -> str:
        opened = reads.open_on(self, cells.reads_of(self._snapshot.program.pack, self._entity, leaf))
        return f"CASE WHEN {opened} THEN {self.column(leaf.path, leaf.part)} END"

    made = query.Query.__init__

    def remembering(self: Any, snapshot: Any, principal: Any, entity: str, *rest: Any) -> None:
        made(self, snapshot, principal, entity, *rest)
        self._entity = entity

    monkeypatch.setattr(query.Query, "__init__", remembering)
    monkeypatch.setattr(query.Query, "nulled", nulled, raising=False)
    old = "return self.column((*at, *leaf.path), leaf.part)"
    replaced(monkeypatch, query.Query, "expression", old, f"{old} if hat else self.nulled(leaf)")
    replaced(monkeypatch, page, "_listed", "open_on(rows, reads_of(pack, entity, asked.where))", '"TRUE"')
    assert noticed(folder)


# What a person may not see can change without any list changing, whatever the filter, the order and the page.


def told(workspace: Workspace, world: World, person: str, questions: list[Asked]) -> list[Any]:
    """Every answer and error, whole and by pages."""
    principal, found = workspace.person(person, world.day), list[Any]()
    for asked in questions:
        for limit, offset in ((None, 0), (2, 0), (2, 2), (0, 0)):
            try:
                found.append(asked.put(workspace, principal, limit, offset))
            except SalesrulesError as error:
                found.append(str(error))
    return found


@pytest.mark.parametrize("seed", [34, 36, 37])
def test_what_a_person_may_not_see_changes_no_list(seed: int, tmp_path: Path) -> None:
    world, draw = world_of(seed), Random(seed)
    before = Workspace.open(write(world, tmp_path / "before"))
    answered = 0
    for number, person in enumerate(person for person in world.rows["person"] if hats(world, person)):
        other = changed(world, person, draw)
        assert other.rows != world.rows
        after = Workspace.open(write(other, tmp_path / str(number)))
        questions = [any_question(draw, entity) for entity in SHAPE for _ in range(6)]
        answers = told(before, world, person, questions)
        answered += sum(not isinstance(answer, str) and answer.filtered for answer in answers)
        assert answers == told(after, other, person, questions)
    assert answered >= 60
