"""An assignment to the checks of each of its rules: what must be true of a person who gets a record, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from salesrules.access.snapshot import Snapshot
from salesrules.expr.typed import Typed
from salesrules.meaning.assignments import Assigning, Ruled, former_leaf
from salesrules.meaning.terms import Term
from salesrules.pack.pick import ByRank
from salesrules.work.assign.lineup import Lineup
from salesrules.work.assign.posed import Columns, Posed
from salesrules.work.assign.results import Results, result_name
from salesrules.work.assign.sight import Sight

ACTIVE, AWAY, SEES, LIMIT, NUMBER = "active", "leave", "sees", "limit", "number"
OPEN, PER_DAY = "open", "per_day"  # of these two it is known only in turn
"""The checks that every rule has; what a pack asks for is a check by its text."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check of a rule: one of the names above, or the text of a term with its meaning put to everyone."""

    name: str
    term: Term | None = None
    posed: Posed | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """A rule with all that is asked of a lineup: its checks in order, and the numbers of its pick by name.

    `results` are those of people, where it goes by them.
    """

    rule: Ruled
    checks: tuple[Check, ...]
    values: dict[str, Posed]
    reads: frozenset[int]
    results: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """An assignment put to a lineup; limits that it does not have are None.

    `former` is the column with the former owner; `organisation_turns` says whether any assignment takes turns in the
    whole organisation.
    """

    assigning: Assigning
    lineup: Lineup
    columns: Columns
    rules: tuple[Ready, ...]
    sight: Sight
    open: Posed | None
    per_day: Posed | None
    since: Posed | None
    former: int = -1
    organisation_turns: bool = False


def panel(snapshot: Snapshot, assigning: Assigning, lineup: Lineup, day: date, results: Results | None = None) -> Panel:
    """Put every check of an assignment to everyone who is considered.

    Args: results: those of people, for rules that go by them; without them nobody has any.
    """
    columns, kept, tables = Columns(), dict[Typed, Posed](), snapshot.organisation.lookups.on(day)

    def pose(tree: Typed) -> Posed:
        if tree not in kept:
            kept[tree] = Posed(tree, lineup, snapshot, tables, columns)
        return kept[tree]

    def terms(asked: Sequence[Term]) -> Iterator[Check]:
        yield from (Check(term.written.text, term, pose(term.meaning)) for term in asked)

    sight = Sight(snapshot, lineup, assigning.entity, assigning.sets, columns)
    open_, per_day, since = (
        pose(tree) if tree is not None else None for tree in (assigning.open, assigning.per_day, assigning.since)
    )
    always = [posed for posed in (open_, per_day, since) if posed is not None]
    whole = any(rule.turn == "organisation" for a in snapshot.program.assignments.values() for rule in a.rules)
    found, former = [], -1
    for rule in assigning.rules:
        asked = (*terms(assigning.asks), *terms(rule.asks))
        checks = (Check(ACTIVE), Check(AWAY), *asked, Check(SEES), Check(LIMIT), Check(NUMBER))
        values = {name: pose(tree) for name, tree in rule.values.items()}
        posed = [*(check.posed for check in asked if check.posed is not None), *values.values(), *always]
        reads = {place for one in posed for place in one.reads} | {*sight.reads}
        if rule.pick == "sticky_owner":
            former = columns.place((former_leaf(assigning), ()))
            reads.add(former)
        ranks = (results or {}).get(result_name(rule.pick.rank), {}) if isinstance(rule.pick, ByRank) else None
        found.append(Ready(rule, checks, values, frozenset(reads), ranks))
    return Panel(assigning, lineup, columns, tuple(found), sight, open_, per_day, since, former, whole)
