"""Questions about lists made at random, put to the truth and to the product; each difference is a line of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from salesrules.access.snapshot import Principal
from salesrules.issue import AccessDenied, SalesrulesError
from salesrules.workspace import Answer, Mark, Workspace
from tests.small_packs import PEOPLE, SHAPE, Term, condition, printed, row
from tests.truth import World
from tests.truth_lists import HIDDEN, NOT_EXPORTED, Listing, Order, Path, listing, refused

MARKS = {Mark.HIDDEN: HIDDEN, Mark.NOT_EXPORTED: NOT_EXPORTED}


@dataclass(frozen=True)
class Asked:
    """One question about a list."""

    entity: str
    columns: tuple[Path, ...]
    where: Term
    order: Order
    action: str = "read"

    def typed(self) -> dict[str, str]:
        """The texts that a person would type."""
        sort = ((("-" if descending else "") + ".".join(path)) for path, descending in self.order)
        columns = ",".join(map(".".join, self.columns))
        return {"where": printed(self.where), "sort": ",".join(sort), "columns": columns}

    def put(self, workspace: Workspace, principal: Principal, limit: int | None = None, offset: int = 0) -> Answer:
        ask = workspace.export if self.action == "export" else workspace.see
        return ask(principal, self.entity, limit, offset, **self.typed())


def any_question(draw: Random, entity: str) -> Asked:
    columns = (("id",), *(any_path(draw, entity) for _ in range(4)))
    where = draw.choice([any_filter(draw, entity), any_filter(draw, entity), ("is", True)])
    order = tuple((any_path(draw, entity), draw.random() < 0.5) for _ in range(draw.choice([0, 1, 1, 2])))
    return Asked(entity, columns, where, order, draw.choice(["read", "read", "export"]))


def any_path(draw: Random, entity: str) -> Path:
    name, (_, to) = draw.choice(list(SHAPE[entity].items()))
    return (name, *any_path(draw, to)) if to in SHAPE and draw.random() < 0.4 else (name,)


def any_filter(draw: Random, entity: str) -> Term:
    """A condition in the words that a filter may use; of the asker it knows only who it is."""
    if entity == "person" and draw.random() < 0.3:
        boss = draw.choice([("user",), ("is", draw.choice(PEOPLE)), ("is", "nobody")])
        below = ("within", "person", row(*draw.choice([("manager",), ("team", "lead"), ("id",)])), boss)
        return draw.choice([below, ("not", below)])
    while True:
        found = condition(draw, entity, draw.choice([0, 0, 1, 2]))
        if _may_be_asked(found):
            return found


def _may_be_asked(term: Any) -> bool:
    if not isinstance(term, tuple) or term[0] == "row":
        return True
    return term[0] != "post" and (term[0] != "user" or len(term) == 1) and all(map(_may_be_asked, term))


@dataclass
class Lists:
    """One world and the product opened on its files."""

    world: World
    workspace: Workspace
    seed: int
    counts: Counter[str] = field(default_factory=Counter)

    def differences(self, questions: int) -> Iterator[str]:
        draw = Random(f"lists {self.seed}")
        for person in self.world.rows["person"]:
            try:
                principal = self.workspace.person(person, self.world.day)
            except AccessDenied:
                continue
            for entity in self.world.rows:
                for _ in range(questions):
                    yield from self.of(principal, self.question(draw, person, entity), draw.randint(0, 3))

    def question(self, draw: Random, person: str, entity: str) -> Asked:
        """A question that is more often answered than refused."""
        for _ in range(5):
            asked = any_question(draw, entity)
            if not refused(self.world, person, entity, asked.where, *(("row", *path) for path, _ in asked.order)):
                break
        return asked

    def of(self, principal: Principal, asked: Asked, offset: int) -> Iterator[str]:
        expected = listing(
            self.world, principal.id, asked.entity, list(asked.columns), asked.where, asked.order, asked.action
        )
        self.counts["questions"] += 1
        try:
            answer = asked.put(self.workspace, principal)
        except SalesrulesError as error:
            self.counts["refused"] += 1
            exports = {error.issues[0].code} == {"access.export_refused"}
            if expected is not None and not (exports and not expected.rows):
                yield f"{principal.id} {asked}: refused, {error}"
            return
        if expected is None:
            yield f"{principal.id} {asked}: not refused"
            return
        found = Listing(
            {row[0]: tuple(MARKS.get(cell, cell) for cell in row) for row in answer.rows},
            Counter(answer.visible),
            answer.uncompared,
            answer.not_exported,
        )
        cells = [cell for row in found.rows.values() for cell in row]
        self.counts["rows"] += len(found.rows)
        self.counts["hidden cells"] += cells.count(HIDDEN)
        self.counts["cells not exported"] += cells.count(NOT_EXPORTED)
        self.counts["rows not compared"] += found.uncompared
        if (found, list(found.rows)) != (expected, list(expected.rows)):
            yield f"{principal.id} {asked.typed()} {asked}:\n  {found}\n  {expected}"
        if (answer.total, list(answer.keys)) != (len(expected.rows), list(expected.rows)):
            yield f"{principal.id} {asked}: {answer.total} {answer.keys}"
        page = asked.put(self.workspace, principal, 3, offset)
        if (page.rows, page.total, page.visible) != (answer.rows[offset : offset + 3], answer.total, answer.visible):
            yield f"{principal.id} {asked}: page at {offset} is {page}"
