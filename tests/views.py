"""Every view that the product has on access, held against the truth: each difference is one line of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any

from salesrules.access.enforcer import Enforcer, as_casbin
from salesrules.access.snapshot import Principal
from salesrules.access.why import reason
from salesrules.expr.sql import quoted
from salesrules.expr.typed import Leaf, leaves
from salesrules.issue import AccessDenied
from salesrules.run.answer import Mark
from salesrules.run.query import Query
from salesrules.run.records import record_leaves
from salesrules.sources.rows.joins import Joins
from salesrules.sources.rows.tables import KEY
from salesrules.workspace import Workspace
from tests.casbin_alone import casbin_alone
from tests.small_packs import ACTIONS, GROUPINGS, SHAPE
from tests.truth import ROW_ACTIONS, World, categories, cell, hats, kpi, listed, may


@dataclass
class Views:
    """One world and the product opened on its files; `counts` says how much was compared."""

    world: World
    workspace: Workspace
    seed: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def differences(self) -> Iterator[str]:
        for person in [*self.world.rows["person"], "nobody"]:
            principal = self.principal(person)
            if (principal is None) != (not hats(self.world, person)):
                yield f"{person}: the product says {principal}"
            elif principal is not None:
                yield from self.of_person(principal)

    def principal(self, person: str) -> Principal | None:
        try:
            return self.workspace.person(person, self.world.day)
        except AccessDenied:
            return None

    def of_person(self, principal: Principal) -> Iterator[str]:
        for entity in self.world.rows:
            yield from self.decisions(principal, entity)
            yield from self.listing(principal, entity)
            yield from self.answers(principal, entity)
            yield from self.strangers(principal, entity)
        yield from self.kpis(principal)

    def decisions(self, principal: Principal, entity: str) -> Iterator[str]:
        """The filter in SQL, the decision on one row, and Casbin, for every cell of an entity."""
        filters, alone = self.filters(principal, entity), casbin_alone(self.world)
        for key, row in self.world.rows[entity].items():
            try:
                read = self.leaves(principal, entity, key)
            except AccessDenied:
                yield f"decision: {entity} {key} is not found"
                continue
            for action, category in self.questions(entity):
                true = may(self.world, told(principal), action, entity, category, row)
                found = {
                    "filter": filters.get(key, {}).get((action, category)),
                    "decision": reason(self.workspace.snapshot, principal, action, entity, key, category, read).allowed,
                    "casbin": alone.may(told(principal), action, entity, category, row),
                }
                self.counts["cells"] += 1
                self.counts["open cells"] += true
                for view, answer in found.items():
                    if answer is not true:
                        yield f"{view}: {told(principal)} {action} {entity} {key} {category} is {answer}"

    def many_decisions(self, principal: Principal, entity: str) -> Iterator[str]:
        """The same for many rows: each cell is made ready once, and all rows are read by one query."""
        filters, rows = self.filters(principal, entity), self.flat_rows(entity)
        alone = casbin_alone(self.world)
        if not filters.keys() == rows.keys() == self.world.rows[entity].keys():
            yield f"many decisions: {told(principal)} finds {[*filters]} and {[*rows]} of {entity}"
            return
        for action, category in self.questions(entity):
            asked = [action, "read"] if action in ("aggregate", "export") else [action]
            ready = []
            for each in asked:
                cell_ = self.workspace.snapshot.cell(principal, entity, each, category)
                ready.append(self.workspace.snapshot.decision(principal, cell_, entity, each, category))
            both = any if action == "aggregate" else all
            for key, row in self.world.rows[entity].items():
                true = may(self.world, told(principal), action, entity, category, row)
                found = {
                    "filter": filters[key][action, category],
                    "decision": both(decision(decision.flat(rows[key])) for decision in ready),
                    "casbin": alone.may(told(principal), action, entity, category, row),
                }
                self.counts["cells"] += 1
                self.counts["open cells"] += true
                for view, answer in found.items():
                    if answer is not true:
                        yield f"{view}: {told(principal)} {action} {entity} {key} {category} is {answer}"

    def flat_rows(self, entity: str) -> dict[str, Mapping[Leaf, Any]]:
        """What slices read of each row, by key."""
        slices = self.workspace.snapshot.program.meanings.slices
        read = {leaf for (_, at), tree in slices.items() if at == entity for leaf in leaves(tree) if leaf.root == "row"}
        places = self.workspace.snapshot.organisation.on(self.world.day)
        ordered, joins = list(read), Joins(self.workspace.pack.entities, entity, "t", places)
        columns = ", ".join([joins.column(()), *(joins.column(leaf.path, leaf.part) for leaf in ordered)])
        rows = self.workspace.engine.rows(f"SELECT {columns} FROM {joins.clause}")
        return {key: dict(zip(ordered, values, strict=True)) for key, *values in rows}

    def leaves(self, principal: Principal, entity: str, key: str) -> Mapping[Leaf, Any]:
        """What slices read of a row, with full rights and so the same for everyone: read once."""
        if (entity, key) not in self._leaves:
            engine, snapshot = self.workspace.engine, self.workspace.snapshot
            self._leaves[entity, key] = record_leaves(engine, snapshot, principal, entity, key)
        return self._leaves[entity, key]

    def questions(self, entity: str) -> list[tuple[str, str]]:
        known = categories(self.world, entity)
        return [(a, c) for a in ACTIONS for c in (["*"] if a in ROW_ACTIONS else known)]

    def filters(self, principal: Principal, entity: str) -> dict[str, dict[tuple[str, str], Any]]:
        query = Query(self.workspace.snapshot, principal, entity, self.workspace.engine.dialect)
        questions = self.questions(entity)
        flags = [query.allowed(action, (), entity, category) for action, category in questions]
        sql = f"SELECT t.{quoted(KEY)}, {', '.join(flags)} FROM {query.source}"
        rows = self.workspace.engine.rows(sql, query.values)
        return {key: dict(zip(questions, answers, strict=True)) for key, *answers in rows}

    _leaves: dict[tuple[str, str], Mapping[Leaf, Any]] = field(default_factory=dict)

    def strangers(self, principal: Principal, entity: str) -> Iterator[str]:
        """Casbin lets no role in that the person does not have, even if told that all its slices hold."""
        foreign = set(self.world.roles) - principal.roles
        pairs = frozenset(f"{as_casbin(role)}:{as_casbin(slice_)}" for role in foreign for slice_ in self.world.slices)
        if self.unasked.allows(principal.roles, principal.day, entity, "read", "*", pairs, frozenset()):
            yield f"casbin: {told(principal)} reads {entity} in a role of others"

    @cached_property
    def unasked(self) -> Enforcer:
        """The product's Casbin, without what the snapshot has asked it."""
        return Enforcer(self.workspace.snapshot.program)

    def listing(self, principal: Principal, entity: str) -> Iterator[str]:
        """The page that a person sees: which rows, which cells, and the counts above it."""
        world = self.world
        seen = {k: r for k, r in world.rows[entity].items() if listed(world, told(principal), entity, r)}
        expected, visible = {}, Counter[frozenset[str]]()
        for key, row in seen.items():
            shows = {c for c in categories(world, entity) if cell(world, told(principal), "read", entity, c, row)}
            visible[frozenset(shows)] += 1
            expected[key] = tuple(
                shown(world, entity, row, name)
                if world.fields[entity][name][0] in shows or name == "id"
                else Mark.HIDDEN
                for name in SHAPE[entity]
            )
        answer = self.workspace.see(principal, entity, limit=1000)
        found = {row[0]: row for row in answer.rows}
        self.counts["listed rows"] += len(found)
        if found != expected:
            yield f"see: {told(principal)} {entity} shows {found} for {expected}"
        if (answer.total, dict(answer.visible)) != (len(expected), dict(visible)):
            yield f"see: {told(principal)} {entity} counts {answer.total} {answer.visible}"

    def answers(self, principal: Principal, entity: str) -> Iterator[str]:
        """Through the door: `why` and `can` for a few records, fields and actions."""
        draw = Random(f"{self.seed} {told(principal)} {entity}")
        keys = list(self.world.rows[entity])
        for action in draw.sample(ACTIONS, 3):
            key, name = draw.choice([*keys, "no such key"]), draw.choice([None, *SHAPE[entity]])
            row = self.world.rows[entity].get(key)
            try:
                found: Any = self.workspace.can(principal, action, entity, key, name)
            except AccessDenied:
                found = "no such record"
            expected: Any = "no such record"
            if row is not None and listed(self.world, told(principal), entity, row):
                of = [self.world.fields[entity][name][0]] if name else categories(self.world, entity)
                expected = any(may(self.world, told(principal), action, entity, c, row) for c in of)
            self.counts["answers"] += 1
            if found is not expected and found != expected:
                yield f"can: {told(principal)} {action} {entity} {key} {name} is {found}, not {expected}"

    def kpis(self, principal: Principal) -> Iterator[str]:
        """Every KPI, in all and in groups."""
        draw = Random(f"{self.seed} {told(principal)}")
        for name, (entity, _) in self.world.kpis.items():
            for by in ((), draw.choice(GROUPINGS[entity])):
                expected = kpi(self.world, told(principal), name, by)
                found = self.kpi(principal, name, by)
                self.counts["kpis"] += 1
                self.counts["kpis refused"] += expected is None
                self.counts["groups withheld"] += list((expected or {}).values()).count("TOO FEW")
                if found != expected:
                    yield f"kpi: {told(principal)} {name} by {by} is {found}, not {expected}"

    def kpi(self, principal: Principal, name: str, by: tuple[tuple[str, ...], ...]) -> Any:
        try:
            answer = self.workspace.kpi(principal, name, tuple(".".join(path) for path in by))
        except AccessDenied:
            return None
        found: dict[Any, Any] = {}
        for position, (*labels, figure, count) in enumerate(answer.rows, start=1):
            key: Any = "all" if position == len(answer.rows) else tuple(labels)
            key = "nameless" if Mark.HIDDEN in labels else key
            if key in found:
                return f"two rows for {key}"
            found[key] = "TOO FEW" if figure is Mark.TOO_FEW and count is Mark.TOO_FEW else (figure, count)
        return found


def told(principal: Principal) -> str:
    """Who asks, as the truth knows them: somebody by themselves, or in the place of another."""
    return principal.id if principal.lent is None else in_place(principal.lent.by, principal.id)


def in_place(taker: str, giver: str) -> str:
    """What the truth calls somebody who stands in for another."""
    return f"{taker} for {giver}"


def shown(world: World, entity: str, row: dict[str, Any], name: str) -> Any:
    """What a readable cell holds: the value as written, but nothing for a reference that leads nowhere."""
    to = world.fields[entity][name][1]
    return None if to is not None and row[name] not in world.rows[to] else row[name]
