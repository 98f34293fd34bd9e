"""A Run to the Batch that is kept of it: an event and a decision for each record that changed hands, by columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from salesrules.access.snapshot import Snapshot
from salesrules.pack.pick import Pick, ToTeam
from salesrules.store import Batch, as_json
from salesrules.work.assign.arrivals import UNRULED
from salesrules.work.assign.choice import RANKED, WITH_PARTS, others_of, parts_of, ranked, shared, shares_of
from salesrules.work.assign.logged import ASSIGNED, SYSTEM, packed, run_name
from salesrules.work.assign.run import NOBODY, Run

Waits = Callable[[Sequence[str]], Mapping[str, tuple[str | None, str]]]
"""Keys to the pool and the rule of the last decision about each, where there is one."""


def kept(run: Run, snapshot: Snapshot, at: datetime, release: str, waits: Waits) -> Batch | None:
    """What is written of a run; None if there is nothing.

    Records that go on waiting in the pool where they are, for the same reasons, are not written again.
    """
    chosen, kind = np.asarray(run.chosen, dtype=np.int64), np.asarray(run.arrivals.kind, dtype=np.int64)
    nobody, kinds = chosen == NOBODY, run.arrivals.kinds
    rules = _texts([run.assigning.rules[one.rule].id if one.rule != UNRULED else "" for one in kinds])[kind]
    pools = [run.pool_of(one.rule) for one in kinds]
    given = [as_json({run.assigning.sets: id}) for id in run.people]
    waiting = _texts([as_json({"pool": pool}) for pool in pools])
    codes, said = _said(run, chosen, kind)
    columns: dict[str, Any] = {
        "key": _texts(run.arrivals.keys),
        "rule": rules,
        "person": _texts([*run.people, None])[chosen],  # nobody is the last
        "pool": np.where(nobody, _texts(pools)[kind], None),
        "values": np.where(nobody, waiting[kind], _texts([*given, None])[chosen]),
        "kind": kind,
        "full": np.asarray(run.full),
        "busy": np.asarray(run.busy),
        "number": np.where(nobody, 0.0, np.asarray(run.number)),
        "tied": np.asarray(run.tied),
        "said": codes,
    }
    new = _changed(columns, nobody, waits)
    if not new.all():
        columns = {name: column[new] for name, column in columns.items()}
    if not len(columns["key"]):
        return None
    common = {"packed": packed({**shared(run, snapshot), "said": said})}
    own = run_name(run, at), at, run.assigning.entity, run.assigning.id, ASSIGNED, SYSTEM, release, run.seed
    return Batch(*own, columns, common)


def _texts(texts: Iterable[str | None]) -> Any:
    return np.array([*texts], dtype=object)


def _changed(columns: Mapping[str, Any], nobody: Any, waits: Waits) -> Any:
    """Which of the records do not just go on waiting."""
    new = np.ones(len(nobody), dtype=bool)
    places = np.flatnonzero(nobody)
    if len(places):
        last = waits(columns["key"][places].tolist())
        for place in places.tolist():
            new[place] = last.get(columns["key"][place]) != (columns["pool"][place], columns["rule"][place])
    return new


def _said(run: Run, chosen: Any, kind: Any) -> tuple[Any, list[dict[str, Any]]]:
    """Who else could have got a record, the parts of its number and the shares of a team: each once, with its number.

    Returns: the number for each record, and what the numbers stand for; 0 stands for nothing.
    """
    told, codes = _Told(), np.zeros(len(chosen), dtype=np.int64)
    picks = [run.assigning.rules[one.rule].pick if one.rule != UNRULED else None for one in run.arrivals.kinds]
    people, lots = len(run.people), run.lots
    weighed = [isinstance(pick, WITH_PARTS) and not _ranks(pick) for pick in picks]
    places = np.flatnonzero(np.array(weighed, dtype=bool)[kind] & (chosen != NOBODY))
    ways, way = np.unique(kind[places] * people + chosen[places], return_inverse=True)
    each = [told.number({"parts": parts_of(run, lots[way // people], way % people)}) for way in ways.tolist()]
    codes[places] = np.array(each, dtype=np.int64)[way]
    known: dict[tuple[int, int, int], int] = {}
    for at in np.flatnonzero(np.array([_ranks(pick) for pick in picks], dtype=bool)[kind]).tolist():
        lot, place = lots[kind[at]], run.chosen[at]
        able = lot.people & ~run.out[at]
        key = id(lot.passed), able, place
        if key not in known:
            others = others_of(told.ranks(run, kind[at], able), run.person(at))
            known[key] = told.number({"others": others, "parts": parts_of(run, lot, place)})
        codes[at] = known[key]
    for at in run.teams:
        pick = picks[kind[at]]
        assert isinstance(pick, ToTeam)
        codes[at] = told.number({"shares": shares_of(run, at, pick)})
    return codes, told.all


def _ranks(pick: Pick | None) -> bool:
    return pick == "best_skill" or isinstance(pick, RANKED)


class _Told:
    """What was said, each once."""

    def __init__(self) -> None:
        self.all: list[dict[str, Any]] = [{}]
        self._numbers = {as_json({}): 0}
        self._ranks: dict[tuple[int, int], Any] = {}

    def number(self, said: Mapping[str, Any]) -> int:
        """The number of what is said, without what says nothing."""
        said = {name: value for name, value in said.items() if value}
        text = as_json(said)
        if text not in self._numbers:
            self._numbers[text] = len(self.all)
            self.all.append(said)
        return self._numbers[text]

    def ranks(self, run: Run, kind: int, able: int) -> Any:
        """Those of a lot who were able to get a record, best first."""
        lot = run.lots[kind]
        key = id(lot.passed), able
        if key not in self._ranks:
            self._ranks[key] = ranked(run, lot, able)
        return self._ranks[key]
