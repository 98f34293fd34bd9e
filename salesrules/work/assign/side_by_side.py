"""A decision and the one who could have got the record as well to what both stood at when it was taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from salesrules.store import Decision, Store, Wanted
from salesrules.work.assign.logged import shared_of
from salesrules.work.assign.past import turns_before
from salesrules.work.assign.recalled import OUTRUN, Recalled, Stood
from salesrules.work.assign.turns import ORGANISATION


def side_by_side(
    store: Store, found: Recalled, shared: Mapping[str, Any], got: Callable[[str], int], first: int | None = None
) -> Recalled:
    """The same, with what both stood at where somebody else came first.

    Args: shared: what the records of its run share. got: how many of them a person got before this one. first: where
        the run begins in the log; None if it was not kept.
    """
    person, chosen = found.person, found.decision.person
    if person is None or person.check != OUTRUN or chosen is None:
        return found
    people, scope = shared["people"], _scope(found, shared)
    turns = turns_before(store, found.decision.assignment, first)
    last = _last(store, found.decision, (chosen, person.id))
    stood = []
    for id in (chosen, person.id):
        before = got(id)
        ahead = turns.ahead.get(scope, {}).get(id, 0.0) if scope is not None else None
        stood.append(Stood(id, shared["load"][people.index(id)] + before, before, ahead, last.get(id)))
    return replace(found, stood=tuple(stood))


def _scope(found: Recalled, shared: Mapping[str, Any]) -> str | None:
    """In which scope the rule took turns; None for one that takes none."""
    if found.choice.pick not in ("round_robin", "weighted_round_robin"):
        return None
    assignment = found.decision.assignment
    names = (f"{assignment}/{found.choice.rule}", assignment, ORGANISATION)
    return next((name for name in names if name in shared["errors"]), None)


def _last(store: Store, decision: Decision, people: Iterable[str]) -> dict[str, datetime]:
    """When people last got a record of the assignment before a decision, alone or in a team."""
    wanted = Wanted(entity=decision.entity, before=decision.seq or None, given=True)
    runs: dict[str, list[tuple[str, int]]] = {}
    for assignment, run, person, said in store.decision_counts(("assignment", "run", "person", "said"), wanted):
        if assignment == decision.assignment:
            runs.setdefault(run, []).append((person, said or 0))
    missing, found = {*people}, dict[str, datetime]()
    for run in sorted(runs, reverse=True):  # what they are called ends with the moment
        if not missing:
            break
        for id in missing & {*_got(store, run, runs[run])}:
            header = store.header(run=run)
            assert header is not None
            found[id] = header.at
            missing.discard(id)
    return found


def _got(store: Store, run: str, given: Iterable[tuple[str, int]]) -> Iterator[str]:
    """Everyone who got something of a run or had a part in it."""
    given = [*given]
    yield from (person for person, _ in given)
    if any(said for _, said in given) and (header := store.header(run=run)) is not None:
        texts = shared_of(header).get("said", [])
        yield from (id for _, said in given if said < len(texts) for id in texts[said].get("shares", {}))
