"""What runs gave out to what the rules of now would have made of the same arrivals; nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from salesrules.access.snapshot import Snapshot
from salesrules.engines.duckdb import DuckDB
from salesrules.expr.kinds import BOOLEAN
from salesrules.expr.typed import Constant
from salesrules.meaning.assignments import Assigning
from salesrules.store import Decision, Store, Wanted
from salesrules.work.assign.arrivals import UNRULED
from salesrules.work.assign.fairness import able_in
from salesrules.work.assign.logged import shared_of
from salesrules.work.assign.past import before_again, helped
from salesrules.work.assign.run import Before, Run, assign
from salesrules.work.assign.turns import Turns


@dataclass(frozen=True, slots=True)
class Fate:
    """Who got a record, None for nobody, by which rule; `""` where none took it."""

    person: str | None
    rule: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """One arrival of a record: what became of it then, and what becomes of it by the rules of now."""

    key: str
    then: Fate
    now: Fate


@dataclass(frozen=True, slots=True)
class Replay:
    """What runs gave out, and what the rules of now would have.

    `gone` counts arrivals of records that are not there any more: nobody knows what rules would make of those. `given`
    and `load` are by person what was got over all runs, and what was in hand after the last of them, each as it was
    and as it would have been; of all who could have got some.
    """

    runs: int
    gone: int
    arrivals: tuple[Replayed, ...]
    given: tuple[Mapping[str, int], Mapping[str, int]]
    load: tuple[Mapping[str, int], Mapping[str, int]]

    @property
    def moved(self) -> list[Replayed]:
        """What would have gone to somebody else."""
        return [one for one in self.arrivals if one.then.person != one.now.person]


def replay(
    store: Store, engine: DuckDB, snapshot: Snapshot, assigning: Assigning, headers: Iterable[Decision]
) -> Replay:
    """Take runs again, one after the other, by the rules, people and records of now.

    Each has its day and its seed; turns, and what people have in hand and got that day, go on from what the run before
    it would have made of them. What was finished or given back since counts as it did then.
    Args: headers: what the records of each run share, in order.
    """
    free, course, queue = replace(assigning, when=Constant(BOOLEAN, True)), _Course(), _Queue()
    runs, gone, arrivals = 0, 0, list[Replayed]()
    for header in headers:
        common, went = shared_of(header), _went(store, header)
        before, day = course.before(store, header, common), date.fromisoformat(common["day"])
        run = assign(engine, snapshot, free, day, header.seed, before, queue.arrivals(went))
        now = {key: Fate(run.person(at), _rule(run, at)) for at, key in enumerate(run.arrivals.keys)}
        gone += sum(key not in now and key not in queue.early for key in went)
        arrivals += queue.after(went, now)
        got = Counter(fate.person for fate in went.values() if fate.person is not None)
        course.take(run, got + helped(store, Wanted(run=header.run, given=True)), common)
        runs += 1
    return Replay(runs, gone, (*arrivals, *queue.left()), course.counted(course.given), course.counted(course.load))


class _Course:
    """What would have gone before each run, had those before it gone by the rules of now."""

    def __init__(self) -> None:
        self.given = (Counter[str](), Counter[str]())  # over all runs, then and now
        self.load = (Counter[str](), Counter[str]())  # after the last run
        self._able: set[str] = set()
        self._turns: Turns | None = None
        self._more, self._today = Counter[str](), Counter[str]()  # than people had then, and than they got that day
        self._day = ""

    def before(self, store: Store, header: Decision, common: Mapping[str, Any]) -> Before:
        """What would have gone before a run."""
        then = before_again(store, header, common)
        if self._day != common["day"]:
            self._day, self._today = common["day"], Counter()
        today, held = _plus(then.today, self._today), _plus(then.held or {}, self._more)
        return replace(then, turns=self._turns or then.turns, today=today, held=held)

    def take(self, run: Run, got: Counter[str], common: Mapping[str, Any]) -> None:
        """Go on after a run. Args: got: what people got in it then."""
        would = Counter(dict(zip(run.people, run.given, strict=True)))
        for counted in (self._more, self._today):
            counted.update(would)
            counted.subtract(got)
        self._turns = run.turns
        self._able |= able_in(run) | set(got)
        held = Counter(dict(zip(common["people"], common["load"], strict=True)))
        self.load = held + got, Counter(dict(zip(run.people, run.load, strict=True)))
        for counted, more in zip(self.given, (got, would), strict=True):
            counted.update(more)

    def counted(self, of: tuple[Counter[str], Counter[str]]) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """The same of everyone who got or could have got something."""
        then, now = ({person: each[person] for person in sorted(self._able)} for each in of)
        return then, now


def _went(store: Store, header: Decision) -> dict[str, Fate]:
    """What became of each record of a run."""
    columns = store.decision_columns(("key", "person", "rule"), Wanted(run=header.run))
    fates = map(Fate, columns["person"], columns["rule"])
    return dict(zip(columns["key"], fates, strict=True))


def _rule(run: Run, at: int) -> str:
    number = run.arrivals.kinds[run.arrivals.kind[at]].rule
    return run.assigning.rules[number].id if number != UNRULED else ""


def _plus(then: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """What people had then, and what they would have had more or less by now; nobody has less than nothing."""
    return {person: max(0, then.get(person, 0) + more.get(person, 0)) for person in {*then, *more}}


class _Queue:
    """Which records wait when a run is taken again: one that waited then can have been given out by now.

    `early` are those that would have been given out already, `late` those that would still wait, `waits` those that
    wait then and now.
    """

    def __init__(self) -> None:
        self.early: dict[str, Fate] = {}
        self.late: dict[str, Fate] = {}
        self.waits: dict[str, Replayed] = {}

    def arrivals(self, went: Mapping[str, Fate]) -> list[str]:
        """The records that would wait when a run begins."""
        return [key for key in dict.fromkeys((*self.late, *went)) if key not in self.early]

    def after(self, went: Mapping[str, Fate], now: Mapping[str, Fate]) -> Iterator[Replayed]:
        """What is settled once a run is taken: each record that somebody got then and would have got by now."""
        for key in [key for key in self.late if key in went]:  # it came back then, and never went now
            yield Replayed(key, self.late.pop(key), Fate(None, now[key].rule if key in now else ""))
        for key in [key for key in self.late if key in now and now[key].person is not None]:
            yield Replayed(key, self.late.pop(key), now[key])
        for key, then in went.items():
            fate = self.early.get(key) or now.get(key)
            self.waits.pop(key, None)
            if fate is None:
                continue
            if then.person is not None and fate.person is not None:
                self.early.pop(key, None)
                yield Replayed(key, then, fate)
            elif then.person is not None:
                self.late[key] = then
            elif fate.person is not None:
                self.early[key] = fate
            else:
                self.waits[key] = Replayed(key, then, fate)

    def left(self) -> Iterator[Replayed]:
        """What was given out then and never now, what now and never then, and what waits either way."""
        yield from (Replayed(key, then, Fate(None, "")) for key, then in self.late.items())
        yield from (Replayed(key, Fate(None, ""), now) for key, now in self.early.items())
        yield from self.waits.values()


def by_rule(found: Sequence[Replayed]) -> dict[str, tuple[int, int]]:
    """How many records each rule gave out then, and would have now."""
    then = Counter(one.then.rule for one in found if one.then.person is not None)
    now = Counter(one.now.rule for one in found if one.now.person is not None)
    return {rule: (then[rule], now[rule]) for rule in dict.fromkeys((*then, *now))}
