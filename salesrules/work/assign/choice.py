"""A Run to what is kept of it: for each record the decision with its reasons, and what all its records share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from salesrules.access.snapshot import Snapshot
from salesrules.expr.kinds import Kind
from salesrules.pack.pick import ByRank, ByScore, Optimal, Pick, ToPool, ToTeam, WeightedTurns
from salesrules.store import Decision
from salesrules.work.assign.arrivals import UNRULED
from salesrules.work.assign.checks import OPEN, PER_DAY
from salesrules.work.assign.lineup import leaf_name
from salesrules.work.assign.lots import Lot, Lots, people_of
from salesrules.work.assign.picks import NOBODY
from salesrules.work.assign.results import kept_results
from salesrules.work.assign.run import Run
from salesrules.work.assign.standing import rank_of, score_of

BY_RANK = "rank"
_SHOWN = 5  # of those who could have got it, so many are kept beside who did


@dataclass(frozen=True, slots=True)
class Choice:
    """Why a record went where it did.

    `stopped` counts those whom each check stopped, in the order in which they are asked; `left` is how many none
    stopped. `number` is what the pick went by, with the same of some of the `others`; `tied` says what broke a tie: 0
    nothing, 1 who got something longest ago, 2 chance. `shares` are those of a team by person.
    """

    rule: str
    pick: str
    considered: int
    stopped: tuple[tuple[str, int], ...]
    left: int
    kind: int
    number: float | None = None
    others: tuple[tuple[str, float], ...] = ()
    parts: Mapping[str, Any] = field(default_factory=dict)
    tied: int = 0
    shares: Mapping[str, str] = field(default_factory=dict)


def choice(run: Run, at: int) -> Choice:
    """The reasons for one arrival."""
    number = run.arrivals.kind[at]
    kind = run.arrivals.kinds[number]
    if kind.rule == UNRULED:
        return Choice("", "", 0, (), 0, number)
    rule, lot = run.assigning.rules[kind.rule], run.lots[number]
    stopped = [
        (check.name, count) for check, count in zip(run.panel.rules[kind.rule].checks, lot.rejected, strict=True)
    ]
    stopped += [(OPEN, run.full[at]), (PER_DAY, run.busy[at])]
    left = len(lot.passed) - run.full[at] - run.busy[at]
    place = run.chosen[at]
    return Choice(
        rule.id,
        pick_name(rule.pick),
        len(run.panel.lineup.people),
        tuple((name, count) for name, count in stopped if count),
        left,
        number,
        run.number[at] if place != NOBODY and pick_name(rule.pick) not in _UNNUMBERED else None,
        others_of(ranked(run, lot, lot.people & ~run.out[at]), run.person(at)),
        parts_of(run, lot, place),
        run.tied[at],
        shares_of(run, at, rule.pick) if isinstance(rule.pick, ToTeam) else {},
    )


_UNNUMBERED = ("sticky_owner", "pool", BY_RANK)
RANKED = (ByScore, ByRank, Optimal)
"""The picks by a number that people have, beside `best_skill`."""
WITH_PARTS = (ByScore, ByRank, WeightedTurns)
"""The picks by a number that is made of parts."""


def pick_name(pick: Pick) -> str:
    """The word of a pick."""
    match pick:
        case WeightedTurns():
            return "weighted_round_robin"
        case ByScore():
            return "score"
        case ByRank():
            return BY_RANK
        case ToTeam():
            return "team"
        case ToPool():
            return "pool"
        case Optimal():
            return "optimal"
    return pick


def ranked(run: Run, lot: Lot, able: int) -> tuple[tuple[str, float], ...]:
    """The first of those of a lot who were able to get a record, where a rule goes by a number of theirs, best first.

    That number does not change from record to record.
    """
    rule = run.assigning.rules[lot.kind.rule]
    found = []
    for one in (one for one in lot.passed if able >> one.at & 1):
        if rule.pick == "best_skill" or isinstance(rule.pick, Optimal):
            found.append((float(one.values[0]), one.at))
        elif isinstance(rule.pick, ByScore):
            found.append((-score_of(rule, one.values), one.at))
    people = run.panel.lineup.people
    if isinstance(rule.pick, ByRank):
        known = ((one.values[0], one.at) for one in lot.passed if able >> one.at & 1 and one.values[0] is not None)
        best = sorted(known, key=lambda each: (rank_of(rule, each[0]), -each[1]), reverse=True)
        return tuple((people[place].id, float(result)) for result, place in best[: _SHOWN + 1])
    return tuple((people[place].id, abs(number)) for number, place in sorted(found)[: _SHOWN + 1])


def others_of(ranks: Sequence[tuple[str, float]], person: str | None) -> tuple[tuple[str, float], ...]:
    """Some of those who could have got it, beside who did."""
    return tuple(pair for pair in ranks if pair[0] != person)[:_SHOWN]


def parts_of(run: Run, lot: Lot, place: int) -> dict[str, Any]:
    """The parts of a score, the weight, or the result, of who got it."""
    rule = run.assigning.rules[lot.kind.rule]
    one = next((one for one in lot.passed if one.at == place), None)
    if one is None or not isinstance(rule.pick, WITH_PARTS):
        return {}
    if isinstance(rule.pick, ByRank):
        (result,) = one.values
        return {str(rule.pick.rank.kpi): plain(result)} if result is not None else {}
    return dict(zip(rule.values, map(plain, one.values), strict=True))


def shares_of(run: Run, at: int, pick: ToTeam) -> dict[str, str]:
    """What each of a team has of a record."""
    people = [run.panel.lineup.people[place].id for place in run.teams.get(at, ())]
    return dict(zip(people, map(str, pick.team.values()), strict=True)) if people else {}


def plain(value: Any) -> Any:
    """A value as JSON has it; exact numbers and days stay as they are written."""
    return str(value) if isinstance(value, Decimal | date) else value


def read_choice(decision: Decision, shared: Mapping[str, Any]) -> Choice:
    """The reasons of a decision, out of what is kept of it and what all records of its run share."""
    own = decision.detail
    if "considered" in own:
        return _whole_choice(own)
    number = own["kind"]
    kind, said = shared["kinds"][number], shared["said"][own["said"]]
    if not kind["rule"]:
        return Choice("", "", 0, (), 0, number)
    considered = len(shared["people"])
    stopped = [(name, int(people, 16).bit_count()) for name, people in kind["stopped"]]
    stopped += [(OPEN, own["full"]), (PER_DAY, own["busy"])]
    numbered = decision.person is not None and kind["pick"] not in _UNNUMBERED
    return Choice(
        kind["rule"],
        kind["pick"],
        considered,
        tuple((name, count) for name, count in stopped if count),
        considered - sum(count for _, count in stopped),
        number,
        own["number"] if numbered else None,
        tuple((id, each) for id, each in said.get("others", ())),
        said.get("parts", {}),
        own["tied"],
        said.get("shares", {}),
    )


def _whole_choice(detail: Mapping[str, Any]) -> Choice:
    """The reasons as decisions had them when each had all of its own."""
    pairs = {name: tuple((a, b) for a, b in detail.get(name, ())) for name in ("stopped", "others")}
    rest = {name: detail[name] for name in ("left", "number", "parts", "tied", "shares") if name in detail}
    texts = {name: str(detail.get(name, "")) for name in ("rule", "pick")}
    numbers = {name: int(detail.get(name, 0)) for name in ("considered", "kind")}
    return Choice(**{"left": 0, **texts, **numbers, **pairs, **rest})


def shared(run: Run, snapshot: Snapshot) -> dict[str, Any]:
    """What all records of a run share: everyone with what rules read of them, and of each kind who was stopped where.

    A set of people is a number in hexadecimal whose bit `i` stands for the `i`th of `people`.
    """
    readers = _readers(run, snapshot)
    return {
        "day": run.day.isoformat(),
        "people": [one.id for one in run.panel.lineup.people],
        "own": list(_own(run)),
        "load": [load - given for load, given in zip(run.load, run.given, strict=True)],
        "today": list(run.today),
        "columns": [leaf_name(leaf) for leaf, _ in run.panel.columns],
        "kinds": [_kind(run, number, readers) for number in range(len(run.arrivals.kinds))],
        "turns": {"ahead": run.turns.ahead, "last": run.turns.last, "given": run.turns.given},
        "errors": run.errors,
        **({"results": kept_results(run.results)} if run.results else {}),
    }


def _own(run: Run) -> Iterator[dict[str, Any]]:
    for one in run.panel.lineup.people:
        posts = [[hat.post.role, {k: v for k, v in hat.post.scope.items() if v is not None}] for hat in one.hats]
        yield {"posts": posts, "values": {name: plain(value) for name, value in one.values.items()}}


def _readers(run: Run, snapshot: Snapshot) -> list[Callable[[Any], Any]]:
    """How each column of a record is kept: a place in a tree as what lies there, the end of a subtree not at all."""
    fields, found = snapshot.program.meanings.vocabulary.fields, list[Callable[[Any], Any]]()
    for leaf, _ in run.panel.columns:
        kind = Kind("ref", run.assigning.entity)
        for step in leaf.path:
            kind = fields[kind.of][step]
        if leaf.part == "lft":
            places = snapshot.organisation.trees[kind.of].on(run.day)
            found.append({lft: id for id, (lft, rgt, _) in places.items() if rgt is not None}.get)
        else:
            found.append(plain if leaf.part == "value" else _nothing)
    return found


def _nothing(_: Any) -> None:
    return None


def _kind(run: Run, number: int, readers: Sequence[Callable[[Any], Any]]) -> dict[str, Any]:
    kind, lot = run.arrivals.kinds[number], run.lots.get(number)
    if lot is None:
        return {"rule": ""}
    ready, before, stopped = run.panel.rules[kind.rule], (1 << len(run.panel.lineup.people)) - 1, []
    for check, posts in Lots(run.panel, run.day).steps(ready, kind.record):
        left = people_of(posts)
        if before & ~left:
            stopped.append([check.name, f"{before & ~left:x}"])
        before = left
    rooms = (
        {str(one.at): [one.room.open, one.room.per_day] for one in lot.passed}
        if run.panel.open or run.panel.per_day
        else {}
    )
    return {
        "rule": ready.rule.id,
        "pick": pick_name(ready.rule.pick),
        "record": [read(value) for read, value in zip(readers, kind.record, strict=True)],
        "stopped": stopped,
        "rooms": rooms,
    }
