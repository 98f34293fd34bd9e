"""An assignment, a Snapshot and what went before to a Run: who gets each record that waits, one after the other."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from salesrules.access.snapshot import Snapshot
from salesrules.engines.duckdb import DuckDB
from salesrules.expr.kinds import BOOLEAN
from salesrules.expr.typed import Constant
from salesrules.meaning.assignments import Assigning
from salesrules.pack.pick import Optimal, ToPool
from salesrules.run.query import Query
from salesrules.work.assign.arrivals import UNRULED, Arrivals, nobody, read_arrivals
from salesrules.work.assign.checks import Panel, panel
from salesrules.work.assign.lineup import lineup
from salesrules.work.assign.lots import Lot, Lots
from salesrules.work.assign.picks import Picked, Picking
from salesrules.work.assign.results import Results, results_of
from salesrules.work.assign.turns import Turns

NOBODY = -1


class Moving(NamedTuple):
    """A record that goes from somebody to somebody; None for who does not lose or get it."""

    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Before:
    """What went before: whose turn it is, what people hold that the records do not show yet, and what they got today.

    `waiting` are the records without an owner that were given to somebody and do not show it yet, so that nobody gets
    them again; `moving` those that show another owner still. `held` is what people held, and `results` what theirs
    were, where that is known from then, and need not be counted now.
    """

    turns: Turns = field(default_factory=Turns)
    waiting: Mapping[str, str] = field(default_factory=dict)
    moving: Mapping[str, Moving] = field(default_factory=dict)
    results: Results = field(default_factory=dict)
    today: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, int] | None = None


_NOTHING = Before()


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one run: for each arrival who got it, as a place in the lineup, or NOBODY.

    `full` and `busy` count those whom the limits of open work and of the day stopped; `number` is what the pick went
    by; `tied` says what broke a tie: 0 nothing, 1 who got something longest ago, 2 chance. `teams` are by arrival;
    `out` are those who could get nothing at that moment.
    """

    assigning: Assigning
    day: date
    seed: str
    panel: Panel
    arrivals: Arrivals
    lots: Mapping[int, Lot]
    chosen: Sequence[int]
    full: Sequence[int]
    busy: Sequence[int]
    number: Sequence[float]
    tied: Sequence[int]
    teams: Mapping[int, tuple[int, ...]]
    out: Sequence[int]
    load: Sequence[int]
    given: Sequence[int]
    today: Sequence[int]
    turns: Turns
    errors: Mapping[str, float]
    results: Results = field(default_factory=dict)

    @property
    def people(self) -> list[str]:
        """Everyone who was considered, by their places in the lineup."""
        return [one.id for one in self.panel.lineup.people]

    def person(self, at: int) -> str | None:
        """Who got an arrival."""
        place = self.chosen[at]
        return None if place == NOBODY else self.panel.lineup.people[place].id

    def pool(self, at: int) -> str | None:
        """Where an arrival waits that nobody got."""
        if self.chosen[at] != NOBODY:
            return None
        return self.pool_of(self.arrivals.kinds[self.arrivals.kind[at]].rule)

    def pool_of(self, rule: int) -> str | None:
        """Where arrivals wait that a rule takes and nobody gets."""
        pick = self.assigning.rules[rule].pick if rule != UNRULED else None
        return str(pick.pool) if isinstance(pick, ToPool) else self.assigning.pool


def assign(
    engine: DuckDB,
    snapshot: Snapshot,
    assigning: Assigning,
    day: date,
    seed: str,
    before: Before = _NOTHING,
    only: Sequence[str] | None = None,
    gone: frozenset[str] = frozenset(),
) -> Run:
    """Who gets each record that an assignment is for; nothing is written.

    Args: only: the keys of the records to assign, all that wait if None. gone: people who are about to go.
    """
    people = lineup(snapshot, assigning, day, seed, gone)
    results = results_of(engine, snapshot, assigning, day, before.results)
    asked = panel(snapshot, assigning, people, day, results)
    reads = [rule.reads for rule in asked.rules]
    arrivals = read_arrivals(engine, snapshot, assigning, asked.columns, reads, day, seed, tuple(before.waiting), only)
    lots = _lots(Lots(asked, day), arrivals)
    load = in_hand(engine, snapshot, assigning, day, before)
    picking = Picking(asked, load, before.today, before.turns)
    pick, unruled, waits = picking.pick, Picked(), [lots.get(kind) for kind in range(len(arrivals.kinds))]
    found = _Found(pick(lot) if (lot := waits[kind]) is not None else unruled for kind in arrivals.kind)
    at_once = {number for number, rule in enumerate(assigning.rules) if isinstance(rule.pick, Optimal)}
    together: dict[int, list[int]] = {}
    for at, kind in enumerate(arrivals.kind) if at_once else ():
        if (rule := arrivals.kinds[kind].rule) in at_once:
            together.setdefault(rule, []).append(at)
    for waiting in together.values():  # with the room that those who came one by one have left
        for at, picked in zip(waiting, picking.at_once([arrivals.kind[at] for at in waiting], lots), strict=True):
            found.put(at, picked)
    return Run(
        assigning, day, seed, asked, arrivals, lots,
        found.chosen, found.full, found.busy, found.number, found.tied, found.teams, found.out,
        picking.load, picking.given, picking.today, picking.turns_after(), picking.errors(), results,
    )  # fmt: skip


def could(engine: DuckDB, snapshot: Snapshot, assigning: Assigning, day: date) -> dict[str, frozenset[str]]:
    """Who could get some record of the entity if it came in, by rule, whether any waits or not."""
    free = replace(assigning, when=Constant(BOOLEAN, True))
    people = lineup(snapshot, free, day, "")
    asked = panel(snapshot, free, people, day)
    reads = [rule.reads for rule in asked.rules]
    arrivals = read_arrivals(engine, snapshot, free, asked.columns, reads, day, "")
    found = dict.fromkeys((rule.id for rule in free.rules), 0)
    for lot in _lots(Lots(asked, day), arrivals).values():
        found[free.rules[lot.kind.rule].id] |= lot.people
    ids = [one.id for one in people.people]
    return {rule: frozenset(id for at, id in enumerate(ids) if among >> at & 1) for rule, among in found.items()}


def _lots(lots: Lots, arrivals: Arrivals) -> dict[int, Lot]:
    """The lot of each kind that some rule gives to people."""
    return {at: lots.lot(kind) for at, kind in enumerate(arrivals.kinds) if kind.rule != UNRULED}


def in_hand(engine: DuckDB, snapshot: Snapshot, assigning: Assigning, day: date, before: Before) -> dict[str, int]:
    """How many active records of the entity each person holds, with those that do not show it yet."""
    if before.held is not None:
        return dict(before.held)
    query = Query(snapshot, nobody(day), assigning.entity, engine.dialect)
    active = snapshot.program.meanings.active.get(assigning.entity)
    owner = query.column((assigning.sets,))
    where = f"{owner} IS NOT NULL" + (f" AND {query.expression(active)}" if active is not None else "")
    sql = f"SELECT {owner}, count(*) FROM {query.source} WHERE {where} GROUP BY ALL"
    held = dict(engine.rows(sql, query.values))
    for person in before.waiting.values():
        held[person] = held.get(person, 0) + 1
    for way in before.moving.values():
        for id, more in ((way.old, -1), (way.new, 1)):
            if id is not None:
                held[id] = held.get(id, 0) + more
    return held


class _Found:
    """What came of each arrival, column by column: there can be a million."""

    def __init__(self, found: Iterable[Picked]) -> None:
        self.chosen, self.full, self.busy, self.tied = (array("i") for _ in range(4))
        self.number = array("d")
        self.teams: dict[int, tuple[int, ...]] = {}
        self.out: list[int] = []
        add_chosen, add_full, add_busy = self.chosen.append, self.full.append, self.busy.append
        add_number, add_tied, add_out = self.number.append, self.tied.append, self.out.append
        for at, full, busy, number, tied, team, out in found:
            if team:
                self.teams[len(self.chosen)] = team
            add_chosen(at)
            add_full(full)
            add_busy(busy)
            add_number(number)
            add_tied(tied)
            add_out(out)

    def put(self, at: int, picked: Picked) -> None:
        """What came of an arrival that was left open."""
        self.chosen[at], self.full[at], self.busy[at] = picked.at, picked.full, picked.busy
        self.number[at], self.tied[at], self.out[at] = picked.number, picked.tied, picked.out
