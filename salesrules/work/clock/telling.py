"""A clock and who asks to what may be told of it: that it has struck for a record, and for whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from salesrules.access.snapshot import Principal, Snapshot
from salesrules.expr.kinds import Kind
from salesrules.expr.sql import literal
from salesrules.expr.typed import Leaf, Typed
from salesrules.meaning import PERSON
from salesrules.meaning.reads import reads_of
from salesrules.pack.followed import OWNER
from salesrules.run.knowable import beyond_one_record, known_on
from salesrules.run.query import Query
from salesrules.work.clock.clocks import Clock
from salesrules.work.gates import known_to, right_about
from salesrules.work.passages import ADVANCE
from salesrules.work.watched import Watched


def told_for(query: Query, snapshot: Snapshot, asker: Principal, watched: Watched, clock: Clock, mine: bool) -> str:
    """A condition: the asker may be told that a clock has struck for a record; with `mine` that it is for the asker.

    That it has tells in which stage the record is and what the conditions of the clock say. Whom it is for is told, and
    who may advance the record, who learns its conditions anyway; all others where they may know each cell behind it.
    """
    own = is_own(query, asker, watched, clock)
    if not mine:
        cells = known(query, snapshot, asker, clock.entity, _hangs_on(snapshot, watched, clock))
        advances = query.allowed(ADVANCE, (), clock.entity, "*") if clock.process is not None else "FALSE"
        own = f"{own} OR {advances} OR {cells}"
    return f"({known_to(query, snapshot, clock.entity)}) AND ({own})"


def person_told(query: Query, snapshot: Snapshot, asker: Principal, watched: Watched, clock: Clock, raw: str) -> str:
    """Somebody whom a clock is about, `raw` as SQL, where the asker may know who that is, or is it; else null."""
    of = [clock.who] if clock.who is not None else fields_of(snapshot, clock.entity, OWNER)
    may_know = known(query, snapshot, asker, clock.entity, of)
    return f"CASE WHEN {is_own(query, asker, watched, clock)} OR {may_know} THEN {raw} END"


def person_of(query: Query, watched: Watched, clock: Clock) -> str:
    """Whom a clock is about: who it says, else the owner."""
    return query.expression(clock.who) if clock.who is not None else right_about(query, watched, OWNER)


def is_own(query: Query, asker: Principal, watched: Watched, clock: Clock) -> str:
    """Whether a clock is about the asker."""
    return f"CAST({person_of(query, watched, clock)} AS VARCHAR) = {literal(asker.id)}"


def _hangs_on(snapshot: Snapshot, watched: Watched, clock: Clock) -> Iterator[Typed]:
    """What must be so for a clock to run for a record."""
    trees = snapshot.program.meanings.conditions
    if clock.process is not None:
        yield from fields_of(snapshot, clock.entity, watched.stages[clock.process.id])
    if clock.process is None or clock.do == "recycle":
        yield from fields_of(snapshot, clock.entity, OWNER)
    for written in (clock.when, clock.process.when if clock.process is not None else None):
        if written is not None:
            yield trees[written]
    yield from (tree for tree in (clock.idle, clock.on) if tree is not None)


def fields_of(snapshot: Snapshot, entity: str, name: str) -> list[Typed]:
    """A field of the record, if its entity has it."""
    fields = snapshot.program.pack.entities[entity].fields
    return [Leaf(Kind("ref", PERSON), "row", (name,))] if name in fields else []


def known(query: Query, snapshot: Snapshot, asker: Principal, entity: str, trees: Iterable[Typed]) -> str:
    """Whether the asker may know all that these read; what hangs on records beside is not told."""
    used = list(trees)
    if any(beyond_one_record(snapshot, asker, tree) for tree in used):
        return "FALSE"
    return f"({known_on(query, reads_of(snapshot.program.pack, entity, *used))})"
