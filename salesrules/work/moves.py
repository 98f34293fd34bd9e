"""A person, records and a stage to Passages and the events of those that may go; nobody goes around this."""

from __future__ import annotations

from collections.abc import Sequence

from salesrules.pack.stages import Process
from salesrules.run.records import no_such_record
from salesrules.store import Event
from salesrules.work.asker import Asker
from salesrules.work.gates import Standing, standings
from salesrules.work.kinds import ADVANCED, FROM, PROCESS
from salesrules.work.passage import Passage
from salesrules.work.passages import ADVANCE, passage
from salesrules.work.unmet import with_terms


def known_standings(asker: Asker, process: Process, keys: Sequence[str], rights: Sequence[str]) -> list[Standing]:
    """How records stand that the person may know of.

    Raises: AccessDenied, in the same words, for one that is not there and for one that may not be known.
    """
    found = {each.key: each for each in standings(asker, process, keys, rights)}
    for key in keys:
        if key not in found or not found[key].known:
            raise no_such_record(process.entity, key)
    return [found[key] for key in dict.fromkeys(keys)]


def advance(
    asker: Asker, process: Process, keys: Sequence[str], to: str, release: str
) -> tuple[tuple[Passage, ...], list[Event]]:
    """For each record whether it may go to a stage, and the event of each that may.

    Raises: AccessDenied for a record that is not there or may not be known.
    """
    field = asker.states.watched[process.entity].stages[process.id]
    proposed = field in asker.states.watched[process.entity].in_table
    passages, events = [], []
    for at in known_standings(asker, process, keys, [ADVANCE]):
        found = passage(process, at, to, proposed)
        passages.append(with_terms(asker, process, found))
        if not found.unmet:
            values = {field: to, FROM: at.stage, PROCESS: process.id}
            rule = f"{process.id}.{at.stage or to}"
            events.append(Event(asker.now, process.entity, at.key, ADVANCED, asker.principal.id, values, rule, release))
    return tuple(passages), events
