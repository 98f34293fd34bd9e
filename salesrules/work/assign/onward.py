"""What a rule of a handover gave to what went before the next one, so that both together keep to the limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace

from salesrules.work.assign.run import Before, Moving, Run
from salesrules.work.assign.turns import ORGANISATION

Befores = Mapping[str, Before]
"""What went before a run of each assignment, by its id."""


def decided_anew(before: Befores, entities: Mapping[str, str], entity: str, keys: Collection[str]) -> Befores:
    """The same without what waits for others to agree about these records of an entity: it is asked for again.

    Args: entities: that of each assignment.
    """
    again = frozenset(keys)

    def kept(one: Before) -> Before:
        moving = {key: way for key, way in one.moving.items() if way.old is not None or key not in again}
        return replace(one, moving=moving)

    return {id: kept(one) if entities[id] == entity else one for id, one in before.items()}


def went_on(
    before: Befores,
    entities: Mapping[str, str],
    entity: str,
    person: str,
    given: Mapping[str, str | None],
    active: Collection[str],
    run: Run | None,
) -> Befores:
    """What went before the next rule, after one gave away records of an entity that a person holds.

    Args: entities: that of each assignment. given: who gets which, None for a pool. active: those that count in hand.
        run: by which an assignment gave them; whoever takes turns in it has taken some.
    """
    moving = {key: Moving(person, to) for key, to in given.items() if key in active}
    today = Counter(to for to in given.values() if to is not None)

    def after(id: str, one: Before) -> Before:
        if entities[id] == entity:
            one = replace(one, moving={**one.moving, **moving}, today=Counter(one.today) + today)
        if run is not None and id == run.assigning.id:
            return replace(one, turns=run.turns)
        if run is not None and ORGANISATION in run.turns.ahead:
            ahead = {**one.turns.ahead, ORGANISATION: run.turns.ahead[ORGANISATION]}
            return replace(one, turns=replace(one.turns, ahead=ahead))
        return one

    return {id: after(id, one) for id, one in before.items()}
