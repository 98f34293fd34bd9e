"""What the log has of delegations to who acts in whose place on a day: never more than who lends may now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import permutations

from salesrules.access.lent import Lent
from salesrules.access.snapshot import Principal, Snapshot
from salesrules.meaning import PERSON as PEOPLE
from salesrules.pack.followed import OWNER
from salesrules.pack.policies import LENDABLE
from salesrules.pack.separation import Delegation, Separation
from salesrules.work.asker import Asker
from salesrules.work.gates import right_about
from salesrules.work.kinds import BEGINS, DELEGATED, ENTITIES, ONLY, PERSON, UNTIL
from salesrules.work.present import at_work
from salesrules.work.signing import APPROVE, Signature, signatures
from salesrules.work.state import EVENTS, States


@dataclass(frozen=True, slots=True)
class StandIn:
    """That somebody acts in the place of another on the days in `[begins, until)`, by a rule of the pack.

    `entities` are those of the records, all where none is named; `actions` what was lent, whatever the rule lends now.
    """

    giver: str
    taker: str
    rule: str
    begins: date
    until: date
    entities: tuple[str, ...] = ()
    actions: tuple[str, ...] = (APPROVE,)

    def on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.begins <= day < self.until


def stand_ins(states: States) -> list[StandIn]:
    """What was said last of each two people, in the order in which it was said, whether it is over or not."""
    found: dict[tuple[str, str], StandIn] = {}
    sql = f"SELECT key, \"values\", rule FROM {EVENTS} WHERE kind = '{DELEGATED}' AND entity = '{PEOPLE}' ORDER BY seq"
    for giver, text, rule in states.engine.rows(sql):
        said = json.loads(text)
        days = date.fromisoformat(said[BEGINS]), date.fromisoformat(said[UNTIL])
        entities = tuple(json.loads(said[ENTITIES]))
        actions = tuple(json.loads(said[ONLY])) if ONLY in said else (APPROVE,)
        found.pop((giver, said[PERSON]), None)
        found[giver, said[PERSON]] = StandIn(giver, said[PERSON], rule, *days, entities, actions)
    return list(found.values())


def lenders(asker: Asker) -> Iterator[tuple[StandIn, Principal]]:
    """In whose place a person acts today, each as that one with what is lent and nothing else.

    Who has no such post any more, or is not at work, lends nothing; what is lent to somebody is not lent on. Of powers
    that nobody may have at once, a person's own count first, then what was lent first.
    """
    snapshot, taker = asker.snapshot, asker.principal
    before: list[Principal] = []
    for one in stand_ins(asker.states) if taker.lent is None else ():
        rule = snapshot.program.pack.delegation.get(one.rule)
        if one.taker != taker.id or not one.on(taker.day) or rule is None:
            continue
        giver = lends_now(snapshot, one, taker, taker.day)
        if giver is not None and kept_apart(snapshot, rule, giver, taker, before) is None:
            before.append(giver)
            yield one, giver


def in_place_of(asker: Asker, giver: str, today: date) -> tuple[StandIn, Principal] | None:
    """The one in whose place a person acts, with what is lent and nothing else; None where nobody lends that today.

    It takes today and the day that is asked about: what is over is not lent for days that are past.
    """
    now = at_work(asker.snapshot, asker.principal.id, today) if asker.principal.lent is None else None
    if now is None or all(one.giver != giver for one, _ in lenders(asker.as_(now))):
        return None
    return next(((one, lender) for one, lender in lenders(asker) if one.giver == giver), None)


def lends_now(snapshot: Snapshot, one: StandIn, taker: Principal, day: date) -> Principal | None:
    """Who lends, with what is lent on a day; None where nothing is."""
    rule, giver = snapshot.program.pack.delegation.get(one.rule), at_work(snapshot, one.giver, day)
    if rule is None or giver is None:
        return None
    return lent(rule, giver, taker, one.actions, one.entities)


def lends(rule: Delegation) -> tuple[str, ...]:
    """The actions that a rule lends."""
    return tuple(action for action in LENDABLE if action in rule.what and action not in rule.never)


def lent(
    rule: Delegation, giver: Principal, taker: Principal, only: Sequence[str], entities: Sequence[str] = ()
) -> Principal | None:
    """Who lends by a rule, with the posts and actions that it lends to the other; None where it lends nothing.

    Args: only: the actions that are meant; entities: those of the records, all where none is named.
    """
    hats = tuple(hat for hat in giver.hats if hat.post.role in rule.from_)
    takes = not rule.to or not taker.roles.isdisjoint(map(str, rule.to))
    actions = frozenset(lends(rule)) & frozenset(only)
    if not hats or not takes or not actions:
        return None
    barring = tuple(hat for hat in giver.hats if hat not in hats)
    return replace(giver, hats=hats, barring=barring, lent=Lent(taker.id, actions, tuple(entities)))


def kept_apart(
    snapshot: Snapshot, rule: Delegation, giver: Principal, taker: Principal, others: Sequence[Principal]
) -> Separation | None:
    """What forbids that a person stands in: two powers that nobody may have at once, of which one would be lent.

    Args: giver: with what is lent; others: who lends to the same person besides, in the same way.
    """
    for separation in snapshot.program.pack.separation.values():
        if rule.unless is None and "delegation" not in separation.also_through:
            continue
        powers = [power.partition(" ")[::2] for power in separation.never_both]
        for lent_, other in permutations(powers, 2):
            if _has(snapshot, giver, *lent_) and any(_has(snapshot, each, *other) for each in (taker, giver, *others)):
                return separation
    return None


def _has(snapshot: Snapshot, person: Principal, action: str, object_: str) -> bool:
    """Whether some grant gives a person a power over anything of its object, so far as it is lent where it is."""
    entity = snapshot.program.pack.entities.get(object_)
    if entity is None:  # nothing is done there in the place of another yet, and no such power is brought near either
        meant = person.lent is None or action in person.lent.actions
        return meant and snapshot.opens(replace(person, lent=None), object_, action)
    categories = {"*", *(field.category for field in entity.fields.values())}
    actions = (action, "read") if action == "aggregate" else (action,)  # reading gives aggregating
    return any(snapshot.cell(person, object_, each, category).allows for each in actions for category in categories)


def lent_signatures(asker: Asker, of: tuple[str, str] | None = None) -> list[tuple[StandIn, Signature]]:
    """Every approval that a person can give in the place of another, of records that the person does not own.

    It is worked out as the giver: to sign takes to know the record, and who signs is shown no more than its key.
    Args: of: the entity and the key of the only record that it is asked about.
    """
    found = []
    for one, lender in lenders(asker):
        could = signatures(asker.as_(replace(lender, lent=None)), of) if APPROVE in one.actions else []
        given = [each for each in could if lender.covers(APPROVE, each.entity)]
        own = {entity: owned(asker, entity) for entity in {each.entity for each in given}}
        found += [(one, each) for each in given if each.key not in own[each.entity]]
    return found


def owned(asker: Asker, entity: str) -> frozenset[str]:
    """The records of an entity that whoever acts has: nobody does anything to those in the place of another."""
    query = asker.query(entity)
    where = f"{right_about(query, asker.states.watched[entity], OWNER)} = $person"
    sql = f"SELECT {query.column(())} FROM {query.source} WHERE {where}"
    rows = asker.states.engine.rows(sql, {**query.values, "person": asker.principal.actor})
    return frozenset(key for (key,) in rows)
