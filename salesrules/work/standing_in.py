"""What the log has of delegations to who signs in whose place on a day: never more than who lends may now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import permutations

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.meaning import PERSON as PEOPLE
from salesrules.pack.followed import OWNER
from salesrules.pack.separation import Delegation, Separation
from salesrules.run.query import Query
from salesrules.work.gates import right_about
from salesrules.work.kinds import BEGINS, DELEGATED, ENTITIES, PERSON, UNTIL
from salesrules.work.present import at_work
from salesrules.work.signing import APPROVE, Signature, signatures
from salesrules.work.state import EVENTS, States


@dataclass(frozen=True, slots=True)
class StandIn:
    """That somebody signs in the place of another on the days in `[begins, until)`, by a rule of the pack.

    `entities` are those of the records; all where none is named.
    """

    giver: str
    taker: str
    rule: str
    begins: date
    until: date
    entities: tuple[str, ...] = ()

    def covers(self, entity: str) -> bool:
        """Whether it is about records of an entity."""
        return not self.entities or entity in self.entities


def stand_ins(states: States) -> list[StandIn]:
    """What was said last of each two people, in the order in which it was said, whether it is over or not."""
    found: dict[tuple[str, str], StandIn] = {}
    sql = f"SELECT key, \"values\", rule FROM {EVENTS} WHERE kind = '{DELEGATED}' AND entity = '{PEOPLE}' ORDER BY seq"
    for giver, text, rule in states.engine.rows(sql):
        said = json.loads(text)
        days = date.fromisoformat(said[BEGINS]), date.fromisoformat(said[UNTIL])
        found.pop((giver, said[PERSON]), None)
        found[giver, said[PERSON]] = StandIn(giver, said[PERSON], rule, *days, tuple(json.loads(said[ENTITIES])))
    return list(found.values())


def lenders(states: States, snapshot: Snapshot, taker: Principal) -> Iterator[tuple[StandIn, Principal]]:
    """In whose place a person signs today, each with the posts that are lent.

    Who has no such post any more, or is not at work, lends nothing; what is lent to somebody is not lent on. Of powers
    that nobody may have at once, a person's own count first, then what was lent first.
    """
    before: list[Principal] = []
    for one in stand_ins(states):
        rule = snapshot.program.pack.delegation.get(one.rule)
        if one.taker != taker.id or not one.begins <= taker.day < one.until or rule is None:
            continue
        giver = lends_now(snapshot, one, taker, taker.day)
        if giver is not None and kept_apart(snapshot, rule, giver, taker, before) is None:
            before.append(giver)
            yield one, giver


def lends_now(snapshot: Snapshot, one: StandIn, taker: Principal, day: date) -> Principal | None:
    """Who lends, with the posts that are lent on a day; None where nothing is."""
    rule, giver = snapshot.program.pack.delegation.get(one.rule), at_work(snapshot, one.giver, day)
    return lent(rule, giver, taker) if rule is not None and giver is not None else None


def lent(rule: Delegation, giver: Principal, taker: Principal) -> Principal | None:
    """Who lends by a rule, with only the posts that it lends; None where it lends nothing to the other."""
    hats = tuple(hat for hat in giver.hats if not hat.roles.isdisjoint(map(str, rule.from_)))
    takes = not rule.to or not taker.roles.isdisjoint(map(str, rule.to))
    lends = APPROVE in rule.what and APPROVE not in rule.never
    return replace(giver, hats=hats) if hats and takes and lends else None


def kept_apart(
    snapshot: Snapshot, rule: Delegation, giver: Principal, taker: Principal, others: Sequence[Principal]
) -> Separation | None:
    """What forbids that a person stands in: two powers that nobody may have at once, of which one would be lent.

    Args: giver: with the posts that are lent; others: who lends to the same person besides, in the same way.
    """
    for separation in snapshot.program.pack.separation.values():
        if rule.unless is None and "delegation" not in separation.also_through:
            continue
        powers = [power.partition(" ")[::2] for power in separation.never_both]
        for (action, object_), (other, another) in permutations(powers, 2):
            held = [taker, *(others if other == APPROVE else ())]
            both = action == APPROVE and _has(snapshot, giver, action, object_)
            if both and any(_has(snapshot, each, other, another) for each in held):
                return separation
    return None


def _has(snapshot: Snapshot, person: Principal, action: str, object_: str) -> bool:
    """Whether some grant gives a person a power over anything of its object."""
    entity = snapshot.program.pack.entities.get(object_)
    if entity is None:
        return snapshot.opens(person, object_, action)
    categories = {"*", *(field.category for field in entity.fields.values())}
    return any(snapshot.cell(person, object_, action, category).allows for category in categories)


def lent_signatures(
    states: States, snapshot: Snapshot, taker: Principal, now: datetime, of: tuple[str, str] | None = None
) -> list[tuple[StandIn, Signature]]:
    """Every approval that a person can give in the place of another, of records that the person does not own.

    Args: of: the entity and the key of the only record that it is asked about.
    """
    found = []
    for one, giver in lenders(states, snapshot, taker):
        given = [each for each in signatures(states, snapshot, giver, now, of) if one.covers(each.entity)]
        own = {entity: owned(states, snapshot, taker, entity) for entity in {each.entity for each in given}}
        found += [(one, each) for each in given if each.key not in own[each.entity]]
    return found


def owned(states: States, snapshot: Snapshot, person: Principal, entity: str) -> frozenset[str]:
    """The records of an entity that a person has: nobody signs those in the place of another."""
    query = Query(snapshot, person, entity, states.engine.dialect)
    where = f"{right_about(query, states.watched[entity], OWNER)} = $person"
    rows = states.engine.rows(
        f"SELECT {query.column(())} FROM {query.source} WHERE {where}", {**query.values, "person": person.id}
    )
    return frozenset(key for (key,) in rows)
