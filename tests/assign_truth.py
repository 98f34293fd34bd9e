"""Assignment in plain Python, record by record, person by person, rule by rule: slow, and nothing to misread."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Row = Mapping[str, Any]
Asked = Callable[[Row, Row, Row], Any]
"""A condition or number of a record, a person and one post of that person; None is unknown."""


@dataclass(frozen=True)
class Rule:
    id: str
    when: Callable[[Row], Any]
    candidates: tuple[Asked, ...]
    pick: str
    number: Asked | None = None


@dataclass(frozen=True)
class World:
    """People by id with their posts; who is away, who reads what; the loads before."""

    rules: tuple[Rule, ...]
    candidates: tuple[Asked, ...]
    open: Asked | None
    per_day: Asked | None
    people: Mapping[str, Row]
    posts: Mapping[str, Sequence[Row]]
    away: frozenset[str]
    reads: Asked
    records: Mapping[str, Row]
    load: Mapping[str, int]
    today: Mapping[str, int] = field(default_factory=dict)


def allocate(world: World, order: Sequence[str], seed: str) -> dict[str, str | None]:
    """Who gets each waiting record, as `{key: person or None}`, in the order of assignment.

    Args: order: everyone, in the order that breaks the last ties.
    """
    load = {id: world.load.get(id, 0) for id in order}
    new = {id: world.today.get(id, 0) for id in order}
    last = dict.fromkeys(order, 0)
    share: dict[tuple[str, str], Fraction] = {}
    count: dict[tuple[str, str], int] = {}
    given: dict[str, str | None] = {}
    for key in sorted(world.records, key=lambda k: (world.records[k]["age"], _draw(seed, k))):
        record = world.records[key]
        rule = next((rule for rule in world.rules if rule.when(record) is True), None)
        given[key] = None
        if rule is None or rule.pick == "pool":
            continue
        able: dict[str, Any] = {}
        for id in order:
            found = _able(world, rule, record, id, load[id], new[id])
            if found is not None:
                able[id] = found[0]
        if not able:
            continue
        turns = rule.pick in ("round_robin", "weighted")
        weights = {id: Fraction(able[id]) if rule.pick == "weighted" else Fraction(1) for id in able}
        for id in able if turns else ():
            share[rule.id, id] = share.get((rule.id, id), Fraction(0)) + weights[id] / sum(weights.values())
        person = _chosen(rule, able, record, load, share, count, weights, last, order)
        if person is None:
            continue
        given[key] = person
        load[person] += 1
        new[person] += 1
        last[person] = sum(1 for one in given.values() if one is not None)
        count[rule.id, person] = count.get((rule.id, person), 0) + 1
    return given


def _able(world: World, rule: Rule, record: Row, id: str, load: int, new: int) -> tuple[Any] | None:
    """The number of the pick under the post that leaves most room, None if no post will do or there is no room."""
    person, found = world.people[id], []
    if id in world.away or person["left"]:
        return None
    for post in world.posts[id]:
        open_ = world.open(record, person, post) if world.open else 1 << 60
        day = world.per_day(record, person, post) if world.per_day else 1 << 60
        number = rule.number(record, person, post) if rule.number else 0
        asked = (*world.candidates, *rule.candidates)
        if not all(ask(record, person, post) is True for ask in asked) or None in (open_, day, number):
            continue
        if rule.pick == "weighted" and number <= 0:
            continue
        found.append((open_, day, number))
    if not found or not any(world.reads(record, person, post) is True for post in world.posts[id]):
        return None
    open_, day, number = max(found)
    return (number,) if load < open_ and new < day else None


def _chosen(
    rule: Rule,
    able: Mapping[str, Any],
    record: Row,
    load: Mapping[str, int],
    share: Mapping[tuple[str, str], Fraction],
    count: Mapping[tuple[str, str], int],
    weights: Mapping[str, Fraction],
    last: Mapping[str, int],
    order: Sequence[str],
) -> str | None:
    def first(ranked: Mapping[str, Any]) -> str:
        return min(ranked, key=lambda id: (ranked[id], last[id], order.index(id)))

    match rule.pick:
        case "sticky_owner":
            return record["former"] if record["former"] in able else None
        case "least_loaded":
            return first({id: load[id] for id in able})
        case "best_skill":
            return first(able)
        case "score":
            return first({id: -able[id] for id in able})
    more = {id: count.get((rule.id, id), 0) - share[rule.id, id] for id in able}
    short = [
        id for id in able if more[id] < 0
    ] or able  # if nobody is short of the share, somebody gets it all the same
    return first({id: (more[id] + 1) / weights[id] for id in short})


def _draw(seed: str, key: str) -> str:
    return hashlib.md5((seed + key).encode()).hexdigest()
