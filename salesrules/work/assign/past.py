"""The log to what went before a run: whose turn it is, what was given out lately, and what people got that day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from salesrules.store import Decision, Store, Wanted
from salesrules.work.assign.kept import Waits
from salesrules.work.assign.logged import LAPSES, shared_of, unpacked
from salesrules.work.assign.results import read_results
from salesrules.work.assign.run import Before
from salesrules.work.assign.turns import ORGANISATION, Turns
from salesrules.work.clock.times import Times

_INSTANT = timedelta(microseconds=1)


def before(
    store: Store,
    entity: str,
    assignment: str,
    now: datetime,
    day: date,
    timezone: str,
    unshown: Callable[[Sequence[str]], Iterable[str]] | None = None,
) -> Before:
    """What went before a run.

    Args: unshown: those of some records whose table shows no owner; None where the state of records says what waits.
    """
    start, end = of_day(day, timezone)
    wanted = Wanted(entity=entity, since=start, until=end, given=True)
    today = Counter({person: count for (person,), count in store.decision_counts(("person",), wanted).items()})
    today += helped(store, wanted)
    waiting = _unshown(store, entity, now, unshown) if unshown is not None else {}
    return Before(turns_before(store, assignment), waiting, today=today)


def of_day(day: date, timezone: str) -> tuple[datetime, datetime]:
    """When a day begins and when it is over, in UTC; at the ends of time the first moment there is, or the last."""
    times = Times(timezone, lambda: None)
    over = times.begin(day + timedelta(1)) if day < date.max else times.end(day)
    return times.begin(day).replace(tzinfo=UTC), over.replace(tzinfo=UTC)


def _unshown(
    store: Store, entity: str, now: datetime, unshown: Callable[[Sequence[str]], Iterable[str]]
) -> dict[str, str]:
    """What runs gave out lately and tables do not show."""
    lately = Wanted(entity=entity, since=now - LAPSES + _INSTANT, given=True)
    columns = store.decision_columns(("key", "person"), lately)
    recent = dict(zip(columns["key"], columns["person"], strict=True))
    return {key: recent[key] for key in unshown([*recent])} if recent else {}


def helped(store: Store, wanted: Wanted) -> Counter[str]:
    """In how many records people had a part whom somebody else got: a team begins with who got it."""
    found, said = Counter[str](), dict[str, list[Any]]()
    for (run, number), count in store.decision_counts(("run", "said"), wanted).items():
        if number and run not in said:
            header = store.header(run=run)
            said[run] = shared_of(header)["said"] if header is not None else []
        shares = said[run][number].get("shares", {}) if number else {}
        found.update(dict.fromkeys([*shares][1:], count))
    return found


def before_again(store: Store, header: Decision, kept: Mapping[str, Any]) -> Before:
    """What went before a run that is run again: what its records share says what people had in hand then."""
    held, today = (dict(zip(kept["people"], kept[name], strict=True)) for name in ("load", "today"))
    turns = turns_before(store, header.assignment, header.seq)
    return Before(turns, today=today, held=held, results=read_results(kept.get("results", {})))


def turns_before(store: Store, assignment: str, first: int | None = None) -> Turns:
    """Whose turn it is: as the last run of the assignment left it, and in the organisation as any run did.

    Args: first: where in the log the run begins before which it is asked; None for now.
    """
    mine, any_ = store.header(assignment, first), store.header(None, first)
    own, latest = (unpacked(one.detail["packed"])["turns"] if one else {} for one in (mine, any_))
    ahead = {name: kept for name, kept in own.get("ahead", {}).items() if name != ORGANISATION}
    if ORGANISATION in latest.get("ahead", {}):
        ahead[ORGANISATION] = latest["ahead"][ORGANISATION]
    return Turns(ahead, own.get("last", {}), own.get("given", 0))


def waits_in(store: Store, entity: str) -> Waits:
    """How to find the pool and the rule of the last decision about records of an entity."""

    def found(keys: Sequence[str]) -> dict[str, tuple[str | None, str]]:
        columns = store.decision_columns(("key", "pool", "rule"), Wanted(entity=entity, keys=tuple(keys)))
        pairs = zip(columns["pool"], columns["rule"], strict=True)
        return dict(zip(columns["key"], pairs, strict=True))

    return found
